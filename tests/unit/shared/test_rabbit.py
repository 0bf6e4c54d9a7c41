"""The doorbell at RabbitMQ, without one: what is sent, what is counted, and what follows from a failure."""

import json

from shared.broker import Nudge, limits_of
from shared.config import Settings
from shared.errors import TransientError
from shared.rabbit import RabbitDoorbell, addresses
from shared.rules.lanes import ACCESS_CRITICAL, OPEN_CRISIS, STANDARD
from shared.task_messages import LOOK, TimeLimits

CRISIS = Nudge((1,), "crisis", OPEN_CRISIS)
NUDGE = Nudge((2, 3), "standard", STANDARD)


class Channel:
    """Takes what it is given; `lying` is what it says lies in its queues."""

    def __init__(self, *, is_up=True, **lying):
        self.is_up, self.lying, self.sent, self.counted = is_up, {"crisis": 0, "standard": 0} | lying, [], 0

    def publish(self, messages):
        if not self.is_up:
            raise TransientError("away", code="broker_away")
        self.sent += messages

    def lengths(self):
        self.counted += 1
        return self.lying

    def close(self):
        self.is_up = False


def doorbell(channel, **options):
    return RabbitDoorbell(channel, **({"most_waiting": 10, "limits": limits_of(Settings())} | options))


def test_each_lane_has_a_queue_and_a_message_says_what_celery_reads():
    channel = Channel()
    assert doorbell(channel).ring([CRISIS, NUDGE])
    (first, crisis), (second, standard) = channel.sent
    assert (first, second) == ("crisis", "standard")
    assert json.loads(standard.body)[0] == [[2, 3]]
    headers = crisis.properties["application_headers"]
    assert (headers["task"], headers["timelimit"]) == ("carelane.process", list(limits_of(Settings())["crisis"]))
    assert standard.properties["application_headers"]["timelimit"] == list(TimeLimits(None, None))
    assert crisis.properties["delivery_mode"] == 2


def test_a_full_queue_holds_up_its_lane_but_nobody_in_danger():
    bell = doorbell(Channel(crisis=10, standard=10))
    assert bell.ring([CRISIS])
    assert not bell.expects_to_ring(STANDARD)
    assert not bell.expects_to_ring(ACCESS_CRITICAL)
    assert bell.expects_to_ring(OPEN_CRISIS)
    assert bell.length(STANDARD) == 10


def test_a_length_counts_once_for_its_lane():
    waiting = doorbell(Channel(crisis=7, standard=3)).waiting()
    assert sum(count for (lane, _), count in waiting.items() if lane == "crisis") == 7
    assert waiting["standard", STANDARD] == 3


def test_what_lies_there_is_not_asked_at_each_ring():
    channel = Channel()
    bell = doorbell(channel)
    assert all(bell.ring([NUDGE]) for _ in range(5))
    assert channel.counted == 1


def test_after_a_failure_it_is_quiet_for_a_moment():
    bell = doorbell(Channel(is_up=False))
    assert not bell.ring([NUDGE])
    assert not bell.expects_to_ring(OPEN_CRISIS)


def test_a_url_may_name_several_nodes():
    first, second = addresses("amqp://me:p%40ss@one.internal/care%2Flane;amqps://me:x@two.internal:5673/")
    assert first == {
        "host": "one.internal:5672",
        "userid": "me",
        "password": "p@ss",
        "virtual_host": "care/lane",
        "ssl": False,
    }
    assert (second["host"], second["virtual_host"]) == ("two.internal:5673", "/")
    assert second["ssl"] == {"server_hostname": "two.internal"}


def test_a_look_at_a_body_is_asked_of_a_standard_worker_by_its_id_alone():
    channel = Channel()
    assert doorbell(channel).ask(LOOK, "one")
    ((queue, message),) = channel.sent
    assert (queue, message.properties["application_headers"]["task"], json.loads(message.body)[0]) == (
        "standard",
        "carelane.look",
        ["one"],
    )


def test_a_look_that_nobody_takes_is_told():
    assert not doorbell(Channel(is_up=False)).ask(LOOK, "one")
