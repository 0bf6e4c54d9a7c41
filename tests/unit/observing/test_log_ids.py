"""The ids that a line of the log bears without being told: of the event, the call, the callback in hand."""

import json
import logging
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
import structlog
from flask import Flask, request

from ingress.api import request_traces
from shared import telemetry, trace_ids
from shared.config import load
from workers import callback_traces, walking
from workers.callback_ledger import Claimed
from workers.ledger import Claim, Held

CLAIM = Claim(
    held=Held(row_id=12, fence=1, series=1, event_id="evt_1", type="invoice.paid"),
    account=None,
    livemode=False,
    lane="standard",
    urgency=0,
    source="webhook",
    customer_hash=None,
    received_at=datetime(2026, 11, 21, tzinfo=UTC),
    attempt=1,
    sealed=None,
)
GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def callback(**changes):
    parts = {
        "id": 1, "fence": 1, "attempts": 1, "is_urgent": False, "endpoint_id": UUID(int=1), "name": "backend",
        "url": "https://backend.example", "tried_seconds": 0.0, "notice_id": 7, "kind": "access:updated", "data": {},
        "told_at": datetime(2026, 11, 21, tzinfo=UTC),
    }  # fmt: skip
    return Claimed(**parts | changes)


@pytest.fixture
def written(capsys):
    """Lines told inside of it, ours and a foreign library's."""

    @contextmanager
    def written():
        found = []
        telemetry.configure("test", load({}))
        ours = logging.getLogger().handlers[0]
        try:
            yield found
            # A call's ids stay until the next one begins in its thread.
            structlog.get_logger("carelane").info("after", action="test.after")
        finally:
            logging.getLogger().removeHandler(ours)
            structlog.reset_defaults()
            structlog.contextvars.clear_contextvars()
        found += [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return written


def tell():
    structlog.get_logger("carelane").info("during", action="test.during")
    logging.getLogger("foreign").warning("from elsewhere")


IDS = ("event_id", "row_id", "trace_id", "request_id", "notice_id")


def ids(line):
    return {name: line[name] for name in IDS if name in line}


def test_a_worker_tells_of_its_event_and_then_no_more(written):
    with written() as lines, walking.through(CLAIM):
        tell()
    during, foreign, after = lines
    trace = trace_ids.of_event("event:evt_1#12").trace_id
    assert ids(during) == ids(foreign) == {"event_id": "evt_1", "row_id": 12, "trace_id": trace}
    assert ids(after) == {}


def test_a_callback_bears_the_trace_of_what_made_it_owed(written):
    event = trace_ids.of_event("event:evt_1#12").trace_id
    given = trace_ids.read(GIVEN).trace_id
    with written() as lines:
        for one in (callback(because="event:evt_1#12"), callback(because="event:evt_1#12", trace=GIVEN), callback()):
            with callback_traces.of(one):
                tell()
    told = [ids(line) for line in lines if line.get("action") == "test.during"]
    assert told == [{"notice_id": 7, "trace_id": event}, {"notice_id": 7, "trace_id": given}, {"notice_id": 7}]
    assert ids(lines[-1]) == {}


def test_a_call_bears_its_own_id_and_its_callers_trace_and_nothing_of_the_call_before(written):
    app = Flask("test")
    with written() as lines:
        for number, headers in enumerate([{"traceparent": GIVEN}, {}]):
            with app.test_request_context("/api/access/p", headers=headers):
                request_traces.begin(request, f"request-{number}")
                tell()
                request_traces.end()
    told = [ids(line) for line in lines if line.get("action") == "test.during"]
    assert told == [
        {"request_id": "request-0", "trace_id": trace_ids.read(GIVEN).trace_id},
        {"request_id": "request-1"},
    ]
