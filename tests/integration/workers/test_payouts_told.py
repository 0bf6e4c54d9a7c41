"""What is told of a registered payout: other figures anew, lost steps in order, the right one of two; never twice."""

import dataclasses
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import outbox, payouts
from shared.rules.payout_links import OwedPayout, Registered
from tests.factories.arrivals import arrival
from tests.factories.events import event
from tests.running import until
from workers import maintenance

ACCOUNT = "acct_1RoWanCreator0001"
OWED = OwedPayout(payout_id="owed-2025-0001", account=ACCOUNT, livemode=False, amount_minor=4500, currency="usd")
TABLES = "events, event_bodies, attempts, subjects, facts, transitions, effects, notices, payouts, payout_links"


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


@pytest.fixture
def delivered(conn):
    def deliver():
        outbox.assign_positions(conn)

    return deliver


def statuses(conn):
    query = "SELECT livemode, account, status FROM subjects WHERE kind = 'owed_payout' ORDER BY 1, 2"
    return [tuple(row.values()) for row in conn.execute(query)]


def test_a_second_and_larger_reversal_is_told_after_the_first_was_delivered(registered, carry, notices, delivered):
    registered()
    carry("transfer.created")
    for sum_ in (1000, 3000, 3000):
        carry("transfer.reversed", **{"data.object.amount_reversed": sum_, "created": 1_740_000_000 + sum_})
        delivered()
    told = [data["amountMinor"] for to, data in notices("payout:critical_update") if to == "staff"]
    assert told == [1000, 3000]


def test_another_wrong_amount_is_told_after_the_first_was_delivered(registered, carry, notices, delivered):
    registered(amount_minor=5000)
    carry("transfer.created")
    delivered()
    carry("payout.created", **{"data.object.amount": 4400})
    assert [data["stripes"]["amountMinor"] for _, data in notices("payout:amount_mismatch")] == [4500, 4400]


def test_a_failure_says_in_words_why_and_whether_to_try_again(registered, carry, notices):
    registered()
    carry("payout.failed", **{"data.object.failure_code": "declined"})
    told = dict(notices("payout:critical_update"))["creator:creator-1"]
    assert (told["failedReason"], told["retryable"], told["userActionRequired"]) == ("declined", True, True)
    assert (told["amountMinor"], told["currency"]) == (4500, "usd")
    assert "ask your bank" in told["message"]


def test_a_step_whose_event_was_lost_is_kept_and_told_in_order(registered, carry, conn, notices, delivered):
    registered()
    carry("payout.paid")

    def steps():
        return [(data["newStatus"], data["superseded"]) for _, data in notices("payout:status_updated")]

    assert steps() == [("PROCESSING", True), ("COMPLETED", False)]
    query = (
        "SELECT from_status, to_status FROM transitions JOIN subjects ON subjects.id = subject_row"
        " WHERE kind = 'owed_payout' ORDER BY position"
    )
    kept = [tuple(row.values()) for row in conn.execute(query)]
    assert kept == [(None, "PROCESSING"), ("PROCESSING", "COMPLETED")]
    delivered()
    carry("transfer.created")
    assert steps() == [("PROCESSING", True), ("COMPLETED", False)], "what was told already is not told again"
    assert [tuple(row.values()) for row in conn.execute(query)] == kept


def test_a_correction_is_compared_at_once(registered, carry, notices, conn):
    registered(amount_minor=5000)
    carry("transfer.created")
    assert len(notices("payout:amount_mismatch")) == 1
    registered()
    assert notices("payout:amount_mismatch") == []
    registered(amount_minor=4600)
    [(_, wrong)] = notices("payout:amount_mismatch")
    assert (wrong["ours"]["amountMinor"], wrong["stripes"]["amountMinor"]) == (4600, 4500)
    query = "SELECT actor FROM audit WHERE act = 'payout.amount_mismatch' ORDER BY id"
    assert [row["actor"] for row in conn.execute(query)] == ["worker", "test"]


def test_an_event_on_its_way_while_its_payout_is_corrected_is_compared_with_the_correction(
    registered, carry, pool, conn, notices
):
    registered(amount_minor=5000)
    carry("transfer.created")
    waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as thread:
        with pool.transaction() as own:
            own.execute("SELECT FROM subjects WHERE kind = 'owed_payout' FOR UPDATE")
            arrives = thread.submit(carry, "payout.paid")
            until(lambda: conn.execute(waits).fetchone() is not None)
            payouts.register(own, Registered(OWED, "creator-1"), actor="test")
        assert arrives.result(30) == "processed"
    assert notices("payout:amount_mismatch") == []


@pytest.mark.parametrize("first", ["po_a", "po_b"])
def test_two_payouts_that_name_one_registered_payout_end_alike_in_either_order(registered, carry, conn, notices, first):
    ends = []
    for order in (("po_a", "po_b"), ("po_b", "po_a")):
        conn.execute(f"TRUNCATE {TABLES} RESTART IDENTITY CASCADE")
        registered()
        for name in order:
            made = {"data.object.id": name, "data.object.created": 1_735_000_000 + (name != first)}
            for type_ in ("payout.created", "payout.paid") if name == first else ("payout.failed",):
                assert carry(type_, id=f"evt_{name}_{type_}", **made) == "processed"
        query = "SELECT kind, subject_id, status, state FROM subjects ORDER BY kind, subject_id"
        verdicts = "SELECT cause, verdict, verdict_reason FROM facts ORDER BY subject_row, occurred_at, cause"
        told = sorted(str(one) for one in notices("payout:status_updated"))
        ends.append((conn.execute(query).fetchall(), told, notices("payout:critical_update")))
        reasons = {row["verdict_reason"] for row in conn.execute(verdicts) if row["verdict"] == "conflict"}
        assert reasons == {f"another payout, {first}, was made first and pays it"}
        audited = "SELECT count(*) AS n FROM audit WHERE act = 'subject.conflict' AND reason = ANY(%s)"
        assert conn.execute(audited, [list(reasons)]).fetchone()["n"] >= 1
    assert ends[0] == ends[1]
    assert ends[0][2] == [], "what failed is not what pays"


def test_a_payout_taken_for_another_that_came_late_is_told_as_it_is(registered, carry, conn, notices, delivered):
    registered()
    carry("payout.failed", **{"data.object.id": "po_b", "data.object.created": 1_735_000_001})
    delivered()
    carry("payout.created", **{"data.object.id": "po_a", "data.object.created": 1_735_000_000})
    assert [status for _, _, status in statuses(conn)] == ["PROCESSING"]
    assert notices("payout:status_updated")[-1][1]["newStatus"] == "PROCESSING"


def test_a_stale_payout_is_raised_in_its_own_mode_and_taken_back_when_it_arrives(registered, carry, pool, notices):
    for livemode in (True, False):
        registered(livemode=livemode)
        carry("transfer.created", livemode=livemode)
    assert maintenance.raise_stale_payouts(pool, after_seconds=3600) == 2
    carry("payout.paid", livemode=True)
    assert len(notices("payout:stale")) == 1
    assert maintenance.raise_stale_payouts(pool, after_seconds=3600) == 0
    assert maintenance.raise_stale_payouts(pool, after_seconds=10**10) == 0
