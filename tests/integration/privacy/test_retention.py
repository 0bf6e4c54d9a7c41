"""Bodies of what has ended leave after their days; nothing that may still be carried loses its own."""

import pytest

from tests.factories.arrivals import arrival, subscription_event
from workers import retention

LONG_AGO = "now() - interval '91 days'"
# What each event is like, and whether its body stays.
STATES = {
    "received": ("state = 'received'", True),
    "retrying": ("state = 'retrying'", True),
    "processing": ("state = 'processing', lease_until = now()", True),
    "processed": (f"state = 'processed', settled_at = {LONG_AGO}", False),
    "processed yesterday": ("state = 'processed', settled_at = now() - interval '1 day'", True),
    "ignored": (f"state = 'ignored', reason_code = 'x', settled_at = {LONG_AGO}", False),
    "ignored and waiting": (
        f"state = 'ignored', reason_code = 'x', waits_for = '{{a}}', settled_at = {LONG_AGO}",
        True,
    ),
    "dead": (f"state = 'dead', reason_code = 'x', settled_at = {LONG_AGO}", True),
    "discarded": (f"state = 'dead', reason_code = 'x', settled_at = {LONG_AGO}, discarded_at = {LONG_AGO}", False),
}


@pytest.fixture
def aged(inbox, conn):
    """One event of each kind, received a hundred days ago; their rows."""
    kept = {name: inbox.keep(arrival(subscription_event()), nudged=True).row_id for name in STATES}
    for name, (columns, _) in STATES.items():
        conn.execute(f"UPDATE events SET {columns} WHERE id = {kept[name]}")  # noqa: S608
    conn.execute("UPDATE events SET received_at = received_at - interval '100 days'")
    conn.execute("UPDATE event_bodies SET received_at = received_at - interval '100 days'")
    return kept


@pytest.fixture
def forgotten(inbox, pool, conn):
    """An event that was processed long ago, and whose body is gone."""
    event = subscription_event()
    inbox.keep(arrival(event), nudged=True)
    conn.execute(f"UPDATE events SET state = 'processed', settled_at = {LONG_AGO}, received_at = {LONG_AGO}")  # noqa: S608
    conn.execute("UPDATE event_bodies SET received_at = (SELECT received_at FROM events)")
    assert retention.forget_bodies(pool, days=90) == 1
    return event


def bodies(conn):
    return {row["event_row"] for row in conn.execute("SELECT event_row FROM event_bodies")}


def test_bodies_leave_by_the_state_of_their_event_and_every_event_stays(aged, pool, conn):
    removed = retention.forget_bodies(pool, days=90)
    assert bodies(conn) == {aged[name] for name, (_, stays) in STATES.items() if stays}
    assert removed == len(STATES) - len(bodies(conn))
    assert conn.execute("SELECT count(*) AS n FROM events").fetchone()["n"] == len(STATES)
    (record,) = conn.execute("SELECT actor, after FROM audit WHERE act = 'bodies.forgotten'").fetchall()
    assert record == {"actor": "beat", "after": {"count": removed, "days": 90}}
    assert retention.forget_bodies(pool, days=90) == 0


def test_the_days_are_a_setting(aged, pool, conn):
    assert retention.forget_bodies(pool, days=120) == 0
    assert len(bodies(conn)) == len(STATES)


def test_a_late_delivery_of_an_event_without_its_body_is_still_a_duplicate(forgotten, inbox, conn):
    assert inbox.keep(arrival(forgotten), nudged=True).duplicate
    assert bodies(conn) == set()


def test_what_has_no_body_any_more_is_not_replayed_to_its_death(forgotten, carelane, conn):
    done = carelane("events", "replay", forgotten["id"], "--yes", "--reason", "again", "--json")
    assert done.exit_code == 1
    assert "body_gone" in done.stdout
    assert conn.execute("SELECT state FROM events").fetchone() == {"state": "processed"}
