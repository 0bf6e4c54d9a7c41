"""Which class an exception belongs to, and how little is said of it."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from schemas.errors import SchemaError, Unreadable
from shared.config import load
from shared.errors import (
    CannotKeep,
    CarelaneError,
    IntegrityError,
    NotFound,
    NotYet,
    StripeAway,
    StripeRefuses,
    TransientError,
)
from shared.rules.retries import ErrorClass
from workers.failure import classify, policies_of

CANARY = "canary-jane@example.org"


def raised(error):
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 - whatever was given
        return caught


@pytest.mark.parametrize(
    ("error", "error_class", "code"),
    [
        (TransientError("away", code="database_away"), ErrorClass.TRANSIENT, "database_away"),
        (CannotKeep("not kept"), ErrorClass.TRANSIENT, "transient"),
        (NotYet("ask again", code="no_answer", waits_for="sub_1"), ErrorClass.NOT_YET, "no_answer"),
        (Unreadable("no JSON"), ErrorClass.INVALID, "unparsable"),
        (IntegrityError("sealed otherwise"), ErrorClass.INVALID, "integrity"),
        (StripeAway("busy", code="stripe_busy"), ErrorClass.TRANSIENT, "stripe_busy"),
        (StripeRefuses("no such object", code="stripe_gone"), ErrorClass.INVALID, "stripe_gone"),
        (SoftTimeLimitExceeded(), ErrorClass.BUG, "timeout"),
        (NotFound("no such subject"), ErrorClass.BUG, "exception"),
        (CarelaneError("some other"), ErrorClass.BUG, "exception"),
        (ValueError("some other"), ErrorClass.BUG, "exception"),
        (KeyError("some other"), ErrorClass.BUG, "exception"),
    ],
)
def test_each_error_has_its_class_and_code(error, error_class, code):
    found, reason = classify(raised(error))
    assert (found, reason.reason_class, reason.code, reason.path) == (error_class, error_class.value, code, None)


def test_a_time_limit_that_came_while_the_database_was_at_work_is_the_databases(tmp_path):
    code = compile("raise SoftTimeLimitExceeded", str(tmp_path / "psycopg" / "waiting.py"), "exec")
    with pytest.raises(SoftTimeLimitExceeded) as caught:
        exec(code, {"SoftTimeLimitExceeded": SoftTimeLimitExceeded})  # noqa: S102 - a frame that lies in psycopg
    found, reason = classify(caught.value)
    assert (found, reason.code) == (ErrorClass.TRANSIENT, "database_slow")


def test_a_wrong_shape_names_the_place_in_the_payload_once():
    found, reason = classify(raised(SchemaError("data.object.status", "not a string")))
    assert (found, reason.code) == (ErrorClass.INVALID, "schema")
    assert (reason.path, reason.message) == ("data.object.status", "not a string")


def test_our_own_errors_speak_for_themselves():
    assert classify(raised(TransientError("the database is away")))[1].message == "the database is away"
    assert classify(raised(IntegrityError("the body of this event is gone")))[1].message.endswith("is gone")


class Quoting(Exception):
    def __str__(self):
        return CANARY

    __repr__ = __str__


@pytest.mark.parametrize(
    "error", [ValueError(CANARY), KeyError(CANARY), NotFound(CANARY), Quoting(CANARY), SoftTimeLimitExceeded(CANARY)]
)
def test_of_an_unknown_error_only_its_kind_and_place_are_told(error):
    error.add_note(CANARY)
    _, reason = classify(raised(error))
    assert CANARY not in repr(reason)
    assert "workers/test_failure.py:" in reason.message


def test_an_unknown_error_that_follows_from_another_quotes_neither():
    error = RuntimeError(CANARY)
    error.__cause__ = ValueError(CANARY)
    _, reason = classify(raised(error))
    assert reason.message.startswith("RuntimeError at ")
    assert CANARY not in repr(reason)


def test_an_error_that_was_never_raised_has_no_place():
    assert classify(ValueError(CANARY))[1].message == "ValueError at unknown"


def test_every_class_has_a_policy_and_the_settings_set_the_limits():
    limits = {
        "CARELANE_TRANSIENT_ATTEMPTS": "9",
        "CARELANE_NOT_YET_ATTEMPTS": "7",
        "CARELANE_BUG_ATTEMPTS": "5",
        "CARELANE_WORKER_LOST_ATTEMPTS": "6",
    }
    policies = policies_of(load(limits))
    assert set(policies) == set(ErrorClass)
    limited = (ErrorClass.TRANSIENT, ErrorClass.NOT_YET, ErrorClass.BUG, ErrorClass.WORKER_LOST)
    assert [policies[name].limit for name in limited] == [9, 7, 5, 6]
    assert policies[ErrorClass.INVALID].limit == 1
