"""Registered payouts that are corrected, or registered, while events of theirs are on the way: nothing is lost."""

import dataclasses
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import parking, payouts
from shared.rules.payout_links import OwedPayout, Registered
from tests.factories.arrivals import arrival
from tests.factories.events import event
from tests.running import until
from workers import maintenance

ACCOUNT, OTHER = "acct_1RoWanCreator0001", "acct_1RoWanCreator0002"
OWED = OwedPayout(payout_id="owed-2025-0001", account=ACCOUNT, livemode=False, amount_minor=4500, currency="usd")
BARE = {"data.object.metadata": {}}


def wanted(**changes):
    return Registered(dataclasses.replace(OWED, **changes), "creator-1")


@pytest.fixture
def registered(pool):
    def register(**changes):
        with pool.transaction() as own:
            return payouts.register(own, wanted(**changes), actor="test")

    return register


@pytest.fixture
def carry(inbox, processor):
    numbers = itertools.count()

    def one(name, **changes):
        made = event(f"basil/{name}", **{"id": f"evt_{name}_{next(numbers)}"} | changes)
        return processor.process(inbox.keep(arrival(made), nudged=True).row_id)

    return one


def transfer(id_, **changes):
    return {"data.object.id": id_, **changes}


def statuses(conn):
    query = "SELECT subject_id, account, status FROM subjects WHERE kind = 'owed_payout' ORDER BY 1, 2"
    return [tuple(row.values()) for row in conn.execute(query)]


def stale(conn):
    return [row["data"]["payoutId"] for row in conn.execute("SELECT data FROM notices WHERE kind = 'payout:stale'")]


def test_what_is_refused_by_one_payout_meets_the_other_that_is_being_registered(registered, carry, pool, conn):
    registered(stripe_transfer_id="tr_x")
    waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as thread:
        with pool.transaction() as own:
            payouts.register(own, wanted(payout_id="owed-2", stripe_transfer_id="tr_1"), actor="test")
            # Its metadata names the first, which goes by another id.
            arrives = thread.submit(carry, "transfer.created", **transfer("tr_1"))
            until(lambda: arrives.done() or conn.execute(waits).fetchone() is not None)
        assert arrives.result(30) == "processed"
    assert statuses(conn) == [("owed-2", ACCOUNT, "PROCESSING")]


def test_an_orphan_says_which_payout_refused_it_and_is_woken_by_its_correction(registered, carry, conn, processor):
    registered(stripe_transfer_id="tr_x")
    assert carry("transfer.created", **transfer("tr_1")) == "ignored"
    row = conn.execute("SELECT id, reason_message FROM events").fetchone()
    assert row["reason_message"].endswith("; it names owed-2025-0001, for which another transfer is registered")
    assert conn.execute("SELECT count(*) AS n FROM audit WHERE act = 'payout.link_refused'").fetchone()["n"] == 1
    assert registered(stripe_transfer_id="tr_1").woken == 1
    assert processor.process(row["id"]) == "processed"
    assert statuses(conn) == [(OWED.payout_id, ACCOUNT, "PROCESSING")]


def test_an_account_that_is_corrected_leaves_stripes_ids_behind(registered, carry, conn):
    registered(stripe_transfer_id="tr_old", stripe_payout_id="po_old")
    registered(account=OTHER)
    row = conn.execute("SELECT stripe_transfer_id, stripe_payout_id FROM payouts").fetchone()
    assert row == {"stripe_transfer_id": None, "stripe_payout_id": None}
    assert carry("transfer.created", **transfer("tr_new", **{"data.object.destination": OTHER})) == "processed"
    assert statuses(conn) == [(OWED.payout_id, OTHER, "PROCESSING")]


def test_an_id_that_a_correction_leaves_out_stays_and_finds_its_payout(registered, carry, conn):
    registered(stripe_transfer_id="tr_1")
    registered(amount_minor=4600)
    assert conn.execute("SELECT stripe_transfer_id FROM payouts").fetchone()["stripe_transfer_id"] == "tr_1"
    assert carry("transfer.created", **transfer("tr_1"), **BARE) == "processed"


@pytest.mark.parametrize("waits", [False, True])
def test_an_id_that_was_corrected_is_free_for_its_rightful_owner(registered, carry, conn, processor, waits):
    registered(stripe_transfer_id="tr_typo")
    registered(stripe_transfer_id="tr_right")
    if waits:
        assert carry("transfer.created", **transfer("tr_typo"), **BARE) == "ignored"
    second = registered(payout_id="owed-2", stripe_transfer_id="tr_typo")
    assert (second.taken, second.woken) == ((), int(waits))
    if waits:
        assert processor.process(conn.execute("SELECT id FROM events").fetchone()["id"]) == "processed"
    else:
        assert carry("transfer.created", **transfer("tr_typo"), **BARE) == "processed"
    assert statuses(conn) == [("owed-2", ACCOUNT, "PROCESSING")]
    assert carry("transfer.created", **transfer("tr_right"), **BARE) == "processed"


def test_what_metadata_linked_is_found_after_a_correction_that_names_no_id_of_its_kind(registered, carry):
    registered()
    assert carry("payout.created") == "processed"
    registered(amount_minor=4600, stripe_transfer_id="tr_1")
    assert carry("payout.paid", **BARE) == "processed"


def test_what_metadata_linked_gives_way_to_the_id_that_is_registered(registered, carry):
    registered()
    assert carry("payout.created", **{"data.object.id": "po_linked"}) == "processed"
    registered(stripe_payout_id="po_right")
    second = registered(payout_id="owed-2", stripe_payout_id="po_linked")
    assert second.taken == ()


def test_all_that_wait_are_woken_however_few_go_at_once(carry, pool, conn):
    for _ in range(5):
        assert carry("payout.paid") == "ignored"
    wanted_by = conn.execute("SELECT waits_for FROM events LIMIT 1").fetchone()["waits_for"][0]
    with pool.transaction() as own:
        assert parking.wake_all(own, wanted_by, at_once=2) == 5


def test_a_payout_that_arrives_after_the_look_and_before_the_word_is_not_raised(registered, carry, pool, conn):
    registered()
    carry("transfer.created")

    class Late:
        """Between its first transaction, which looks, and the next, the payout arrives."""

        begun = 0

        def transaction(self):
            self.begun += 1
            if self.begun == 2:
                assert carry("payout.paid") == "processed"
            return pool.transaction()

    late = Late()
    assert maintenance.raise_stale_payouts(late, after_seconds=60) == 0
    assert (late.begun, stale(conn)) == (2, [])


def test_a_payout_that_a_worker_has_in_hand_is_left_to_the_next_look(registered, carry, pool, conn):
    registered()
    carry("transfer.created")
    with pool.transaction() as own:
        own.execute("SELECT FROM subjects WHERE kind = 'owed_payout' FOR UPDATE")
        assert maintenance.raise_stale_payouts(pool, after_seconds=60) == 0
    assert maintenance.raise_stale_payouts(pool, after_seconds=60) == 1
    assert stale(conn) == [OWED.payout_id]


@pytest.mark.parametrize("corrected_first", [True, False])
def test_what_a_correction_left_on_another_account_is_not_late(registered, carry, pool, conn, corrected_first):
    registered()
    carry("transfer.created")
    if corrected_first:
        registered(account=OTHER)
    assert maintenance.raise_stale_payouts(pool, after_seconds=60) == (not corrected_first)
    registered(account=OTHER)
    assert stale(conn) == []
