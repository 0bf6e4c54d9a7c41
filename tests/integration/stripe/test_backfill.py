"""Events that never arrived: found, kept once, named by their list, and read on from where a stop left it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from ingress.cli.simulator import shapes
from ingress.cli.simulator.lives import START
from shared import stripe_cursors, stripe_desk
from shared.errors import StripeAway, StripeRefuses
from shared.inbox import IMPORT
from shared.stripe_api.client import Limits
from tests.factories.arrivals import arrival
from tests.integration.stripe.conftest import api_of

BEGIN = datetime.fromtimestamp(START - 60, UTC)
KEPT = "SELECT event_id, account, source FROM events ORDER BY id"


@pytest.fixture
def tell(world, clock):
    """So many events of one subscription, a second apart."""

    def tell(count, *, account=None, delivered=True, id_="sub_1"):
        made = shapes.subscription(id_, created=START, customer="cus_1", status="active")
        told = []
        for number in range(count):
            clock.now += 1
            type_ = f"customer.subscription.{'updated' if number else 'created'}"
            told.append(world.tell(type_, {**made, "quantity": number}, account=account))
            told[-1].delivered = delivered
        return [one.event["id"] for one in told]

    return tell


@pytest.fixture
def read(receiver, api, clock):
    def read(account=None, *, api=api, **how):
        again_from = how.pop("again_from", None)
        filler = stripe_desk.backfill(receiver.settings, api, receiver.pool, **how)
        now = datetime.fromtimestamp(clock.now, UTC)
        return list(filler.read(account, now=now, begin=BEGIN, again_from=again_from))

    return read


def test_only_what_is_missing_is_brought(receiver, world, tell, read):
    tell(5)
    receiver.keep([told.event for told in world.told[:3]])
    assert sum(page.brought for page in read()) == 2
    sources = [row["source"] for row in receiver.query(KEPT)]
    assert sorted(sources) == ["backfill"] * 2 + ["webhook"] * 3
    audited = receiver.query("SELECT object, after FROM audit WHERE act = 'backfill.brought'")
    assert audited == [{"object": "events:", "after": {"count": 2}}]
    assert receiver.carry() == 5
    assert [row["source"] for row in receiver.query("SELECT source FROM facts ORDER BY occurred_at")] == (
        ["webhook"] * 3 + ["backfill"] * 2
    )


def test_what_stripe_could_not_deliver_comes_first(tell, read):
    tell(3)
    tell(2, delivered=False, id_="sub_2")
    assert [(page.phase, page.brought) for page in read()] == [("undelivered", 2), ("all", 3)]


def test_an_event_of_a_connected_account_bears_its_name(receiver, tell, read):
    (event_id,) = tell(1, account="acct_1")
    assert sum(page.brought for page in read()) == 0
    assert sum(page.brought for page in read("acct_1")) == 1
    assert receiver.query(KEPT) == [{"event_id": event_id, "account": "acct_1", "source": "backfill"}]


def test_types_that_nobody_has_a_use_for_stay_at_stripe(world, read):
    world.tell("price.updated", {"id": "price_1", "object": "price"})
    world.tell("example.own_type", {"id": "x_1", "object": "example"})
    (*_, page) = read(extra_types=["example.own_type"])
    assert (page.listed, page.brought) == (2, 1)


def test_a_dry_run_brings_nothing_and_moves_nothing(receiver, tell, read):
    tell(3)
    assert sum(page.brought for page in read(dry_run=True)) == 3
    assert receiver.query(KEPT) == []
    assert sum(page.brought for page in read()) == 3


def test_what_is_delivered_after_all_is_no_conflict(receiver, world, tell, read):
    tell(1)
    read()
    receiver.keep([world.told[0].event])
    assert len(receiver.query(KEPT)) == 1
    assert receiver.query("SELECT 1 FROM audit WHERE act = 'event.body_conflict'") == []
    assert [row["same_body"] for row in receiver.query("SELECT same_body FROM deliveries")] == [True]


@pytest.mark.parametrize("fault", ["busy", "error", "garbage", "half", "silent"])
def test_a_reading_that_breaks_off_is_gone_on_with_at_its_page(receiver, stand_in, faults, tell, read, fault):
    tell(250)
    api = api_of(stand_in.url, failures=100, limits=Limits(1, 0.5, 2))
    faults.retry_after = "0.01"
    faults.silent_seconds = 3
    # The undelivered ones and the first page of all are read, then Stripe fails twice.
    faults.then([None, None, fault, fault])
    with pytest.raises(StripeAway):
        read(api=api)
    assert len(receiver.query(KEPT)) == 100
    (cursor,) = receiver.query("SELECT phase, done_until, window_until FROM stripe_cursors")
    assert cursor["phase"] == "all"
    assert cursor["done_until"] == BEGIN
    faults.asked = 0
    assert [page.brought for page in read(api=api)] == [100, 50]
    assert faults.asked == 2
    assert len(receiver.query(KEPT)) == 250


def test_a_list_that_stripe_refuses_is_asked_for_again_in_its_turn(receiver, faults, tell, read):
    tell(2, account="acct_1")
    faults.then([None, "refused"])
    with pytest.raises(StripeRefuses):
        read("acct_1")
    (cursor,) = receiver.query("SELECT done_until, window_until, read_at FROM stripe_cursors")
    assert (cursor["done_until"], cursor["window_until"]) == (BEGIN, None)
    assert cursor["read_at"] is not None
    assert sum(page.brought for page in read("acct_1")) == 2


def test_the_next_reading_begins_where_the_last_one_ended_less_an_overlap(receiver, faults, clock, tell, read):
    tell(150)
    clock.now += 600
    read()
    clock.now += 3600
    late = tell(3, id_="sub_2")
    pages = read()
    assert [(page.phase, page.listed, page.brought) for page in pages] == [("undelivered", 0, 0), ("all", 3, 3)]
    assert {row["event_id"] for row in receiver.query(KEPT)} >= set(late)


def test_it_reads_once_more_from_a_given_time_on(tell, read):
    tell(5)
    read()
    assert sum(page.listed for page in read(again_from=BEGIN)) == 5


def test_what_stripe_lists_no_more_is_warned_of(receiver, clock, tell, read):
    tell(2)
    read()
    clock.now += 40 * 86_400
    tell(1, id_="sub_2")
    assert sum(page.brought for page in read()) == 1
    (told,) = receiver.query("SELECT object, after FROM audit WHERE act = 'backfill.horizon'")
    assert told["object"] == "events:"
    gap = datetime.fromisoformat(told["after"]["until"]) - datetime.fromisoformat(told["after"]["from"])
    assert gap > timedelta(days=9)


def test_of_two_readers_one_reads(receiver, api, stand_in, faults, tell, clock):
    tell(120)
    faults.shares = {"slow": 1.0}
    gate, pages = threading.Barrier(2), []
    now = datetime.fromtimestamp(clock.now, UTC)

    def reader():
        filler = stripe_desk.backfill(receiver.settings, api, receiver.pool)
        gate.wait(10)
        pages.extend(filler.read(None, now=now, begin=BEGIN))

    readers = [threading.Thread(target=reader) for _ in range(2)]
    for one in readers:
        one.start()
    for one in readers:
        one.join(30)
    assert sum(page.brought for page in pages) == 120
    assert len(pages) == 3


def test_a_reader_that_was_overtaken_moves_no_cursor(receiver, api, tell, clock):
    tell(250)
    now = datetime.fromtimestamp(clock.now, UTC)
    filler = stripe_desk.backfill(receiver.settings, api, receiver.pool)
    slow = filler.read(None, now=now, begin=BEGIN)
    next(slow)
    receiver.query("UPDATE stripe_cursors SET lease_until = now() - interval '1 second' RETURNING name")
    assert sum(page.brought for page in filler.read(None, now=now, begin=BEGIN)) == 250
    with pytest.raises(stripe_cursors.LeaseLost):
        next(slow)


def test_accounts_of_which_every_event_was_lost_are_learned_from_stripe(receiver, world, api):
    for number in range(130):
        world.put(shapes.account(f"acct_{number}", created=START + number, enabled=True))
    filler = stripe_desk.backfill(receiver.settings, api, receiver.pool)
    assert list(filler.learn_accounts(begin=BEGIN)) == [100, 30]
    assert set(filler.lists()) == {None, *(f"acct_{number}" for number in range(130))}
    assert list(filler.learn_accounts(begin=BEGIN)) == [0]


def test_what_was_imported_or_delivered_is_not_brought_again(receiver, world, tell, read):
    tell(2)
    imports = stripe_desk.inbox(receiver.settings, receiver.pool, IMPORT)
    imports.keep(arrival(world.told[0].event), nudged=False)
    assert sum(page.brought for page in read()) == 1
