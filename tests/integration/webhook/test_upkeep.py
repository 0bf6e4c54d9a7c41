"""The door's upkeep: refusals reach the audit trail as counts, at the latest when the door closes."""

from contextlib import contextmanager

from prometheus_client import CollectorRegistry

from ingress.webhook.armour import Armour
from ingress.webhook.metrics import Metrics
from ingress.webhook.upkeep import Upkeep
from shared.errors import TransientError
from tests.running import until


class Away:
    """A pool whose database is away."""

    asked = 0

    @contextmanager
    def transaction(self):
        self.asked += 1
        raise TransientError("the database is away", code="database_away")
        yield


def told(conn):
    rows = conn.execute("SELECT actor, act, object, after FROM audit ORDER BY id").fetchall()
    return [tuple(row.values()) for row in rows]


def test_what_was_refused_is_told_once_as_a_count(pool, conn):
    armour = Armour()
    for _ in range(500):
        armour.tally.note("RATE_LIMITED", "203.0.113.9")
    Upkeep(armour, Metrics(CollectorRegistry()), pool).close()
    Upkeep(armour, Metrics(CollectorRegistry()), pool).close()
    after = {"code": "RATE_LIMITED", "count": 500}
    assert told(conn) == [("door:webhook", "requests.refused", "source:203.0.113.9", after)]


def test_what_could_not_be_told_is_told_later(pool, conn):
    armour, away = Armour(), Away()
    armour.tally.note("INVALID_SIGNATURE", "203.0.113.9")
    upkeep = Upkeep(armour, Metrics(CollectorRegistry()), away, every_seconds=0.01)
    until(lambda: away.asked > 1)
    upkeep.close()
    Upkeep(armour, Metrics(CollectorRegistry()), pool).close()
    assert [row[3]["count"] for row in told(conn)] == [1]
