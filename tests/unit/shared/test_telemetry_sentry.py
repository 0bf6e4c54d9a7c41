"""What really leaves the process for Sentry: the envelopes of a client set up by telemetry, read whole."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CANARY = "canary-5f2c"
# Sentry's integrations reach into Flask, Celery and logging for good: not in this process.
SETTING_UP = """
import functools, logging, sys
import sentry_sdk
from sentry_sdk.transport import Transport

class Keeping(Transport):
    def capture_envelope(self, envelope):
        sys.stdout.buffer.write(envelope.serialize())

from shared import telemetry
from shared.config import load
sentry_sdk.init = functools.partial(sentry_sdk.init, transport=Keeping)
telemetry.configure("test", load({"SENTRY_DSN": "http://public@127.0.0.1:9/1"}))

CANARY = "".join(("canary", "-5f2c"))

def fail(payload):
    held = {"email": payload}
    raise ValueError(f"cannot read {payload}")

def app():
    from flask import Flask, request
    made = Flask("door")

    @made.post("/door/<rest>")
    def door(rest):
        fail(request.get_data(as_text=True))

    @made.get("/quiet/<rest>")
    def quiet(rest):
        return "well"

    return made
"""

EXCEPTION = """
try:
    fail(CANARY)
except ValueError as error:
    error.add_note(CANARY)
    sentry_sdk.capture_exception(error)
"""
CHAIN = """
try:
    try:
        fail(CANARY)
    except ValueError as error:
        raise KeyError(CANARY) from error
except KeyError as error:
    sentry_sdk.capture_exception(error)
"""
SURROUNDINGS = """
sentry_sdk.set_user({"id": CANARY, "email": CANARY})
sentry_sdk.set_context("payload", {"body": CANARY})
sentry_sdk.set_extra("payload", CANARY)
sentry_sdk.set_tag("payload", CANARY)
sentry_sdk.add_breadcrumb(message=CANARY, data={"body": CANARY})
sentry_sdk.capture_exception(ZeroDivisionError(CANARY))
"""
MESSAGE = "sentry_sdk.capture_message(CANARY)"
LOG = """
logging.getLogger("foreign").error("refused %s", CANARY)
try:
    fail(CANARY)
except ValueError:
    logging.getLogger("foreign").exception("refused %s", CANARY, extra={"payload": CANARY})
"""
REQUEST = """
app().test_client().post(f"/door/{CANARY}?note={CANARY}", data=CANARY, headers={"Stripe-Signature": CANARY})
"""
TRACED = """
headers = {
    "sentry-trace": "0123456789abcdef0123456789abcdef-0123456789abcdef-1",
    "baggage": f"sentry-trace_id=0123456789abcdef0123456789abcdef,sentry-transaction={CANARY},sentry-sampled=true",
    "Stripe-Signature": CANARY,
}
app().test_client().get(f"/quiet/{CANARY}?note={CANARY}", headers=headers)
app().test_client().post(f"/door/{CANARY}", data=CANARY, headers=headers)
"""


def sent(happening):
    environ = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", SETTING_UP + happening + "\nsentry_sdk.flush()"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("happening", [EXCEPTION, CHAIN, REQUEST, LOG], ids=["exception", "chain", "request", "log"])
def test_an_exception_is_told_by_kind_and_place_only(happening):
    told = sent(happening)
    assert '"ValueError"' in told
    assert '"function":"fail"' in told.replace('": "', '":"')
    assert CANARY not in told
    assert '"vars"' not in told


@pytest.mark.parametrize("happening", [SURROUNDINGS, MESSAGE], ids=["surroundings", "message"])
def test_what_was_hung_around_an_event_stays_here(happening):
    told = sent(happening)
    assert told
    assert CANARY not in told


def test_a_caller_cannot_have_its_request_traced():
    told = sent(TRACED)
    assert '"ValueError"' in told
    assert CANARY not in told
    assert '"type":"transaction"' not in told.replace('": "', '":"')


def test_a_process_that_dies_of_an_exception_tells_its_kind_only():
    environ = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", SETTING_UP + "fail(CANARY)"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert '"ValueError"' in done.stdout
    assert CANARY not in done.stdout


REPORTS = """
import structlog
from shared.errors import TransientError, IntegrityError
from schemas.errors import SchemaError
log = structlog.get_logger("carelane")

def tell(error, **about):
    try:
        raise error
    except Exception:
        log.exception("failed", action="test.failed", **about)
"""
FORESEEN = """
tell(TransientError("away"))
tell(SchemaError("$.id", "a string"))
log.error("dead", action="event.dead")
log.warning("late", action="test.late", exc_info=ValueError("x"))
sentry_sdk.capture_exception(TransientError("away"))
"""


def reports(told):
    return [json.loads(line) for line in told.splitlines() if line.startswith('{"') and '"exception"' in line]


def test_what_was_foreseen_is_no_report():
    assert reports(sent(REPORTS + FORESEEN)) == []


def test_a_bug_that_a_log_line_tells_is_reported_with_its_ids_and_release():
    told = sent(REPORTS + "tell(ZeroDivisionError(CANARY), row_id=12, payload=CANARY)\ntell(IntegrityError(CANARY))")
    first, second = reports(told)
    assert first["exception"]["values"][0]["type"] == "ZeroDivisionError"
    assert first["tags"] == {
        "action": "test.failed", "level": "error", "logger": "carelane", "process": "test", "row_id": "12",
    }  # fmt: skip
    assert first["release"].startswith("carelane@")
    assert first["environment"] == "production"
    assert second["exception"]["values"][0]["type"] == "IntegrityError"
    assert CANARY not in told


def test_one_bug_in_the_way_of_every_event_is_reported_once():
    assert len(reports(sent(REPORTS + "for _ in range(20): tell(ZeroDivisionError())"))) == 1


def test_an_alarm_is_reported_by_its_name():
    (told,) = reports(sent(REPORTS + 'log.error("help is out of reach", action="access.violation", count=1)'))
    assert told["message"] == "access.violation"


JOBS = """
from types import SimpleNamespace
from celery import Celery, signals
from shared.config import load
from workers import job_monitors
app = Celery("test")
app.conf.beat_schedule = {
    "tidy": {"task": "carelane.tidy", "schedule": 300},
    "often": {"task": "carelane.often", "schedule": 5},
}
job_monitors.connect(app, load({"SENTRY_DSN": "http://public@127.0.0.1:9/1"}))
runs = [("tidy", "SUCCESS"), ("tidy", "FAILURE"), ("often", "SUCCESS"), ("process", "SUCCESS")]
for number, (name, state) in enumerate(runs):
    task = SimpleNamespace(name=f"carelane.{name}")
    signals.task_prerun.send(None, task_id=str(number), task=task)
    signals.task_postrun.send(None, task_id=str(number), task=task, state=state)
"""


def test_a_job_of_beat_checks_in_and_out_under_a_monitor_of_its_own():
    told = [json.loads(line) for line in sent(JOBS).splitlines() if '"monitor_slug"' in line]
    assert [(one["monitor_slug"], one["status"]) for one in told] == [
        ("carelane-tidy", "in_progress"), ("carelane-tidy", "ok"),
        ("carelane-tidy", "in_progress"), ("carelane-tidy", "error"),
    ]  # fmt: skip
    assert told[0]["monitor_config"]["schedule"] == {"type": "interval", "value": 5, "unit": "minute"}
    assert told[0]["check_in_id"] == told[1]["check_in_id"]
