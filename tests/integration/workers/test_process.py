"""One event from its claim to its end, over a real database."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from prometheus_client import REGISTRY

from shared.db import Pool
from shared.errors import TransientError
from shared.rules.lanes import ACCESS_CRITICAL, Placement
from tests.factories.arrivals import arrival, subscription_event
from workers import ledger
from workers.ledger import Held, Reason, Settlement


def event_row(conn, kept):
    return conn.execute("SELECT * FROM events WHERE id = %s", [kept.row_id]).fetchone()


def attempts(conn, kept):
    return conn.execute("SELECT * FROM attempts WHERE event_row = %s ORDER BY fence", [kept.row_id]).fetchall()


def count(conn, table):
    return conn.execute(f"SELECT count(*) AS n FROM {table}").fetchone()["n"]  # noqa: S608


def make_due(conn, kept):
    conn.execute("UPDATE events SET next_attempt_at = now() WHERE id = %s", [kept.row_id])


def test_an_event_about_a_subscription_changes_its_state(inbox, processor, conn):
    event = subscription_event()
    kept = inbox.keep(arrival(event), nudged=True)
    assert processor.process(kept.row_id) == "processed"
    row = event_row(conn, kept)
    assert (row["state"], row["attempts"], row["lease_until"]) == ("processed", 1, None)
    subject = conn.execute("SELECT * FROM subjects").fetchone()
    assert (subject["kind"], subject["status"]) == ("subscription", "active")
    assert subject["customer_hash"] == row["customer_hash"]
    (line,) = conn.execute("SELECT * FROM transitions").fetchall()
    assert (line["from_status"], line["to_status"]) == (None, "active")
    (audited,) = conn.execute("SELECT * FROM audit").fetchall()
    assert (audited["act"], audited["after"]) == ("subject.transition", {"status": "active"})


def test_a_message_that_comes_twice_finds_nothing_to_do(inbox, processor, conn):
    kept = inbox.keep(arrival(), nudged=True)
    assert processor.process(kept.row_id) == "processed"
    assert processor.process(kept.row_id) == "not waiting"
    assert processor.process(999_999) == "not waiting"
    assert len(attempts(conn, kept)) == 1


def test_many_workers_with_the_same_message_process_it_once(inbox, processor, conn):
    kept, gate = inbox.keep(arrival(), nudged=True), threading.Barrier(8)

    def work(_):
        gate.wait(10)
        return processor.process(kept.row_id)

    with ThreadPoolExecutor(8) as threads:
        outcomes = sorted(threads.map(work, range(8)))
    assert outcomes == ["not waiting"] * 7 + ["processed"]
    assert (count(conn, "facts"), count(conn, "transitions")) == (1, 1)


def test_two_events_of_one_subject_at_once_lose_nothing(inbox, processor, conn):
    rows = []
    for number, status in enumerate(["incomplete", "active", "past_due", "active", "unpaid", "past_due"]):
        event = subscription_event(
            object={"id": "sub_shared", "status": status},
            created=1_790_000_000 + number,
            type="customer.subscription.updated" if number else "customer.subscription.created",
        )
        rows.append(inbox.keep(arrival(event), nudged=True).row_id)
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(processor.process, reversed(rows)))
    assert set(outcomes) == {"processed"}
    lines = conn.execute("SELECT from_status, to_status FROM transitions ORDER BY position").fetchall()
    assert [line["to_status"] for line in lines] == ["incomplete", "active", "past_due", "active", "unpaid", "past_due"]
    assert conn.execute("SELECT status FROM subjects").fetchone()["status"] == "past_due"


@pytest.mark.parametrize(
    ("event", "code", "words"),
    [
        (subscription_event(type="charge.succeeded"), "no_handler", "no handler"),
        (
            subscription_event(type="v1.invoice.paid") | {"object": "v2.core.event"},
            "no_stripe_api_key",
            "no Stripe API key",
        ),
    ],
)
def test_what_nobody_handles_is_ignored_with_its_reason(inbox, processor, conn, event, code, words):
    kept = inbox.keep(arrival(event), nudged=True)
    assert processor.process(kept.row_id) == "ignored"
    row = event_row(conn, kept)
    assert (row["state"], row["reason_code"]) == ("ignored", code)
    assert words in row["reason_message"]


def test_a_crisis_that_waited_too_long_is_raised_and_a_quick_one_is_not(inbox, processor, conn):
    critical = Placement("crisis", ACCESS_CRITICAL, "access-critical")
    counted = REGISTRY.get_sample_value("carelane_crisis_breaches_total")
    slow = inbox.keep(arrival(placement=critical), nudged=True)
    conn.execute("UPDATE event_bodies SET received_at = received_at - interval '1 second'")
    conn.execute("UPDATE events SET received_at = received_at - interval '1 second'")
    processor.process(slow.row_id)
    standard = inbox.keep(arrival(), nudged=True)
    processor.process(standard.row_id)
    (breach,) = conn.execute("SELECT * FROM audit WHERE act = 'crisis.response_breach'").fetchall()
    assert breach["object"].endswith(f"#{slow.row_id}")
    assert breach["after"]["milliseconds"] >= 1000
    (notice,) = conn.execute("SELECT * FROM notices").fetchall()
    assert (notice["kind"], notice["cause"]) == ("crisis:response_breach", f"event:{slow.row_id}")
    assert notice["data"]["milliseconds"] == breach["after"]["milliseconds"]
    assert REGISTRY.get_sample_value("carelane_crisis_breaches_total") == counted + 1


def test_a_crisis_that_is_sent_on_again_days_later_is_no_breach(inbox, processor, conn):
    critical = Placement("crisis", ACCESS_CRITICAL, "access-critical")
    kept = inbox.keep(arrival(placement=critical), nudged=True)
    conn.execute("UPDATE event_bodies SET received_at = received_at - interval '2 days'")
    conn.execute("UPDATE events SET received_at = received_at - interval '2 days', series = 2")
    assert processor.process(kept.row_id) == "processed"
    assert count(conn, "notices") == 0


def test_the_other_livemode_is_ignored(inbox, processor, conn):
    kept = inbox.keep(arrival(), nudged=True)
    assert dataclasses.replace(processor, livemode=True).process(kept.row_id) == "ignored"
    assert event_row(conn, kept)["reason_code"] == "livemode"


def test_a_broken_payload_is_a_dead_letter_with_the_path(inbox, processor, conn):
    kept = inbox.keep(arrival(subscription_event(object={"status": 7})), nudged=True)
    assert processor.process(kept.row_id) == "dead"
    row = event_row(conn, kept)
    assert (row["reason_class"], row["reason_code"], row["reason_path"]) == ("invalid", "schema", "data.object.status")
    assert row["attempts"] == 1
    audited = conn.execute("SELECT act, object FROM audit").fetchone()
    assert (audited["act"], audited["object"]) == ("event.dead", f"event:{row['event_id']}#{row['id']}")
    notice = conn.execute("SELECT kind, data FROM notices").fetchone()
    assert (notice["kind"], notice["data"]["code"]) == ("dead_letter:created", "schema")


def test_an_unreadable_body_is_a_dead_letter(inbox, processor, conn):
    kept = inbox.keep(arrival(body=b"\xef\xbb\xbf[1,", event_id="sha256:00", type=None), nudged=True)
    assert processor.process(kept.row_id) == "dead"
    assert event_row(conn, kept)["reason_code"] == "unparsable"


def test_a_body_swapped_with_anothers_is_a_dead_letter(inbox, processor, conn):
    one, two = inbox.keep(arrival(), nudged=True), inbox.keep(arrival(), nudged=True)
    conn.execute("UPDATE event_bodies SET event_row = -event_row")
    conn.execute(
        "UPDATE event_bodies SET event_row = CASE event_row WHEN %s THEN %s ELSE %s END",
        [-one.row_id, two.row_id, one.row_id],
    )
    conn.execute("UPDATE events SET received_at = (SELECT min(received_at) FROM event_bodies)")
    conn.execute("UPDATE event_bodies SET received_at = (SELECT min(received_at) FROM event_bodies)")
    assert processor.process(one.row_id) == "dead"
    assert event_row(conn, one)["reason_code"] == "integrity"


def test_the_loser_of_a_deadlock_is_tried_again_in_the_same_attempt(inbox, processor, conn):
    kept, losses = inbox.keep(arrival(), nudged=True), iter([True, True, False])

    class Losing:
        """A pool whose transactions lose a race, as often as told."""

        def statement(self):
            if next(losses):
                raise TransientError("lost", code="database_40P01")
            return processor.pool.statement()

    assert dataclasses.replace(processor, pool=Losing())._claim(
        partial(ledger.claim, row_ids=[kept.row_id]), "standard"
    )
    assert event_row(conn, kept)["attempts"] == 1


class _BrokenReader:
    def __init__(self, error):
        self.error = error

    def open(self, sealed, identity):
        raise self.error


def test_a_bug_is_tried_again_and_then_dead(inbox, processor, conn):
    buggy = dataclasses.replace(processor, reader=_BrokenReader(KeyError("jane@example.org")))
    kept = inbox.keep(arrival(), nudged=True)
    outcomes = []
    for _ in range(3):
        outcomes.append(buggy.process(kept.row_id))
        assert buggy.process(kept.row_id) == "not waiting"
        if outcomes[-1] == "retrying":
            row = event_row(conn, kept)
            assert row["next_attempt_at"] > row["received_at"]
            assert row["nudged_at"] is None
            make_due(conn, kept)
    assert outcomes == ["retrying", "retrying", "dead"]
    row = event_row(conn, kept)
    assert (row["reason_class"], row["attempts"]) == ("bug", 3)
    assert "jane" not in str(row) + str(attempts(conn, kept))
    assert [attempt["outcome"] for attempt in attempts(conn, kept)] == ["retrying", "retrying", "dead"]


def test_each_class_of_error_has_its_own_count(inbox, processor, conn):
    kept = inbox.keep(arrival(), nudged=True)
    away = dataclasses.replace(processor, reader=_BrokenReader(TransientError("away", code="database_away")))
    buggy = dataclasses.replace(processor, reader=_BrokenReader(KeyError()))
    for one in (away, away, away, buggy, away, buggy):
        assert one.process(kept.row_id) == "retrying"
        make_due(conn, kept)
    assert processor.process(kept.row_id) == "processed"
    assert event_row(conn, kept)["reason_code"] is None


def test_a_zombie_meets_the_fence_and_its_work_is_rolled_back(inbox, processor, conn, pool):
    kept = inbox.keep(arrival(), nudged=True)
    with pool.transaction() as own:
        (claim,) = ledger.claim(own, [kept.row_id], worker="zombie", lease_seconds=30)
    conn.execute("UPDATE events SET state = 'received', lease_until = NULL WHERE id = %s", [kept.row_id])
    assert processor.process(kept.row_id) == "processed"
    with pytest.raises(ledger.Fenced), pool.transaction() as own:
        own.execute("INSERT INTO effects (cause, kind, recipient) VALUES ('zombie', 'x', 'y')")
        ledger.settle(own, [(claim.held, Settlement("processed"))])
    assert count(conn, "effects") == 0
    with pytest.raises(ledger.Fenced), pool.transaction() as own:
        ledger.retry_later(own, Held(kept.row_id, 1, 1, "evt"), Reason("bug", "x", "y"), delay_seconds=1)


def test_a_claim_outlasts_the_time_limit_of_the_lane_it_came_by(inbox, processor, conn):
    leases = []

    class Looking:
        def open(self, sealed, identity):
            leases.append(conn.execute("SELECT extract(epoch FROM lease_until - now()) AS s FROM events").fetchone())
            raise TransientError("away")

    looking = dataclasses.replace(processor, reader=Looking(), lease_seconds={"crisis": 800, "standard": 3000})
    kept = inbox.keep(arrival(), nudged=True)
    looking.process(kept.row_id, "crisis")
    make_due(conn, kept)
    looking.process(kept.row_id)
    assert 700 < leases[0]["s"] <= 800
    assert 2900 < leases[1]["s"] <= 3000


def test_a_requeued_event_repeats_no_effect(inbox, processor, conn):
    kept = inbox.keep(arrival(), nudged=True)
    processor.process(kept.row_id)
    conn.execute("UPDATE events SET state = 'retrying', settled_at = NULL, series = 2, attempts = 0")
    assert processor.process(kept.row_id) == "processed"
    assert (count(conn, "facts"), count(conn, "transitions")) == (1, 1)


def test_a_late_event_finds_its_place_without_undoing_a_newer_one(inbox, processor, conn):
    newer = subscription_event(
        object={"id": "sub_late", "status": "past_due"}, created=1_790_000_100, type="customer.subscription.updated"
    )
    older = subscription_event(object={"id": "sub_late", "status": "active"}, created=1_790_000_000)
    for event in (newer, older):
        processor.process(inbox.keep(arrival(event), nudged=True).row_id)
    assert conn.execute("SELECT status FROM subjects").fetchone()["status"] == "past_due"
    lines = conn.execute("SELECT from_status, to_status FROM transitions ORDER BY position").fetchall()
    assert [(line["from_status"], line["to_status"]) for line in lines] == [(None, "active"), ("active", "past_due")]


def acts(conn, act):
    return conn.execute("SELECT reason, before, after FROM audit WHERE act = %s ORDER BY id", [act]).fetchall()


def test_a_step_that_is_not_legal_is_audited_whether_it_comes_in_order_or_late(inbox, processor, conn):
    for second, status in ((20, "canceled"), (30, "active"), (10, "incomplete"), (15, "incomplete_expired")):
        kind = "customer.subscription.updated"
        event = subscription_event(object={"id": "sub_c", "status": status}, created=1_790_000_000 + second, type=kind)
        processor.process(inbox.keep(arrival(event), nudged=True).row_id)
    refused = [(row["reason"], row["after"]["refused"]) for row in acts(conn, "subject.conflict")]
    assert refused == [
        ("canceled is final", "active"),
        ("incomplete_expired is final", "canceled"),
    ]


def test_a_step_that_a_late_fact_undoes_stays_on_record(inbox, processor, conn):
    for second, status in ((20, "past_due"), (10, "past_due")):
        kind = "customer.subscription.updated"
        event = subscription_event(object={"id": "sub_s", "status": status}, created=1_790_000_000 + second, type=kind)
        processor.process(inbox.keep(arrival(event), nudged=True).row_id)
    (superseded,) = acts(conn, "subject.steps_superseded")
    assert [(step["from"], step["to"]) for step in superseded["before"]["steps"]] == [(None, "past_due")]


def test_when_not_even_the_failure_can_be_noted_the_lease_holds_it(inbox, processor, conn, database_url):
    kept = inbox.keep(arrival(), nudged=True)
    own_pool = Pool(database_url, name="doomed", size=1)

    class Closing:
        def open(self, sealed, identity):
            own_pool.close()
            raise KeyError

    doomed = dataclasses.replace(processor, pool=own_pool, reader=Closing())
    assert doomed.process(kept.row_id) == "unnoted"
    assert event_row(conn, kept)["state"] == "processing"
