"""What Celery is told: each promise that rests on a setting, and that nothing is published with a delay."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.rules.lanes import LANES, MESSAGE_PRIORITY

ROOT = Path(__file__).parents[3]
# Importing workers.app builds the application from the environment and connects signals: not in this process.
PROGRAM = """
import json
from celery.app.defaults import NAMESPACES, flatten
from shared.config import load
from workers.app import app, configuration
told = configuration(load())
print(json.dumps({
    "told": told,
    "serves": {name: app.conf[name] for name in told},
    "unknown": sorted(set(told) - set(dict(flatten(NAMESPACES)))),
    "tasks": sorted(name for name in app.tasks if not name.startswith("celery.")),
}, default=lambda queue: queue.name))
"""


def looked_up(**environ):
    environ = {"PATH": os.environ["PATH"], "REDIS_URL": "redis://127.0.0.1:1/0"} | environ
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


@pytest.fixture(scope="module")
def found():
    return looked_up()


@pytest.fixture(scope="module")
def told(found):
    return found["told"]


def test_celery_knows_every_setting_and_takes_it_as_it_is(found):
    assert found["unknown"] == []
    assert found["serves"] == found["told"]


def test_there_are_these_tasks_and_no_other(found):
    upkeep = ("forget_bodies", "housekeeping", "renew_sources", "self_check", "sum_hours", "upkeep")
    watches = ("watch_access", "watch_payouts")
    names = sorted(
        ("backfill", "beat_seen", "compare", "daily_report", "look", "process", "reconcile", *upkeep, *watches)
    )
    assert found["tasks"] == [f"carelane.{name}" for name in names]


def test_only_json_is_spoken_and_understood(told):
    assert (told["task_serializer"], told["accept_content"]) == ("json", ["json"])


def test_no_outcome_is_left_in_the_broker(told):
    assert told["result_backend"] is None
    assert told["task_ignore_result"] is True


def test_a_message_is_acknowledged_when_done_and_a_lost_child_does_not_bring_it_back(told):
    assert told["task_acks_late"] is True
    assert told["task_acks_on_failure_or_timeout"] is True
    assert told["task_reject_on_worker_lost"] is False


def test_a_worker_holds_one_message_and_none_in_reserve(told):
    assert told["worker_prefetch_multiplier"] == 1
    assert told["worker_disable_prefetch"] is True


def test_a_child_is_replaced_for_what_it_has_grown_to_and_not_for_its_tasks(told):
    assert told["worker_max_memory_per_child"] == 300 * 1024
    assert "worker_max_tasks_per_child" not in told


def test_remote_control_stays_on(told):
    assert told["worker_enable_remote_control"] is True


def test_the_crisis_queue_is_served_first_and_no_other_queue_is_made(told):
    assert told["task_queues"] == list(LANES) == ["crisis", "standard"]
    assert told["task_create_missing_queues"] is False
    options = told["broker_transport_options"]
    assert options["queue_order_strategy"] == "priority"
    assert options["priority_steps"] == sorted(set(MESSAGE_PRIORITY.values()))
    assert 0 in options["priority_steps"]


def test_what_beat_sends_stands_behind_every_event(told):
    for entry in told["beat_schedule"].values():
        assert entry["options"]["queue"] == "standard"
        assert entry["options"]["priority"] == max(told["broker_transport_options"]["priority_steps"])


def test_no_wait_for_the_broker_is_endless(told):
    options = told["broker_transport_options"]
    assert 0 < options["socket_timeout"] <= 10
    assert 0 < options["socket_connect_timeout"] <= 10
    assert options["socket_keepalive"] is True
    assert options["health_check_interval"] > 0


@pytest.mark.parametrize("hard", [15, 60, 900])
def test_a_message_is_not_given_to_another_while_its_task_may_run(hard):
    told = looked_up(CARELANE_TASK_HARD_LIMIT_SECONDS=str(hard), CARELANE_LEASE_SECONDS=str(hard + 1))["told"]
    assert (told["task_soft_time_limit"], told["task_time_limit"]) == (10, hard)
    assert told["broker_transport_options"]["visibility_timeout"] > hard


def test_without_a_broker_the_application_says_what_is_missing():
    environ = {"PATH": os.environ["PATH"]}
    found = subprocess.run(
        [sys.executable, "-c", "import workers.app"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert found.returncode != 0
    assert "neither REDIS_URL nor CARELANE_BROKER_URL is set" in found.stderr


def delays(tree):
    """Where a delay is asked of the broker, or a message is published other than by the doorbell."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="retry" | "apply_async" | "send_task" | "delay" as called)):
                yield node.lineno, called
            case ast.keyword(arg="eta" | "countdown" as named) | ast.Constant(value="eta" | "countdown" as named):
                yield node.lineno if hasattr(node, "lineno") else 0, named
            case _:
                pass


@pytest.mark.parametrize(
    "line", ["task.retry()", "task.apply_async(a)", "f(eta=1)", "f(countdown=1)", "{'eta': 1}", "app.send_task('x')"]
)
def test_a_delay_would_be_found(line):
    assert list(delays(ast.parse(line)))


@pytest.mark.parametrize("package", ["ingress", "workers", "shared"])
def test_nothing_is_published_with_a_delay(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    found = {
        str(path.relative_to(ROOT)): places
        for path in files
        if (places := list(delays(ast.parse(path.read_text("utf-8")))))
    }
    assert found == {}
