"""Registered payouts in both modes and on several accounts are followed apart."""

import dataclasses
import itertools

import pytest

from shared import payouts
from shared.rules.payout_links import OwedPayout, Registered
from tests.factories.arrivals import arrival
from tests.factories.events import event

ACCOUNT, OTHER = "acct_1RoWanCreator0001", "acct_1RoWanCreator0002"
OWED = OwedPayout(payout_id="owed-2025-0001", account=ACCOUNT, livemode=False, amount_minor=4500, currency="usd")


@pytest.fixture
def registered(pool):
    def register(**changes):
        with pool.transaction() as own:
            wanted = Registered(dataclasses.replace(OWED, **changes), "creator-1")
            return payouts.register(own, wanted, actor="test")

    return register


@pytest.fixture
def carry(inbox, processor):
    numbers = itertools.count()

    def one(name, **changes):
        made = event(f"basil/{name}", **{"id": f"evt_{name}_{next(numbers)}"} | changes)
        return processor.process(inbox.keep(arrival(made), nudged=True).row_id)

    return one


@pytest.fixture
def notices(conn):
    def found(kind, about=""):
        query = "SELECT recipient, data, about FROM notices WHERE kind = %s AND starts_with(about, %s) ORDER BY id"
        return [(row["recipient"], row["data"]) for row in conn.execute(query, [kind, about])]

    return found


def statuses(conn):
    query = "SELECT livemode, account, status FROM subjects WHERE kind = 'owed_payout' ORDER BY 1, 2"
    return [tuple(row.values()) for row in conn.execute(query)]


def test_a_test_event_never_touches_a_payout_of_real_money(registered, carry, conn, notices):
    registered(livemode=True)
    assert carry("payout.failed", livemode=False) == "ignored"
    assert (statuses(conn), notices("payout:critical_update")) == ([], [])
    assert carry("payout.paid", livemode=True) == "processed"
    assert statuses(conn) == [(True, ACCOUNT, "COMPLETED")]


def test_an_event_that_tells_no_mode_waits_for_nobody(registered, carry, conn):
    registered()
    assert carry("payout.paid", livemode=None) == "ignored"
    assert conn.execute("SELECT reason_code, waits_for FROM events").fetchone() == {
        "reason_code": "orphan",
        "waits_for": None,
    }


def test_one_id_in_two_modes_is_two_payouts_with_notices_of_their_own(registered, carry, conn, notices):
    for livemode in (True, False):
        registered(livemode=livemode)
        assert carry("payout.paid", livemode=livemode) == "processed"
        assert carry("payout.failed", livemode=livemode) == "processed"
    assert [(mode, status) for mode, _, status in statuses(conn)] == [(False, "FAILED"), (True, "FAILED")]
    for mode in ("live", "test"):
        about = f"owed_payout:{OWED.payout_id}@{ACCOUNT}/{mode}"
        assert len(notices("payout:status_updated", about)) == 3
        assert len(notices("payout:critical_update", about)) == 2


def test_payouts_of_two_accounts_are_told_apart(registered, carry, conn, notices):
    registered()
    registered(payout_id="owed-2", account=OTHER, amount_minor=1)
    paid = {"account": OTHER, "data.object.metadata": {"payout_id": "owed-2"}}
    assert [carry("payout.paid"), carry("payout.paid", **paid)] == ["processed", "processed"]
    assert {account for _, account, _ in statuses(conn)} == {ACCOUNT, OTHER}
    [(_, wrong)] = notices("payout:amount_mismatch")
    assert wrong["payoutId"] == "owed-2"


def test_accounts_of_one_id_in_two_modes_are_told_apart(carry, notices):
    for livemode in (True, False):
        assert carry("account.updated", livemode=livemode) == "processed"
    assert len(notices("account:status_updated")) == 2


def test_a_payout_corrected_to_another_account_is_found_there_alone(registered, carry):
    registered()
    registered(account=OTHER)
    assert carry("payout.paid") == "ignored"
    assert carry("payout.paid", account=OTHER) == "processed"
