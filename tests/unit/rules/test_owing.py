"""What is owed to the outside: a function of the history, in either mode and on every account, whatever is out."""

import dataclasses
import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.rules.owing import STAFF, account_steps, payout_alarms, payout_steps, stale_key
from shared.rules.payout_links import OwedPayout, Registered

START = datetime(2025, 1, 1, tzinfo=UTC)
OWED = OwedPayout(payout_id="owed-1", account="acct_1", livemode=True, amount_minor=4500, currency="usd")
REGISTERED = Registered(OWED, "creator-1")
SENT = {"transfer_amount": 4500, "transfer_currency": "usd", "payout_amount": 4500, "payout_currency": "usd"}


@dataclasses.dataclass(frozen=True)
class Move:
    from_status: str | None
    to_status: str
    occurred_at: datetime


def moves(*statuses: str, seconds: int = 1) -> list[Move]:
    pairs = itertools.pairwise((None, *statuses))
    return [
        Move(here, there or "", START + timedelta(seconds=seconds * number))
        for number, (here, there) in enumerate(pairs)
    ]


def test_each_step_of_a_payout_is_told_and_but_the_last_is_superseded() -> None:
    told = payout_steps("name", "owed-1", "creator:1", moves("PENDING", "PROCESSING", "COMPLETED"))
    assert [(one.key, one.data["oldStatus"], one.is_superseded, one.is_start) for one in told] == [
        ("name:PENDING", None, True, True),
        ("name:PROCESSING", "PENDING", True, False),
        ("name:COMPLETED", "PROCESSING", False, False),
    ]
    assert {one.recipient for one in told} == {"creator:1"}
    assert told[-1].data["timestamp"] == "2025-01-01T00:00:02Z"


def test_a_payout_whose_first_word_puts_it_on_its_way_was_pending_before() -> None:
    [told] = payout_steps("name", "owed-1", "creator:1", moves("PROCESSING"))
    assert (told.data["oldStatus"], told.data["newStatus"], told.is_superseded) == ("PENDING", "PROCESSING", False)


def test_a_status_that_comes_again_within_a_second_is_told_again() -> None:
    told = account_steps("name", "acct_1", moves("pending", "restricted", "pending", seconds=0))
    at = "2025-01-01T00:00:00Z"
    assert [one.key for one in told] == [f"name:pending@{at}#1", f"name:restricted@{at}#1", f"name:pending@{at}#2"]
    assert [one.is_superseded for one in told] == [True, True, False]
    assert {one.recipient for one in told} == {"account:acct_1"}


def test_a_failure_says_why_what_may_be_done_and_how_much_it_is_about() -> None:
    state = SENT | {"status": "FAILED", "completed_at": "then", "failed_reason": "account_closed"}
    alarms = payout_alarms(REGISTERED, state)
    assert [one.recipient for one in alarms] == ["creator:creator-1", STAFF]
    assert alarms[0].key == "owed_payout:owed-1@acct_1/live:failed_after_completed:account_closed:4500usd:-"
    told = dict(alarms[0].data)
    assert "closed" in str(told.pop("message"))
    assert told == {
        "payoutId": "owed-1",
        "reason": "failed_after_completed",
        "failedReason": "account_closed",
        "amountMinor": 4500,
        "currency": "usd",
        "reversedBy": None,
        "retryable": False,
        "userActionRequired": True,
    }


def test_what_is_taken_back_says_so_in_words_and_by_what() -> None:
    state = SENT | {"status": "COMPLETED", "completed_at": "then", "payout_reversed_by": "po_back"}
    told = payout_alarms(REGISTERED, state)[0].data
    assert (told["reason"], told["reversedBy"], told["retryable"]) == ("reversed_after_completed", "po_back", False)
    assert "taken back" in str(told["message"])


@pytest.mark.parametrize(
    ("state", "other"),
    [
        ({"status": "PROCESSING", "amount_reversed": 1000}, {"amount_reversed": 3000}),
        ({"status": "PROCESSING", "amount_reversed": 1000}, {"transfer_currency": "eur"}),
        ({"status": "FAILED", "failed_reason": "declined"}, {"failed_reason": "no_account"}),
        ({"status": "FAILED"}, {"payout_amount": 4400}),
        ({"payout_amount": 4400}, {"payout_amount": 4300}),
        ({"payout_amount": 4400}, {"payout_currency": "eur"}),
        ({"payout_reversed_by": "po_1"}, {"payout_reversed_by": "po_2"}),
    ],
)
def test_other_figures_are_other_news(state: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    before, after = (
        {one.key for one in payout_alarms(REGISTERED, SENT | told)} for told in (state, {**state, **other})
    )
    assert before
    assert not before & after


@pytest.mark.parametrize("change", [{"livemode": False}, {"account": "acct_2"}, {"payout_id": "owed-2"}])
def test_one_payouts_alarm_is_never_anothers(change: Mapping[str, Any]) -> None:
    state = SENT | {"status": "FAILED", "payout_amount": 1}
    other = Registered(dataclasses.replace(OWED, **change), "creator-1")
    assert not {one.key for one in payout_alarms(REGISTERED, state)} & {one.key for one in payout_alarms(other, state)}


def test_what_goes_as_it_should_wakes_nobody() -> None:
    assert payout_alarms(REGISTERED, SENT | {"status": "COMPLETED", "completed_at": "then"}) == []


def test_a_payout_is_stale_once_for_each_time_that_it_is_on_its_way() -> None:
    assert stale_key("name", "then") != stale_key("name", "later")
