"""Many events in one message: carried together, each with its own end."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from shared.errors import TransientError
from tests.factories.arrivals import arrival, subscription_event
from tests.fakes.extensions import Handler
from workers import ledger, work
from workers.extensions import Extension
from workers.sweep import messages

NOW = 1_790_000_000
TYPE = "mandate.updated"


def keep(inbox, **changes):
    return inbox.keep(arrival(subscription_event(**changes)), nudged=True).row_id


def subscription(inbox, status, *, seconds, name="sub_shared"):
    updated = {"type": "customer.subscription.updated", "created": NOW + seconds}
    return keep(inbox, object={"id": name, "status": status}, **updated)


def rows(conn, query, *parameters):
    return conn.execute(query, parameters).fetchall()


def states(conn):
    return {row["id"]: row["state"] for row in rows(conn, "SELECT id, state FROM events")}


def attempts(conn, row_id):
    return rows(conn, "SELECT outcome, error_code FROM attempts WHERE event_row = %s ORDER BY fence", row_id)


class Watched:
    """A pool that counts its transactions."""

    def __init__(self, pool):
        self.pool = pool
        self.begun = 0

    def transaction(self):
        self.begun += 1
        return self.pool.transaction()

    def statement(self):
        self.begun += 1
        return self.pool.statement()


def test_fifty_take_two_transactions_and_end_each_by_itself(inbox, processor, conn):
    row_ids = [keep(inbox) for _ in range(49)] + [keep(inbox, type="charge.succeeded")]
    watched = Watched(processor.pool)
    outcomes = dataclasses.replace(processor, pool=watched).carry(row_ids)
    assert outcomes == dict.fromkeys(row_ids[:49], "processed") | {row_ids[49]: "ignored"}
    assert states(conn) == outcomes
    assert watched.begun == 2
    assert len(rows(conn, "SELECT FROM facts")) == len(rows(conn, "SELECT FROM transitions")) == 49
    assert len(rows(conn, "SELECT FROM audit WHERE act = 'subject.transition'")) == 49
    assert all(attempts(conn, row_id) == [{"outcome": "processed", "error_code": None}] for row_id in row_ids[:49])


def test_a_bad_event_costs_only_itself(inbox, processor, conn):
    bad = keep(inbox, object={"status": "dormant"})
    good = [keep(inbox) for _ in range(5)]
    assert processor.carry([good[0], bad, *good[1:]]) == {bad: "dead"} | dict.fromkeys(good, "processed")
    assert attempts(conn, bad) == [{"outcome": "dead", "error_code": "schema"}]


def test_where_many_fail_together_each_is_carried_alone_in_the_same_attempt(inbox, processor, conn, monkeypatch):
    row_ids = [keep(inbox) for _ in range(4)]
    do = work.do

    def refuse(conn, works):
        done = do(conn, works)
        if any(one.claim.held.row_id == row_ids[2] for one in works):
            raise KeyError("a fault that shows in the transaction only")
        return done

    monkeypatch.setattr(work, "do", refuse)
    outcomes = processor.carry(row_ids)
    assert outcomes == dict.fromkeys(row_ids, "processed") | {row_ids[2]: "retrying"}
    assert all(len(attempts(conn, row_id)) == 1 for row_id in row_ids)
    assert len(rows(conn, "SELECT FROM facts")) == 3


def test_a_claim_that_was_taken_over_is_fenced_and_the_others_end(inbox, processor, conn, monkeypatch):
    row_ids = [keep(inbox) for _ in range(3)]
    read = processor.reader.open
    taken = []

    class Slow:
        def open(self, sealed, identity):
            if not taken:
                taken.append(conn.execute("UPDATE events SET fence = 7 WHERE id = %s", [row_ids[1]]))
            return read(sealed, identity)

    outcomes = dataclasses.replace(processor, reader=Slow()).carry(row_ids)
    assert outcomes == dict.fromkeys(row_ids, "processed") | {row_ids[1]: "fenced"}
    assert len(rows(conn, "SELECT FROM facts")) == 2


def test_events_of_one_subject_end_as_if_each_had_come_alone(inbox, processor, conn):
    row_ids = [
        subscription(inbox, "active", seconds=20),
        subscription(inbox, "trialing", seconds=0),
        subscription(inbox, "past_due", seconds=30),
        subscription(inbox, "canceled", seconds=40),
        subscription(inbox, "active", seconds=40),
        subscription(inbox, "active", seconds=50),
    ]
    assert set(processor.carry(row_ids).values()) == {"processed"}
    (subject,) = rows(conn, "SELECT id, status, moves FROM subjects")
    told = rows(conn, "SELECT to_status FROM transitions ORDER BY position")
    # Within the second of the end, what says otherwise came before it.
    assert [line["to_status"] for line in told] == ["trialing", "active", "past_due", "active", "canceled"]
    assert (subject["status"], subject["moves"]) == ("canceled", 5)
    verdicts = rows(conn, "SELECT event_row FROM facts WHERE verdict = 'conflict'")
    assert verdicts == [{"event_row": row_ids[5]}]


def test_a_late_fact_among_others_finds_its_place(inbox, processor, conn):
    processor.carry([subscription(inbox, "active", seconds=100)])
    row_ids = [subscription(inbox, "past_due", seconds=200), subscription(inbox, "trialing", seconds=50)]
    assert set(processor.carry([*row_ids, keep(inbox)]).values()) == {"processed"}
    told = rows(
        conn,
        "SELECT to_status FROM transitions JOIN subjects ON subjects.id = subject_row "
        "WHERE subject_id = 'sub_shared' ORDER BY position",
    )
    assert [line["to_status"] for line in told] == ["trialing", "active", "past_due"]


def test_what_has_failed_before_goes_alone(inbox, processor, conn):
    row_ids = [keep(inbox) for _ in range(3)]
    conn.execute("UPDATE events SET attempts = 1, state = 'retrying' WHERE id = %s", [row_ids[0]])
    watched = Watched(processor.pool)
    assert set(dataclasses.replace(processor, pool=watched).carry(row_ids).values()) == {"processed"}
    assert watched.begun == 5


def test_an_extensions_events_go_alone_and_none_begins_after_its_time(inbox, processor, conn):
    said, now = [], [0.0]

    def act(_conn, event):
        said.append(event.row_id)
        now[0] += 1.5

    handlers = {TYPE: Extension("mandates", Handler(TYPE, act=act))}
    slow = [keep(inbox, type=TYPE, object={"object": "mandate"}) for _ in range(4)]
    patient = dataclasses.replace(processor, handlers=handlers, clock=lambda: now[0])
    outcomes = patient.carry([slow[0], keep(inbox), *slow[1:]])
    assert [outcomes[row_id] for row_id in slow] == ["processed", "processed", "left", "left"]
    assert said == slow[:2]
    left = rows(conn, "SELECT nudged_at, attempts, state FROM events WHERE id = ANY(%s)", slow[2:])
    assert left == [{"nudged_at": None, "attempts": 0, "state": "received"}] * 2


@pytest.mark.parametrize("error", [SoftTimeLimitExceeded(), TransientError("slow", code="database_57014")])
def test_when_time_runs_out_none_is_tried_again_at_once(inbox, processor, conn, monkeypatch, error):
    row_ids, tried = [keep(inbox) for _ in range(3)], []

    def run_out(_conn, works):
        tried.append(len(works))
        raise error

    monkeypatch.setattr(work, "do", run_out)
    assert processor.carry(row_ids) == dict.fromkeys(row_ids, "retrying")
    assert tried == [3]


def test_two_workers_with_overlapping_messages_carry_each_event_once(inbox, processor, conn):
    row_ids = [subscription(inbox, "active", seconds=number, name=f"sub_{number % 7}") for number in range(60)]
    shares = [row_ids[:40], list(reversed(row_ids[20:])), row_ids[::2], row_ids[1::3]]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(processor.carry, shares))
    assert set(states(conn).values()) == {"processed"}
    assert len(rows(conn, "SELECT FROM attempts")) == len(rows(conn, "SELECT FROM facts")) == 60


def test_messages_hold_first_attempts_together_and_failed_ones_alone():
    due = [{"id": number, "attempts": int(number % 4 == 0)} for number in (5, 4, 3, 2, 1, 8)]
    assert messages(due, together=3) == [(4,), (8,), (1, 2, 3), (5,)]
    assert messages([], together=50) == []


def test_what_none_holds_gives_nothing(inbox, processor):
    assert processor.carry([]) == {}
    assert processor.carry([77, 78]) == {77: "not waiting", 78: "not waiting"}


def test_a_claim_apart_leaves_bodies_without_a_type(inbox, pool):
    unparsable = inbox.keep(dataclasses.replace(arrival(body=b"{"), type=None), nudged=True).row_id
    with pool.transaction() as conn:
        assert ledger.claim(conn, [unparsable], worker="test", lease_seconds=30, apart=[]) == []
        (claim,) = ledger.claim(conn, [unparsable], worker="test", lease_seconds=30)
    assert claim.held.row_id == unparsable
