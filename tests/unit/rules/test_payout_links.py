"""Which registered payout an event pays: by id or metadata, and never on another's account."""

import dataclasses

import pytest

from schemas.facts import Fact
from shared.rules.payout_links import LinkKey, OwedPayout, Registered, keys_of, refusal
from tests.factories.facts import fact

CREATOR = "acct_1RoWanCreator0001"
TRANSFER, PAYOUT = "tr_1RoWanTransfer0001", "po_1RoWanPayout0001"
OWED = OwedPayout(payout_id="owed-2025-0001", account=CREATOR, livemode=False, amount_minor=4500, currency="usd")


def test_a_transfer_is_found_by_its_id_and_its_metadata_on_the_account_it_pays() -> None:
    assert keys_of(fact("basil/transfer.created"), None, False) == (
        LinkKey("transfer", TRANSFER, CREATOR, False),
        LinkKey("metadata", "owed-2025-0001", CREATOR, False),
    )


def test_the_account_that_a_transfer_pays_is_its_destination() -> None:
    assert {key.account for key in keys_of(fact("basil/transfer.created"), "acct_other", False)} == {CREATOR}


def test_a_historic_transfer_to_a_bank_is_on_the_account_it_happened_on() -> None:
    assert keys_of(fact("2016/transfer.paid"), "acct_18RoWanCreator", False) == (
        LinkKey("transfer", "tr_18RoWanTransfer2016", "acct_18RoWanCreator", False),
        LinkKey("metadata", "owed-2016-0001", "acct_18RoWanCreator", False),
    )


@pytest.mark.parametrize("name", ["2016/transfer.paid", "basil/payout.paid", "basil/invoice.payment_failed"])
def test_the_platforms_own_money_is_owed_to_no_creator(name: str) -> None:
    assert keys_of(fact(name), None, False) == ()


def test_a_transfer_that_names_no_destination_is_on_the_account_it_happened_on() -> None:
    nowhere = fact("basil/transfer.created", **{"data.object.destination": None})
    assert keys_of(nowhere, None, False) == ()
    assert keys_of(nowhere, CREATOR, False) == keys_of(fact("basil/transfer.created"), None, False)


def test_a_payout_is_found_by_its_id_and_its_metadata_on_the_account_of_its_event() -> None:
    assert keys_of(fact("basil/payout.paid"), CREATOR, False) == (
        LinkKey("payout", PAYOUT, CREATOR, False),
        LinkKey("metadata", "owed-2025-0001", CREATOR, False),
    )


def test_a_payout_without_metadata_is_found_by_its_id_alone() -> None:
    assert keys_of(fact("2018/payout.paid"), CREATOR, False) == (
        LinkKey("payout", "po_1CRoWanPayout2018", CREATOR, False),
    )


def test_a_payout_that_takes_another_back_is_found_by_that_other() -> None:
    back = fact("basil/payout.paid", **{"data.object.id": "po_back", "data.object.original_payout": PAYOUT})
    assert LinkKey("payout", PAYOUT, CREATOR, False) in keys_of(back, CREATOR, False)


@pytest.mark.parametrize("name", ["basil/transfer.created", "basil/payout.paid"])
def test_what_is_registered_is_found_under_the_same_names(name: str) -> None:
    told = {key.name for key in keys_of(fact(name), CREATOR, False)}
    assert {key.name for key in OWED.link_keys()} <= told
    by_id = OwedPayout(
        payout_id="other",
        account=CREATOR,
        livemode=False,
        amount_minor=1,
        currency="usd",
        stripe_transfer_id=TRANSFER,
        stripe_payout_id=PAYOUT,
    )
    assert {key.name for key in by_id.link_keys()} & told
    elsewhere = OwedPayout(
        payout_id=OWED.payout_id, account="acct_other", livemode=False, amount_minor=4500, currency="usd"
    )
    assert not {key.name for key in elsewhere.link_keys()} & told


def test_a_name_says_by_what_on_which_account_and_in_which_mode() -> None:
    assert LinkKey("transfer", "tr_1", "acct_1", True).name == "owed_payout:transfer:tr_1@acct_1/live"


@pytest.mark.parametrize("name", ["basil/transfer.created", "basil/payout.paid"])
def test_test_money_is_never_taken_for_real_money(name: str) -> None:
    real = {key.name for key in keys_of(fact(name), CREATOR, True)}
    assert real
    assert not real & {key.name for key in OWED.link_keys()}
    assert not real & {key.name for key in keys_of(fact(name), CREATOR, False)}


@pytest.mark.parametrize("name", ["basil/transfer.created", "basil/payout.paid"])
def test_an_event_that_tells_no_mode_pays_nothing_registered(name: str) -> None:
    assert keys_of(fact(name), CREATOR, None) == ()


def test_registered_payouts_of_one_id_in_two_modes_have_names_of_their_own() -> None:
    live = dataclasses.replace(OWED, livemode=True)
    names = [Registered(owed, "creator-1").name for owed in (OWED, live)]
    assert names == [
        "owed_payout:owed-2025-0001@acct_1RoWanCreator0001/test",
        f"owed_payout:owed-2025-0001{live.place}",
    ]
    assert all(key.name.endswith(live.place) for key in live.link_keys())


@pytest.mark.parametrize(
    ("name", "transfer_id", "payout_id", "reason"),
    [
        ("basil/transfer.created", None, None, None),
        ("basil/transfer.created", TRANSFER, "po_other", None),
        ("basil/transfer.created", "tr_other", None, "another transfer is registered"),
        ("basil/payout.paid", None, None, None),
        ("basil/payout.paid", "tr_other", PAYOUT, None),
        ("basil/payout.paid", None, "po_other", "another payout is registered"),
        ("basil/setup_intent.succeeded", None, None, "a setup_intent pays no creator"),
    ],
)
def test_metadata_gives_way_to_the_id_that_was_registered(
    name: str, transfer_id: str | None, payout_id: str | None, reason: str | None
) -> None:
    told: Fact = fact(name)
    owed = OwedPayout(
        payout_id=OWED.payout_id,
        account=CREATOR,
        livemode=False,
        amount_minor=4500,
        currency="usd",
        stripe_transfer_id=transfer_id,
        stripe_payout_id=payout_id,
    )
    assert refusal(owed, told) == reason


def test_what_takes_a_registered_payout_back_is_its_own_news() -> None:
    back = fact("basil/payout.paid", **{"data.object.id": "po_back", "data.object.original_payout": PAYOUT})
    owed = OwedPayout(
        payout_id="x", account=CREATOR, livemode=False, amount_minor=1, currency="usd", stripe_payout_id=PAYOUT
    )
    assert refusal(owed, back) is None
