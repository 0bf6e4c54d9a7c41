"""Registered payouts are followed, whatever comes first; what nobody registered waits for its registration."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import payouts
from shared.payouts import Registered
from shared.rules.payout_links import OwedPayout
from tests.factories.arrivals import arrival
from tests.factories.events import event
from workers import maintenance

ACCOUNT, TRANSFER, PAYOUT = "acct_1RoWanCreator0001", "tr_1RoWanTransfer0001", "po_1RoWanPayout0001"
OWED = OwedPayout(payout_id="owed-2025-0001", account=ACCOUNT, livemode=False, amount_minor=4500, currency="usd")
STORY = ("transfer.created", "payout.created", "payout.paid", "payout.failed")


@pytest.fixture
def registered(pool):
    def register(**changes):
        owed = OwedPayout(**{field: getattr(OWED, field) for field in OWED.__slots__} | changes)
        with pool.transaction() as own:
            return payouts.register(own, Registered(owed, "creator-1"), actor="test")

    return register


@pytest.fixture
def carry(inbox, processor, conn):
    """Keep and process one event of the story, by its payload's name; its outcome."""
    numbers = itertools.count()

    def one(name, **changes):
        made = event(f"basil/{name}", id=f"evt_{name}_{next(numbers)}", **changes)
        return processor.process(inbox.keep(arrival(made), nudged=True).row_id)

    return one


def followed(conn):
    return conn.execute("SELECT * FROM subjects WHERE kind = 'owed_payout'").fetchone()


def notices(conn):
    query = "SELECT cause, kind, recipient, data FROM notices ORDER BY kind, recipient, cause"
    return [(row["kind"], row["recipient"], row["data"]) for row in conn.execute(query)]


def test_a_payout_is_followed_from_its_transfer_to_the_bank_and_back(registered, carry, conn):
    registered()
    statuses = []
    for name in STORY:
        assert carry(name) == "processed"
        statuses.append(followed(conn)["status"])
    assert statuses == ["PROCESSING", "PROCESSING", "COMPLETED", "FAILED"]
    moved = [
        (data["oldStatus"], data["newStatus"]) for kind, _, data in notices(conn) if kind == "payout:status_updated"
    ]
    assert sorted(moved) == [("COMPLETED", "FAILED"), ("PENDING", "PROCESSING"), ("PROCESSING", "COMPLETED")]
    critical = [(to, data["reason"]) for kind, to, data in notices(conn) if kind == "payout:critical_update"]
    assert critical == [("creator:creator-1", "failed_after_completed"), ("staff", "failed_after_completed")]


def test_every_order_ends_in_the_same_state_history_and_notices(registered, inbox, processor, conn):
    seen = []
    made = [event(f"basil/{name}", id=f"evt_{name}") for name in STORY]
    tables = "events, event_bodies, attempts, subjects, facts, transitions, effects, notices, payouts, payout_links"
    for order in itertools.permutations(made):
        conn.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        registered()
        rows = {one["id"]: inbox.keep(arrival(one), nudged=True).row_id for one in made}
        for one in order:
            assert processor.process(rows[one["id"]]) == "processed"
        lines = conn.execute("SELECT from_status, to_status FROM transitions ORDER BY subject_row, position").fetchall()
        causes = conn.execute("SELECT cause, kind, recipient FROM notices ORDER BY 1, 2, 3").fetchall()
        by_kind = conn.execute("SELECT kind, status, state FROM subjects ORDER BY kind").fetchall()
        per_kind = sorted(str(line) for line in lines)
        seen.append((str(by_kind), per_kind, str(causes), str(notices(conn))))
    assert all(one == seen[0] for one in seen)


def test_an_orphan_is_ignored_with_its_reason_and_examined_again_on_registration(registered, carry, conn, processor):
    assert carry("payout.paid", **{"data.object.metadata": {}}) == "ignored"
    row = conn.execute("SELECT id, reason_code, waits_for FROM events").fetchone()
    assert row["reason_code"] == "orphan"
    assert row["waits_for"] == [f"owed_payout:payout:{PAYOUT}@{ACCOUNT}/test"]
    assert followed(conn) is None
    assert registered(stripe_payout_id=PAYOUT).woken == 1
    assert processor.process(row["id"]) == "processed"
    assert followed(conn)["status"] == "COMPLETED"


def test_the_same_ids_on_another_connected_account_are_another_payout(registered, carry):
    registered(stripe_payout_id=PAYOUT)
    assert carry("payout.paid", account="acct_another") == "ignored"


def test_what_metadata_linked_is_found_by_its_id_afterwards(registered, carry, conn):
    registered()
    without = {"data.object.metadata": {}}
    assert carry("payout.paid", **without) == "ignored"
    assert carry("payout.created") == "processed"
    waiting = conn.execute("SELECT count(*) AS n FROM events WHERE state = 'retrying'").fetchone()["n"]
    assert waiting == 1, "the orphan of the same id was woken"
    assert carry("payout.failed", **without) == "processed"


def test_metadata_does_not_link_a_payout_that_goes_by_another_id(registered, carry, conn):
    registered(stripe_payout_id="po_other")
    assert carry("payout.paid") == "ignored"
    assert conn.execute("SELECT count(*) AS n FROM audit WHERE act = 'payout.link_refused'").fetchone()["n"] == 1


def test_another_amount_is_flagged_once_and_stripes_figure_is_kept(registered, carry, conn):
    registered(amount_minor=5000)
    carry("transfer.created")
    carry("payout.paid")
    wrong = [(to, data) for kind, to, data in notices(conn) if kind == "payout:amount_mismatch"]
    ours, stripes = ({"amountMinor": amount, "currency": "usd"} for amount in (5000, 4500))
    assert wrong == [("staff", {"payoutId": OWED.payout_id, "ours": ours, "stripes": stripes})]
    assert followed(conn)["state"]["payout_amount"] == 4500
    audited = conn.execute("SELECT count(*) AS n FROM audit WHERE act = 'payout.amount_mismatch'").fetchone()
    assert audited["n"] == 1


def test_a_registration_that_is_corrected_keeps_what_stripe_told(registered, carry, conn):
    assert registered().is_new
    carry("payout.created")
    again = registered(amount_minor=4600)
    assert (again.is_new, again.taken) == (False, ())
    assert conn.execute("SELECT amount_minor FROM payouts").fetchone()["amount_minor"] == 4600
    assert followed(conn)["state"]["stripe_payout_id"] == PAYOUT
    assert carry("payout.paid", **{"data.object.metadata": {}}) == "processed"
    acts = [row["act"] for row in conn.execute("SELECT act FROM audit WHERE actor = 'test' ORDER BY id")]
    assert acts == ["payout.registered", "payout.corrected", "payout.amount_mismatch"]


def test_a_name_belongs_to_the_first_that_registered_it(registered):
    registered(stripe_transfer_id=TRANSFER)
    second = registered(payout_id="owed-2", stripe_transfer_id=TRANSFER)
    assert second.taken == (f"owed_payout:transfer:{TRANSFER}@{ACCOUNT}/test",)


def test_a_payout_on_its_way_for_a_day_is_raised_once(registered, carry, pool, conn):
    registered()
    carry("transfer.created")
    assert maintenance.raise_stale_payouts(pool, after_seconds=3600) == 1
    assert maintenance.raise_stale_payouts(pool, after_seconds=3600) == 0
    assert [kind for kind, _, _ in notices(conn)].count("payout:stale") == 1
    carry("payout.paid")
    conn.execute("DELETE FROM notices WHERE kind = 'payout:stale'")
    assert maintenance.raise_stale_payouts(pool, after_seconds=3600) == 0


def test_two_beats_at_once_do_no_harm(registered, carry, pool, conn):
    registered()
    carry("transfer.created")
    with ThreadPoolExecutor(6) as threads:
        raised = list(threads.map(lambda _: maintenance.raise_stale_payouts(pool, after_seconds=3600), range(6)))
        kept = list(threads.map(lambda _: maintenance.upkeep(pool), range(6)))
    assert sum(raised) == 1
    assert [kind for kind, _, _ in notices(conn)].count("payout:stale") == 1
    assert len(kept) == 6
    assert conn.execute("SELECT count(*) AS n FROM audit WHERE act = 'payout.stale'").fetchone()["n"] == 1


def test_an_account_that_is_restricted_is_told(carry, conn):
    assert carry("account.updated") == "processed"
    kinds = [(kind, data["newStatus"]) for kind, _, data in notices(conn)]
    assert kinds[0][0] == "account:status_updated"
    assert conn.execute("SELECT status FROM subjects WHERE kind = 'account'").fetchone()["status"] == kinds[0][1]


def test_an_api_version_not_seen_before_is_processed_and_raised_once(carry, conn):
    for _ in range(2):
        assert carry("customer.subscription.created", api_version="2031-01-01.zinnia") == "processed"
    assert [kind for kind, _, _ in notices(conn)].count("api_version:unseen") == 1


def test_an_unseen_version_whose_shape_cannot_be_read_is_raised_too(carry, conn):
    broken = {"api_version": "2031-02-01.zinnia", "data.object.status": 7}
    assert carry("customer.subscription.created", **broken) == "dead"
    assert "api_version:unseen" in [kind for kind, _, _ in notices(conn)]


def test_a_thin_event_waits_for_a_stripe_api_key(inbox, processor, conn):
    made = event("thin/v1.customer.subscription.updated")
    kept = inbox.keep(arrival({**made, "created": 1_790_000_000}, body=None), nudged=True)
    assert processor.process(kept.row_id) == "ignored"
    assert conn.execute("SELECT waits_for FROM events").fetchone()["waits_for"] == ["stripe:api_key"]
