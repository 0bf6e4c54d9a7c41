"""What Celery is told of each broker."""

import pytest

from shared.config import Settings, SettingsError, load
from workers import broker_settings, sweep

WATCHED = Settings(redis_url="sentinel://:secret@one,two/0?service=carelane")
RABBIT = Settings(broker_url="amqp://carelane:secret@rabbit/carelane", redis_url="redis://redis/0")


def test_behind_sentinels_the_order_of_the_lanes_is_the_same():
    told = broker_settings.of(WATCHED)
    assert told["broker_url"] == "sentinel://:secret@one:26379/0;sentinel://:secret@two:26379/0"
    options = told["broker_transport_options"]
    assert (options["master_name"], options["queue_order_strategy"]) == ("carelane", "priority")


def test_at_rabbitmq_the_queues_are_quorum_queues_and_redis_is_no_broker():
    told = broker_settings.of(RABBIT)
    assert told["broker_url"] == RABBIT.broker_url
    assert [queue.name for queue in told["task_queues"]] == ["crisis", "standard"]
    assert all(queue.queue_arguments == {"x-queue-type": "quorum"} for queue in told["task_queues"])
    assert "priority_steps" not in told["broker_transport_options"]


def test_without_a_broker_nothing_starts():
    with pytest.raises(SettingsError, match="neither REDIS_URL nor CARELANE_BROKER_URL"):
        broker_settings.of(Settings())


def test_only_an_amqp_url_names_rabbitmq():
    with pytest.raises(SettingsError, match="CARELANE_BROKER_URL does not begin with amqp"):
        load({"CARELANE_BROKER_URL": "redis://redis/0"})


@pytest.mark.parametrize(
    ("settings", "told", "served"),
    [
        (RABBIT, ["crisis"], ["crisis"]),
        (RABBIT, ["crisis", "standard"], ["standard"]),
        (RABBIT, ["standard"], ["standard"]),
        (WATCHED, ["crisis", "standard"], ["crisis", "standard"]),
    ],
)
def test_where_workers_hold_what_they_do_not_work_on_each_lane_has_its_own(settings, told, served):
    assert broker_settings.lanes_of(settings, told) == served


def test_at_rabbitmq_each_crisis_has_a_message_of_its_own():
    assert sweep.build(RABBIT, pool=None, doorbell=None).together == {"crisis": 1, "standard": 50}
    assert sweep.build(WATCHED, pool=None, doorbell=None).together["crisis"] > 1
