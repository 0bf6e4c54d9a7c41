"""The doorbell's message is the one kombu and Celery would write, and its failures harm nobody."""

import json

import fakeredis
import pytest
import redis
from celery import Celery
from kombu import Queue
from kombu.transport.virtual.base import Message

from shared import broker, config, task_messages
from shared.broker import Doorbell, Nudge
from shared.rules import lanes
from tests.factories.bells import waiting_by_lane


def celerys_own_message(nudge):
    """What Celery's publisher puts into the same list, read back from an in-memory transport."""
    app = Celery(broker="memory://")
    app.conf.task_queues = [Queue(nudge.lane)]
    app.conf.task_serializer = "json"
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        app.send_task(
            task_messages.PROCESS,
            args=(list(nudge.row_ids),),
            queue=nudge.lane,
            connection=connection,
            priority=lanes.MESSAGE_PRIORITY[nudge.urgency],
            ignore_result=True,
        )
        return channel._get(nudge.lane)


@pytest.mark.filterwarnings("default")
def test_the_message_has_every_part_that_celerys_own_has():
    nudge = Nudge((12, 13), "crisis", lanes.ACCESS_CRITICAL)
    ours = json.loads(broker.message(nudge)[1])
    theirs = celerys_own_message(nudge)
    optional = {"eta", "expires", "group_index", "shadow", "stamped_headers", "stamps", "replaced_task_nesting"}
    assert set(theirs["headers"]) - set(ours["headers"]) <= optional
    assert set(theirs["properties"]) == set(ours["properties"])
    for part in ("content-type", "content-encoding"):
        assert ours[part] == theirs[part]
    for header in ("lang", "task", "argsrepr", "kwargsrepr", "retries", "ignore_result"):
        assert ours["headers"][header] == theirs["headers"][header], header


def test_kombu_reads_our_message():
    nudge = Nudge((12,), "crisis", lanes.OPEN_CRISIS)
    document = json.loads(broker.message(nudge)[1])

    class Channel:
        @staticmethod
        def decode_body(body, encoding=None):
            import base64

            return base64.b64decode(body) if encoding == "base64" else body

        def message_to_python(self, raw):
            return raw

    message = Message(document, channel=Channel(), accept=["application/json"])
    arguments, keywords, _embed = message.payload
    assert arguments == [[12]]
    assert keywords == {}
    assert message.headers["task"] == task_messages.PROCESS


def test_no_crisis_message_ever_ranks_below_a_standard_one():
    standard = lanes.MESSAGE_PRIORITY[lanes.STANDARD]
    for urgency in (lanes.OPEN_CRISIS, lanes.MARKED_CRISIS, lanes.ACCESS_CRITICAL):
        assert lanes.MESSAGE_PRIORITY[urgency] < standard
    assert lanes.MESSAGE_PRIORITY[lanes.OPEN_CRISIS] == min(lanes.MESSAGE_PRIORITY.values())


def test_a_ring_lands_in_the_list_of_its_lane_and_urgency():
    client = fakeredis.FakeRedis()
    bell = Doorbell(client, most_waiting=10)
    assert bell.ring([Nudge((1,), "standard", lanes.STANDARD), Nudge((2,), "crisis", lanes.OPEN_CRISIS)])
    assert waiting_by_lane(bell) == {"crisis": 1, "standard": 1}
    assert client.llen("crisis") == 1


def test_the_crisis_lanes_shorter_time_limits_travel_with_its_messages():
    client, settings = fakeredis.FakeRedis(), config.load({})
    bell = Doorbell(client, most_waiting=10, limits=broker.limits_of(settings))
    bell.ring([Nudge((1,), "standard", lanes.STANDARD), Nudge((2,), "crisis", lanes.OPEN_CRISIS)])
    hard_and_soft = {
        lane: json.loads(client.rpop(name))["headers"]["timelimit"]
        for lane, name in {"crisis": "crisis", "standard": broker.list_name("standard", 9)}.items()
    }
    assert hard_and_soft == {"crisis": [5, 3], "standard": [None, None]}


def test_a_full_list_quiets_its_own_urgency_only():
    bell = Doorbell(fakeredis.FakeRedis(), most_waiting=2)
    bell.ring([Nudge((row,), "crisis", lanes.ACCESS_CRITICAL) for row in (1, 2)])
    assert not bell.expects_to_ring(lanes.ACCESS_CRITICAL)
    assert bell.expects_to_ring(lanes.STANDARD)


def test_a_person_in_danger_is_never_kept_waiting_by_a_full_list():
    bell = Doorbell(fakeredis.FakeRedis(), most_waiting=2)
    bell.ring([Nudge((row,), "crisis", lanes.OPEN_CRISIS) for row in (1, 2, 3)])
    assert bell.expects_to_ring(lanes.OPEN_CRISIS)


def test_a_dead_broker_is_no_error_and_is_left_alone_for_a_moment():
    client = fakeredis.FakeRedis(server=fakeredis.FakeServer(), protocol=2)
    client.connection_pool.connection_kwargs["server"].connected = False
    bell = Doorbell(client, most_waiting=10)
    assert not bell.ring([Nudge((1,), "crisis", lanes.OPEN_CRISIS)])
    assert not bell.expects_to_ring(lanes.OPEN_CRISIS)
    with pytest.raises(redis.RedisError):
        bell.waiting()
