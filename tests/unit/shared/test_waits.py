from datetime import UTC, datetime, timedelta

import pytest

from shared.event_history import Attempt
from shared.events import Event
from shared.waits import Wait, waits

START = datetime(2026, 11, 20, 10, tzinfo=UTC)


def at(seconds):
    return START + timedelta(seconds=seconds)


def event(state="processed", **changes):
    blank = dict.fromkeys(Event.__dataclass_fields__)
    return Event(**blank | {"id": 1, "received_at": START, "state": state, "series": 1} | changes)


def attempt(number, began, ended, outcome="retrying", *, series=1, error_class="transient", waits_for=()):
    return Attempt(
        number=number,
        series=series,
        worker="w",
        started_at=at(began),
        ended_at=None if ended is None else at(ended),
        outcome=outcome,
        error_class=error_class,
        error_code=None,
        error_path=None,
        message=None,
        waits_for=waits_for,
    )


def test_an_event_that_nobody_took_waits_since_its_receipt():
    assert waits(event("received"), [], {}) == (Wait(START, None, "first_claim"),)


def test_waits_lie_between_receipt_and_the_attempts():
    attempts = [attempt(1, 1, 2), attempt(2, 5, 6, "processed")]
    assert waits(event(), attempts, {}) == (Wait(START, at(1), "first_claim"), Wait(at(2), at(5), "retry"))


@pytest.mark.parametrize(
    ("waits_for", "why"), [((), "retry"), (("account:acct_1",), "parked"), (("guard:x",), "guard")]
)
def test_what_it_waits_for_is_told_while_it_waits_and_later(waits_for, why):
    parked = attempt(1, 1, 2, waits_for=waits_for)
    assert waits(event("retrying"), [parked], {})[-1] == Wait(at(2), None, why, waits_for)
    assert waits(event(), [parked, attempt(2, 8, 9)], {})[-1] == Wait(at(2), at(8), why, waits_for)


def test_the_time_that_it_lay_dead_is_no_wait():
    attempts = [attempt(1, 1, 2, "dead"), attempt(1, 501, 502, "processed", series=2)]
    assert waits(event(series=2), attempts, {2: at(500)})[-1] == Wait(at(500), at(501), "sent_on_again")
    assert waits(event("retrying", series=2), attempts[:1], {2: at(500)})[-1] == Wait(at(500), None, "sent_on_again")


def test_what_is_not_known_is_not_made_up():
    later = [attempt(7, 30, 31), attempt(8, 40, None)]
    assert waits(event("processing"), later, {}) == (Wait(at(31), at(40), "retry"),)
    assert waits(event(series=2), [attempt(1, 1, 2, "ignored"), attempt(1, 9, 10, series=2)], {})[1:] == ()
