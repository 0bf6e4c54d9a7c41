"""What each process does beside its main work can be done as its role: a missing right shows nowhere else."""

import psycopg
import structlog

from shared import callbacks, db, event_hours, figures, notices
from shared.callbacks import Wanted
from shared.config import Settings
from shared.db import Pool
from shared.rules.callback_pace import GiveUp
from shared.rules.lanes import LANES
from tests.integration.trail.served import address
from workers import callback_ledger, daily, housekeeping, maintenance, retention, self_check, summing
from workers.placing import Placing

OLD_EVENT = """
INSERT INTO events (event_id, body_hash, body_bytes, lane, lane_reason, urgency, received_at, state, settled_at)
VALUES ('evt_of_hours_ago', '', 0, 'standard', 'standard', 0, now() - interval '3 hours', 'processed', now())
"""


def test_the_workers_upkeep_can_all_be_done_as_their_role(roles_port):
    """The one server's owner makes an old month; its end is asked for by who owns no table."""
    with psycopg.connect(address(roles_port, "owner"), autocommit=True) as conn:
        conn.execute(
            "CREATE TABLE event_bodies_2020_01 PARTITION OF event_bodies "
            "FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')"
        )
        conn.execute(OLD_EVENT)
    url = address(roles_port, "worker")
    settings = Settings(database_url=url)
    pool = Pool(url, name="worker", size=2)
    with structlog.testing.capture_logs() as told:
        maintenance.upkeep(pool)
        retention.forget_bodies(pool, days=90)
        housekeeping.keep_house(pool, notice_days=30)
        assert summing.sum_hours(pool, settings) >= 1
        assert daily.report(settings)
    pool.close()
    assert [line["action"] for line in told if line["log_level"] != "info"] == []
    assert [line["status"] for line in told if line["action"] == "bodies.month_dropped"] == ["event_bodies_2020_01"]
    asked = [finding for finding in self_check.look(settings) if "could not be asked" in finding.message]
    assert asked == []


def test_the_application_doors_role_may_read_every_figure_that_it_shows(roles_port):
    with db.connect(address(roles_port, "app"), name="app") as conn:
        assert figures.read(conn).missing == ()
        assert set(event_hours.read(conn)) == set(LANES)


def test_who_delivers_can_carry_a_callback_from_its_notice_to_its_end(roles_port):
    with db.connect(address(roles_port, "owner"), name="test") as conn:
        callbacks.add(conn, Wanted("backend", "https://backend.example/", None), actor="test", key=b"c" * 32)
        notices.owe(conn, cause="test:1", kind="payout:stale", recipient=notices.STAFF, data={})
    pool = Pool(address(roles_port, "deliver"), name="deliver", size=1)
    assert Placing(pool, None).place_all() >= 1
    with pool.transaction() as conn:
        assert callback_ledger.hand(conn) == 1
        (endpoint,) = callback_ledger.due(conn)
        claimed = callback_ledger.claim(conn, endpoint, worker="test", lease_seconds=30, urgent_only=False)
        assert callback_ledger.secrets(conn, endpoint, b"c" * 32)
        assert callback_ledger.release_lost(conn, lambda _: False) == 0
        with conn.transaction(force_rollback=True):
            assert callback_ledger.deliver(conn, claimed)
        failed = callback_ledger.fail(conn, claimed, GiveUp(), reason="refused")
        assert failed.is_dead
    pool.close()
