from datetime import UTC, datetime, timedelta

import pytest

from ingress.cli.up import postgres
from shared import anchors, audit, db, trail_check
from shared.migrations import migrate
from tests.integration.trail.served import PASSWORDS, address
from tests.servers import free_port, running
from workers.sealer import Sealer

SIGNING_KEY = b"s" * 32
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
VERIFY_KEY = anchors.verify_key_of(SIGNING_KEY)


class Trail:
    """Records, seals and anchors as the processes do."""

    def __init__(self, pool, path):
        self.pool = pool
        self.path = path
        self.at = BEGAN
        self.sealer = Sealer(pool=pool, path=path, signing_key=SIGNING_KEY, every_seconds=0, clock=lambda: self.at)

    def now(self, seconds):
        self.at = BEGAN + timedelta(seconds=seconds)

    def record(self, count=1, act="test.happened"):
        with self.pool.transaction() as conn:
            audit.record_all(
                conn,
                [
                    audit.Record(
                        actor="cli:ada", act=act, object=f"thing:{at}", reason="why", after={"b": at, "a": "ü"}
                    )
                    for at in range(count)
                ],
            )

    def seal(self):
        return self.sealer.step()


@pytest.fixture
def recorded(pool, tmp_path):
    return Trail(pool, tmp_path / "anchors.jsonl")


@pytest.fixture
def tamper(database_url):
    """As somebody who rules the server, triggers or not."""

    def run(*statements):
        with db.connect(database_url, name="tamperer") as conn:
            conn.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                conn.execute(statement)

    return run


@pytest.fixture
def checked(database_url, recorded):
    def check():
        seen, forged = anchors.read(recorded.path, VERIFY_KEY)
        with db.connect(database_url, name="auditor") as conn:
            told = trail_check.check(conn, seen, datetime.now(UTC))
        return told, [*forged, *told.faults]

    return check


@pytest.fixture(scope="package")
def roles_port(tmp_path_factory):
    home = tmp_path_factory.mktemp("roles")
    (home / "logs").mkdir()
    chosen = free_port()
    with running(postgres.program(home, port=chosen, passwords=PASSWORDS)):
        postgres.ensure_database(chosen, PASSWORDS)
        migrate(address(chosen, "owner"))
        yield chosen
