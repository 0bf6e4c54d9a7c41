"""What beat runs: in slices, when it is time, and with a Stripe that is away."""

import time
from datetime import UTC, datetime

import pytest

from ingress.cli.simulator import server, shapes
from ingress.cli.simulator.world import World
from shared.config import Settings
from workers.stripe_upkeep import Upkeep


@pytest.fixture
def world():
    return World(clock=time.time)


@pytest.fixture
def settings_here(settings, stand_in):
    values = {name: getattr(settings, name) for name in Settings.__slots__}
    return Settings(**values | {"stripe_api_key": "sk_test_x", "stripe_api_base": stand_in.url, "stripe_rate": 100})


@pytest.fixture
def upkeep(settings_here, pool):
    return Upkeep(settings_here, pool)


@pytest.fixture
def told(world):
    """Of the platform and of an account that was never heard of, an event each; and one that nobody made."""
    created = int(time.time()) - 60
    world.tell("customer.subscription.created", subscription("sub_1", created))
    account = shapes.account("acct_1", created=created, enabled=True)
    world.tell("account.updated", account, account="acct_1")
    world.put(subscription("sub_2", created))


def subscription(id_, created):
    return shapes.subscription(id_, created=created, customer="cus_1", status="active")


def test_lists_are_read_when_they_are_due_and_not_before(conn, upkeep, faults, told):
    assert upkeep.backfill() == 2
    names = [
        row["name"] for row in conn.execute("SELECT name FROM stripe_cursors WHERE read_at IS NOT NULL ORDER BY 1")
    ]
    assert names == ["accounts", "events:", "events:acct_1"]
    faults.asked = 0
    assert upkeep.backfill() == 0
    assert faults.asked == 0
    conn.execute("UPDATE stripe_cursors SET read_at = now() - interval '1 hour'")
    assert upkeep.backfill() == 0
    assert faults.asked == 5  # the accounts, and each list in its two phases


def test_objects_are_compared_once_in_a_while(conn, upkeep, faults, told):
    assert upkeep.reconcile() == 2
    faults.asked = 0
    assert upkeep.reconcile() == 0
    assert faults.asked == 0
    conn.execute("UPDATE stripe_cursors SET read_at = now() - interval '25 hours' WHERE name = 'objects'")
    upkeep.reconcile()
    assert faults.asked > 0


@pytest.mark.parametrize("fault", ["error", "busy", "garbage"])
def test_a_stripe_that_is_away_leaves_everything_for_the_next_beat(conn, upkeep, faults, told, fault):
    faults.shares = {fault: 1.0}
    faults.retry_after = None
    assert (upkeep.backfill(), upkeep.reconcile()) == (0, 0)
    assert conn.execute("SELECT 1 FROM stripe_cursors WHERE read_at IS NOT NULL").fetchall() == []
    faults.forget()
    assert (upkeep.backfill(), upkeep.reconcile() > 0) == (2, True)


def test_a_slow_stripe_holds_a_worker_for_a_few_seconds_and_is_gone_on_with(settings_here, pool, conn):
    world = World(clock=time.time)
    now = datetime.now(UTC).timestamp()
    for number in range(450):
        world.tell("customer.subscription.created", subscription(f"sub_{number}", int(now) - 600))
    with server.running(world) as slow:
        slow.faults.shares = {"slow": 1.0}
        slow.faults.slow_seconds = 0.12
        values = {name: getattr(settings_here, name) for name in Settings.__slots__}
        upkeep = Upkeep(Settings(**values | {"stripe_api_base": slow.url}), pool, slice_seconds=0.3)
        rounds = []
        while sum(rounds) < 450 and len(rounds) < 30:
            rounds.append(upkeep.backfill())
    assert len(rounds) > 1
    assert conn.execute("SELECT count(*) AS kept FROM events").fetchone() == {"kept": 450}
