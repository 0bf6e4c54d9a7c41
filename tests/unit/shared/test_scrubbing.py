"""Only ids and codes leave the process."""

import json
import logging
from contextlib import contextmanager

import structlog

from shared import telemetry
from shared.config import load
from shared.scrubbing import only_allowed, scrub

CANARY = "canary-jane@example.org"


@contextmanager
def logging_configured():
    """Inside the test's own phase: pytest gives each phase another stderr."""
    root = logging.getLogger()
    telemetry.configure("test", load({}))
    ours = root.handlers[0]
    try:
        yield
    finally:
        root.removeHandler(ours)
        structlog.reset_defaults()


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_key_that_is_not_listed_is_dropped():
    assert only_allowed(None, "info", {"event": "kept", "row_id": 1, "body": CANARY}) == {"event": "kept", "row_id": 1}


def test_no_line_can_be_made_up_within_a_line():
    told = only_allowed(None, "info", {"event": "kept\n2026 FAKE \x1b[2J\r", "state": "\x00x\x7f"})
    assert told == {"event": "kept 2026 FAKE  [2J ", "state": " x "}


def test_an_exceptions_message_stays_inside(capsys):
    with logging_configured():
        try:
            raise ValueError(CANARY)
        except ValueError:
            structlog.get_logger("carelane").exception("failed", action="test.failed", payload=CANARY)
            logging.getLogger("foreign").exception("failed too")
    written = lines(capsys)
    assert [line["exception"] for line in written] == ["ValueError", "ValueError"]
    assert CANARY not in json.dumps(written)
    assert written[0]["process"] == "test"
    assert written[0]["where"].startswith("shared/test_scrubbing.py:")


def test_secrets_and_addresses_inside_texts_are_hidden(capsys):
    with logging_configured():
        logging.getLogger("foreign").warning("sent to %s with %s", CANARY, "whsec_0123456789abcdef")
        logging.getLogger("foreign").warning("redis://user:hunter2@127.0.0.1:6379/0\n{fake: line}")
    text = json.dumps(lines(capsys))
    assert "jane" not in text
    assert "whsec_" not in text
    assert "hunter2" not in text


def test_sentry_gets_kinds_and_places_only():
    event = {
        "event_id": "1",
        "message": CANARY,
        "request": {"data": CANARY},
        "extra": {"payload": CANARY},
        "tags": {"row_id": "12", "payload": CANARY},
        "exception": {
            "values": [
                {
                    "type": "ValueError",
                    "value": CANARY,
                    "stacktrace": {"frames": [{"filename": "a.py", "lineno": 3, "vars": {"payload": CANARY}}]},
                }
            ]
        },
    }
    scrubbed = scrub(event, {})
    assert CANARY not in json.dumps(scrubbed)
    assert scrubbed["tags"] == {"row_id": "12"}
    assert scrubbed["exception"]["values"][0]["type"] == "ValueError"
    assert scrubbed["exception"]["values"][0]["stacktrace"]["frames"][0]["lineno"] == 3
