"""A body is shown to who has broken the glass, opened by a worker, and to nobody else."""

import psycopg
import pytest

from ingress.console.house import House
from shared import crypto, data_keys, events, looks
from shared.crypto import Reader
from shared.inbox import Inbox
from shared.task_messages import LOOK
from tests.factories.arrivals import arrival, subscription_event
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.console.clerk import ORIGIN
from tests.integration.staff.conftest import TERMS

REASON = "the clinic asked what came"
GLASS = "INSERT INTO break_glass (staff_id, reason, ends_at) VALUES (%s, 'needed now', now() + interval '30 minutes')"
MARK = "<b>a name that nobody should see</b>"


class Worker:
    """What a worker does with a message; it may be gone."""

    def __init__(self, pool, private_key):
        self.pool = pool
        self.reader = Reader(private_key, data_keys.fetcher(pool))
        self.is_gone = False
        self.asked = []

    def __call__(self, task, look_id):
        self.asked.append(task)
        if not self.is_gone:
            with self.pool.transaction() as conn:
                looks.answer(conn, look_id, self.reader)


@pytest.fixture
def worker(pool, private_key):
    return Worker(pool, private_key)


@pytest.fixture
def house(pool, settings, worker):
    return House(
        transaction=pool.transaction,
        terms=TERMS,
        origins=[ORIGIN],
        settings=settings,
        ask=worker,
        look_seconds=0,
    )


@pytest.fixture
def row(pool, private_key):
    inbox = Inbox(pool, public_key=crypto.public_key_of(private_key), lookup_key=LOOKUP_KEY)
    return inbox.keep(arrival(subscription_event(object={"description": MARK})), nudged=True).row_id


@pytest.fixture
def ann(sits, conn):
    clerk = sits()
    conn.execute(GLASS, [clerk.staff_id])
    return clerk


def opens(clerk, row, **fields):
    clerk.open(f"/console/events/{row}")
    return clerk.send(f"/console/events/{row}/payload", **{"reason": REASON} | fields)


def kept(conn):
    return conn.execute("SELECT count(*) AS n FROM staff_looks").fetchone()["n"]


def test_behind_broken_glass_the_body_is_shown_as_text_and_the_look_is_on_record(ann, row, conn):
    assert opens(ann, row).status_code == 200
    assert "a name that nobody should see" in ann.says()
    assert MARK not in ann.page
    record = conn.execute("SELECT actor, object, reason FROM audit WHERE act = 'event.payload_viewed'").fetchone()
    assert (record["actor"], record["reason"]) == ("staff:ann", REASON)
    assert record["object"].endswith(f"#{row}")
    assert kept(conn) == 0


def test_without_broken_glass_nobody_asks_and_the_database_takes_no_look(sits, row, conn, pool, worker):
    bob = sits(name="bob")
    bob.open(f"/console/events/{row}")
    assert "Open the payload" not in bob.page
    assert opens(bob, row).status_code == 403
    with pytest.raises(psycopg.errors.InsufficientPrivilege), pool.transaction() as within:
        event = events.find(within, [f"#{row}"])[f"#{row}"][0]
        looks.ask(within, event, staff_id=bob.staff_id, reason=REASON)
    assert (kept(conn), worker.asked) == (0, [])


def test_glass_that_has_ended_opens_nothing(ann, row, conn):
    conn.execute("UPDATE break_glass SET ends_at = now()")
    assert opens(ann, row).status_code == 403


@pytest.mark.parametrize("reason", ["", "  ", "x" * 10_000])
def test_without_a_reason_nothing_is_opened(ann, row, conn, reason):
    assert opens(ann, row, reason=reason).status_code == 422
    assert conn.execute("SELECT count(*) AS n FROM audit WHERE act = 'event.payload_viewed'").fetchone()["n"] == 0


def test_when_no_worker_answers_it_says_so_and_leaves_nothing_behind(ann, row, conn, worker):
    worker.is_gone = True
    answer = opens(ann, row)
    assert (answer.status_code, kept(conn)) == (503, 0)
    assert "No worker opened it in time." in ann.says()


def test_a_body_that_is_gone_and_one_that_was_changed_are_told_apart(ann, row, conn):
    conn.execute("UPDATE event_bodies SET sealed = sealed || '\\x00'")
    assert opens(ann, row).status_code == 409
    assert "The body was changed" in ann.says()
    record = conn.execute("SELECT actor, after FROM audit WHERE act = 'event.payload_not_opened'").fetchone()
    assert (record["actor"], record["after"]) == ("staff:ann", {"code": "integrity"})
    assert conn.execute("DELETE FROM event_bodies RETURNING event_row").fetchone()
    ann.open(f"/console/events/{row}")
    assert "It was removed when its time had come." in ann.says()
    assert opens(ann, row).status_code == 409


def test_what_lies_between_worker_and_door_opens_for_nobody_else(ann, row, pool, conn, worker, private_key):
    with pool.transaction() as within:
        event = events.find(within, [f"#{row}"])[f"#{row}"][0]
        look = looks.ask(within, event, staff_id=ann.staff_id, reason=REASON)
    worker(LOOK, look.id)
    between = conn.execute("SELECT t::text AS row FROM staff_looks AS t").fetchone()["row"]
    assert MARK.encode().hex() not in between
    assert MARK not in between
    with pytest.raises(looks.IntegrityError), pool.transaction() as within:
        looks.collect(within, looks.Look(look.id, private_key))
    with pool.transaction() as within:
        assert MARK in looks.collect(within, look).text()
        assert looks.collect(within, look) is None


def test_a_look_that_nobody_waits_for_any_more_is_not_answered(ann, row, pool, conn, worker):
    with pool.transaction() as within:
        event = events.find(within, [f"#{row}"])[f"#{row}"][0]
        look = looks.ask(within, event, staff_id=ann.staff_id, reason=REASON)
    conn.execute("UPDATE staff_looks SET asked_at = now() - interval '2 minutes'")
    worker(LOOK, look.id)
    with pool.transaction() as within:
        assert looks.collect(within, look) is None
    assert conn.execute("SELECT count(*) AS n FROM audit WHERE act = 'event.payload_viewed'").fetchone()["n"] == 0
