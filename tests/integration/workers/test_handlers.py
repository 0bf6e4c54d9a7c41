"""A handler of another package in its event's transaction: once, undone with it, and nobody else's trouble."""

import contextlib
import dataclasses
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.rows import tuple_row

from schemas.errors import SchemaError
from shared import parking
from shared.errors import NotYet, TransientError
from tests.factories.arrivals import arrival, subscription_event
from tests.fakes.extensions import Handler
from workers.extensions import Extension

TYPE = "mandate.updated"


def handling(processor, act, **changes):
    return dataclasses.replace(processor, handlers={TYPE: Extension("mandates", Handler(TYPE, act=act))}, **changes)


@pytest.fixture
def notes(conn):
    conn.execute("CREATE TABLE notes (row_id bigint, said text)")

    def said():
        return [row["said"] for row in conn.execute("SELECT said FROM notes").fetchall()]

    return said


@pytest.fixture
def carried(processor, inbox, notes):

    def carried(act, **changes):
        willing = handling(processor, act, **changes)
        kept = inbox.keep(arrival(subscription_event(type=TYPE, object={"object": "mandate"})), nudged=True)
        return willing.process(kept.row_id), kept.row_id

    return carried


def note(conn, event, said="handled"):
    conn.execute("INSERT INTO notes VALUES (%s, %s)", [event.row_id, said])


def row_of(conn, row_id):
    return conn.execute("SELECT * FROM events WHERE id = %s", [row_id]).fetchone()


def send_on(conn):
    conn.execute("UPDATE events SET state = 'retrying', settled_at = NULL, series = series + 1, attempts = 0")


def raising(error):
    def act(conn, event):
        note(conn, event)
        raise error

    return act


def test_a_handler_gets_the_event_with_its_rows_id_and_lane(carried, notes, conn):
    handed = []

    def act(conn, event):
        handed.append(event)
        note(conn, event)

    assert carried(act)[0] == "processed"
    ((event,), (effect,)) = handed, conn.execute("SELECT * FROM effects").fetchall()
    row = row_of(conn, event.row_id)
    assert (event.id, event.lane, event.received_at) == (row["event_id"], row["lane"], row["received_at"])
    assert event.object["object"] == "mandate"
    assert (effect["kind"], effect["recipient"], effect["event_row"]) == ("handler", "mandates", event.row_id)
    assert notes() == ["handled"]


def test_a_replay_repeats_nothing(carried, notes, processor, conn):
    _, row_id = carried(note)
    send_on(conn)
    again = handling(processor, note)
    assert again.process(row_id) == "processed"
    assert notes() == ["handled"]


def test_the_same_event_in_many_workers_is_handled_once(processor, inbox, notes):
    willing = handling(processor, note)
    kept = inbox.keep(arrival(subscription_event(type=TYPE)), nudged=True)
    with ThreadPoolExecutor(4) as threads:
        outcomes = sorted(threads.map(willing.process, [kept.row_id] * 8))
    assert outcomes == ["not waiting"] * 7 + ["processed"]
    assert notes() == ["handled"]


def test_what_was_ignored_before_the_handler_came_is_handled_when_it_is_replayed(processor, inbox, notes, conn):
    kept = inbox.keep(arrival(subscription_event(type=TYPE)), nudged=True)
    assert processor.process(kept.row_id) == "ignored"
    send_on(conn)
    willing = handling(processor, note)
    assert willing.process(kept.row_id) == "processed"
    assert notes() == ["handled"]


def test_the_other_livemode_and_thin_events_never_reach_a_handler(carried, processor, inbox, notes):
    assert carried(note, livemode=True)[0] == "ignored"
    willing = handling(processor, note)
    thin = subscription_event(type=TYPE) | {"object": "v2.core.event"}
    assert willing.process(inbox.keep(arrival(thin), nudged=True).row_id) == "ignored"
    assert notes() == []


@pytest.mark.parametrize(
    ("error", "state", "told"),
    [
        (TransientError("away", code="other_side_away"), "retrying", ("transient", "other_side_away")),
        (NotYet("no mandate yet", code="no_mandate", waits_for="mandate:1"), "retrying", ("not-yet", "no_mandate")),
        (SchemaError("data.object.status", "a string is expected"), "dead", ("invalid", "schema")),
        (KeyError("jane@example.org"), "retrying", ("bug", "exception")),
        (SystemExit(1), "retrying", ("bug", "exception")),
    ],
)
def test_what_a_handler_raises_is_its_events_failure_and_undoes_its_work(carried, notes, conn, error, state, told):
    outcome, row_id = carried(raising(error))
    row = row_of(conn, row_id)
    assert (outcome, row["state"]) == (state, state)
    assert (row["reason_class"], row["reason_code"]) == told
    assert "jane" not in str(row)
    assert notes() == []
    assert conn.execute("SELECT count(*) AS n FROM effects").fetchone()["n"] == 0


def test_one_that_goes_on_raising_ends_as_a_dead_letter_and_others_go_on(processor, inbox, conn, notes):
    willing = handling(processor, raising(KeyError()))
    kept = inbox.keep(arrival(subscription_event(type=TYPE)), nudged=True)
    outcomes = []
    for _ in range(3):
        outcomes.append(willing.process(kept.row_id))
        assert willing.process(inbox.keep(arrival(), nudged=True).row_id) == "processed"
        conn.execute("UPDATE events SET next_attempt_at = now() WHERE id = %s", [kept.row_id])
    assert outcomes == ["retrying", "retrying", "dead"]
    assert conn.execute("SELECT count(*) AS n FROM subjects").fetchone()["n"] == 3
    assert notes() == []


def test_an_event_that_waited_is_handled_when_what_it_lacked_appears(processor, inbox, conn, pool, notes):
    def act(conn, event):
        parking.look_for(conn, "mandate:1")
        if conn.execute("SELECT FROM notes WHERE said = 'mandate 1'").fetchone() is None:
            raise NotYet("no mandate yet", code="no_mandate", waits_for="mandate:1")
        note(conn, event)

    willing = handling(processor, act)
    kept = inbox.keep(arrival(subscription_event(type=TYPE)), nudged=True)
    assert willing.process(kept.row_id) == "retrying"
    with pool.transaction() as bringing:
        bringing.execute("INSERT INTO notes VALUES (0, 'mandate 1')")
        assert parking.wake(bringing, "mandate:1") == 1
    assert willing.process(kept.row_id) == "processed"
    assert notes() == ["mandate 1", "handled"]


def swallow_a_failed_statement(conn):
    with contextlib.suppress(psycopg.Error):
        conn.execute("SELECT 1 / 0")


@pytest.mark.parametrize(
    "spoil",
    [
        psycopg.Connection.commit,
        psycopg.Connection.rollback,
        lambda conn: conn.execute("ROLLBACK"),
        swallow_a_failed_statement,
    ],
)
def test_a_handler_that_spoils_the_transaction_fails_and_keeps_nothing(carried, notes, conn, spoil):
    def act(conn, event):
        note(conn, event)
        spoil(conn)

    outcome, row_id = carried(act)
    assert (outcome, row_of(conn, row_id)["reason_class"]) == ("retrying", "bug")
    assert notes() == []


def test_what_a_handler_does_to_the_connection_is_gone_for_the_next_event(carried, processor, inbox, pool, notes):
    def act(conn, event):
        conn.row_factory = tuple_row
        conn.execute("SET search_path TO elsewhere")
        conn.execute("SET statement_timeout TO 1")

    assert carried(act)[0] == "processed"
    assert processor.process(inbox.keep(arrival(), nudged=True).row_id) == "processed"
    with pool.transaction() as conn:
        assert conn.execute("SHOW search_path").fetchone()["search_path"] == '"$user", public'
        assert conn.execute("SHOW statement_timeout").fetchone()["statement_timeout"] == "10s"
