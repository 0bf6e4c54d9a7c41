"""Connected accounts: what they may do, how much is asked of them, and when they leave."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import catalog
from schemas.account import AccountFact
from schemas.errors import SchemaError
from schemas.facts import to_json
from schemas.reading import read_event
from tests.factories.events import ABSENT, event, raw
from tests.factories.facts import fact

UPDATED, LEFT = "basil/account.updated", "basil/account.application.deauthorized"


@pytest.mark.parametrize("shape", ["acacia", "basil"])
def test_an_account_is_read_whole(shape: str) -> None:
    assert fact(f"{shape}/account.updated") == AccountFact(
        subject_id="acct_1RoWanCreator0001",
        status="connected",
        charges_enabled=True,
        payouts_enabled=True,
        details_submitted=True,
        currently_due=1,
        past_due=0,
        eventually_due=2,
        pending_verification=0,
        disabled_reason=None,
        current_deadline=datetime(2025, 2, 1, 12, tzinfo=UTC),
    )


def test_requirements_of_2018_are_read_where_they_stood_then() -> None:
    assert fact("2018/account.updated") == AccountFact(
        subject_id="acct_1CRoWanCreator",
        charges_enabled=True,
        payouts_enabled=False,
        details_submitted=True,
        currently_due=2,
        disabled_reason="requirements.past_due",
        current_deadline=datetime(2018, 5, 8, 12, 16, 40, tzinfo=UTC),
    )


def test_payouts_were_called_transfers_before_2017() -> None:
    changes = {"data.object.payouts_enabled": ABSENT, "data.object.transfers_enabled": True}
    read = fact("2018/account.updated", **changes)
    assert isinstance(read, AccountFact)
    assert read.payouts_enabled is True


@pytest.mark.parametrize("requirements", [ABSENT, None, {}])
def test_an_account_may_ask_for_nothing(requirements: Any) -> None:
    read = fact(UPDATED, **{"data.object.requirements": requirements})
    assert isinstance(read, AccountFact)
    assert (read.currently_due, read.past_due, read.disabled_reason) == (None, None, None)


def test_of_what_is_asked_only_the_count_is_kept() -> None:
    kept = str(to_json(fact(UPDATED)))
    assert not [text for text in ("Rowan", "Wren", "rowan.example", "6789", "verification.document") if text in kept]


def test_a_list_of_requirements_must_be_one() -> None:
    with pytest.raises(SchemaError, match=r"^data\.object\.requirements\.past_due: a list is expected$"):
        fact(UPDATED, **{"data.object.requirements.past_due": "tos_acceptance.date"})


def test_what_was_before_is_counted_too() -> None:
    before = catalog.previous(read_event(raw(event(UPDATED))))
    assert before == {
        "payouts_enabled": False,
        "currently_due": 2,
        "past_due": 1,
        "eventually_due": 3,
        "disabled_reason": "requirements.past_due",
        "current_deadline": None,
    }


@pytest.mark.parametrize("shape", ["2018", "acacia", "basil"])
def test_the_account_that_leaves_is_the_events(shape: str) -> None:
    name = f"{shape}/account.application.deauthorized"
    assert fact(name) == AccountFact(subject_id=event(name)["account"], status="deauthorized")


@pytest.mark.parametrize(
    ("account", "message"),
    [
        (ABSENT, "is required"),
        (None, "is required"),
        ("", "a string is expected"),
        ("a" * 256, "an id of at most 255 characters is expected"),
    ],
)
def test_nobody_leaves_without_a_name(account: Any, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        fact(LEFT, account=account)
    assert (caught.value.path, caught.value.message) == ("account", message)


def test_what_an_account_leaves_is_an_application() -> None:
    with pytest.raises(SchemaError) as caught:
        fact(LEFT, **{"data.object.object": "account"})
    assert caught.value.path == "data.object.object"
