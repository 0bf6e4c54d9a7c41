"""How delivery stands is told by the status, the metrics and the doctor."""

from prometheus_client import CollectorRegistry, generate_latest

from ingress.api.gauges import WalkGauges
from shared import callback_acts, callbacks, notices, outbox, status
from shared.callbacks import Wanted
from shared.checks import walk
from workers import callback_ledger, maintenance


def owe(conn):
    notices.owe(conn, cause="c", kind="access:updated", recipient="person:p", data={})


def test_what_is_owed_is_counted_with_its_age(conn):
    made = callbacks.add(conn, Wanted("backend", "https://example.com/"), actor="test", key=b"c" * 32)
    owe(conn)
    conn.execute("UPDATE notices SET owed_at = now() - interval '1 minute'")
    assert walk.delivery(conn).status == "fault"
    assert status.read(conn).to_json()["owed"]["oldestSeconds"] > 59
    outbox.assign_positions(conn)
    callback_ledger.hand(conn)
    callback_acts.give_up(conn, made.endpoint_id, because="status_410")
    assert walk.delivery(conn).status == "warning"
    found = status.read(conn)
    waits = {"endpoint": "backend", "waiting": 1, "dead": 0, "failures": 0, "disabled": True}
    (told,) = found.to_json()["owed"]["callbacks"]
    assert told.items() >= waits.items()
    registry = CollectorRegistry()
    registry.register(WalkGauges(found))
    text = generate_latest(registry).decode()
    assert "carelane_notices_untold 1.0" in text, "that an endpoint was disabled is itself a notice"
    assert 'carelane_callbacks_waiting{endpoint="backend"} 1.0' in text
    assert 'carelane_callback_endpoint_disabled{endpoint="backend"} 1.0' in text


def test_where_all_is_told_the_doctor_says_so(conn):
    assert walk.delivery(conn).status == "ok"


def test_upkeep_forgets_what_was_handed_over_long_ago_and_keeps_what_was_not(conn, pool):
    callbacks.add(conn, Wanted("backend", "https://example.com/"), actor="test", key=b"c" * 32)
    for cause, outcome in (("old", "delivered"), ("lost", "dead"), ("new", "delivered")):
        notices.owe(conn, cause=cause, kind="access:updated", recipient="person:p", data={})
        outbox.assign_positions(conn)
        callback_ledger.hand(conn)
        conn.execute(
            "UPDATE callback_deliveries SET outcome = %s, ended_at = now() - make_interval(days => %s)"
            " WHERE ended_at IS NULL",
            [outcome, 1 if cause == "new" else 40],
        )
    maintenance.upkeep(pool)
    left = [row["outcome"] for row in conn.execute("SELECT outcome FROM callback_deliveries ORDER BY id")]
    assert left == ["dead", "delivered"]
