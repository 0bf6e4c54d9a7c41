"""A backlog of the bench is what the door would have kept, and its copies are as good."""

import base64

import orjson
import psycopg
import pytest

from bench import backlog, ballast, signed
from shared import data_keys
from shared.crypto import Identity, Reader, Sealed
from shared.inbox import Inbox
from tests.factories.arrivals import arrival

WISH = signed.Wish(count=3, prefix="abcdefgh")
CREATED = 1_790_000_000
# Of the moment, of chance, or the name of the secret.
OWN = {"id", "received_at", "next_attempt_at", "signed_at", "secret_name"}


@pytest.fixture
def keys(settings):
    return backlog.Keys.of(
        {
            "DATABASE_URL": settings.database_url,
            "CARELANE_SEAL_PUBLIC_KEY": base64.b64encode(settings.seal_public_key).decode(),
            "CARELANE_LOOKUP_KEY": base64.b64encode(settings.lookup_key).decode(),
        }
    )


@pytest.fixture
def released(conn, keys):
    return backlog.release(conn, keys, WISH, created=CREATED)


def test_a_row_is_the_one_that_the_inbox_writes(conn, pool, settings, released):
    fields = next(signed.fields_of(WISH, created=CREATED))
    body = signed.body_of(fields)
    ours = conn.execute("SELECT * FROM events WHERE id = %s", [released]).fetchone()
    # Two cannot be there under one id.
    conn.execute("UPDATE events SET event_id = 'evt_renamed' WHERE id = %s", [released])
    inbox = Inbox(pool, public_key=settings.seal_public_key, lookup_key=settings.lookup_key)
    kept = inbox.keep(arrival(orjson.loads(body), body=body), nudged=False)
    theirs = conn.execute("SELECT * FROM events WHERE id = %s", [kept.row_id]).fetchone()
    assert {name: value for name, value in ours.items() if name not in OWN} == {
        name: value for name, value in theirs.items() if name not in OWN
    }


def test_its_bodies_open_for_the_readers(conn, pool, private_key, released):
    rows = conn.execute(
        "SELECT event_id, data_key_id, nonce, sealed FROM events JOIN event_bodies ON event_row = id ORDER BY id"
    ).fetchall()
    reader = Reader(private_key, data_keys.fetcher(pool))
    opened = [
        reader.open(Sealed(row["data_key_id"], row["nonce"], row["sealed"]), Identity(None, False, row["event_id"]))
        for row in rows
    ]
    assert opened == [signed.body_of(fields) for fields in signed.fields_of(WISH, created=CREATED)]


def test_copies_keep_every_key_and_the_next_event_finds_room(conn, database_url, keys, released):
    assert ballast.grow(database_url, events=10) == 12
    counts = conn.execute(
        "SELECT count(*) AS events, count(DISTINCT event_id) AS ids, count(event_row) AS bodies"
        " FROM events LEFT JOIN event_bodies ON event_row = id AND event_bodies.received_at = events.received_at"
    ).fetchone()
    assert counts == {"events": 12, "ids": 12, "bodies": 12}
    assert backlog.release(conn, keys, signed.Wish(count=1)) > 12


def test_copies_of_what_the_walk_left_stand_the_checks_of_the_tables(conn, database_url, released):
    """Foreign keys are not checked while copying; they must hold all the same."""
    conn.execute(
        "INSERT INTO subjects (kind, subject_id) SELECT 'subscription', object_id FROM events;"
        " INSERT INTO facts (subject_row, event_row, source, cause, type, occurred_at, data, verdict)"
        " SELECT subjects.id, events.id, 'webhook', event_id, type, occurred_at, '{}', 'applied'"
        " FROM events JOIN subjects ON subject_id = object_id"
    )
    ballast.grow(database_url, events=9)
    strays = conn.execute(
        "SELECT count(*) AS n FROM facts LEFT JOIN subjects ON subjects.id = subject_row"
        " LEFT JOIN events ON events.id = event_row WHERE subjects.id IS NULL OR events.object_id <> "
        "split_part(subjects.subject_id, '_', 1) || '_' || split_part(subjects.subject_id, '_', 2)"
    ).fetchone()
    assert strays == {"n": 0}
    assert conn.execute("SELECT count(*) AS n FROM facts").fetchone() == {"n": 9}
    with pytest.raises(psycopg.errors.UniqueViolation):
        conn.execute("UPDATE facts SET cause = 'one', subject_row = (SELECT min(id) FROM subjects)")
