"""What was lost, doubled, shuffled or never made ends as if nothing had happened."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest

from ingress.cli.simulator import lives
from ingress.cli.simulator.courier import Troubles, deliveries
from ingress.cli.simulator.lives import START
from shared import payouts, stripe_desk
from shared.rules.payout_links import OwedPayout, Registered

STATES = "SELECT kind, subject_id, account, status, state FROM subjects ORDER BY kind, subject_id, account"
# When something came to be so: where no event told it, it is known since Stripe was asked.
MOMENTS = {"as_of", "status_since", "paid_at", "completed_at", "last_payment_at"}
# All that was computed, where no event is missing: the facts are the same, so is everything that follows from them.
HISTORIES = """
    SELECT kind, subject_id, account, position, transitions.from_status, to_status, occurred_at
    FROM subjects JOIN transitions ON transitions.subject_row = subjects.id
    ORDER BY kind, subject_id, account, position"""
SIZES = [500, pytest.param(10_000, marks=[pytest.mark.chaos_long, pytest.mark.timeout(900)])]


def register(receiver, world):
    """What the application owes, before anything is told of it."""
    with receiver.pool.transaction() as conn:
        for account, kind, id_ in world.things:
            if kind == "payout":
                owed = OwedPayout(
                    payout_id=f"owed-{id_}",
                    account=account,
                    livemode=False,
                    amount_minor=4500,
                    currency="usd",
                    stripe_payout_id=id_,
                )
                payouts.register(conn, Registered(owed, f"creator-{account}"), actor="test")


def backfill(receiver, api, now):
    filler = stripe_desk.backfill(receiver.settings, api, receiver.pool)
    begin = datetime.fromtimestamp(START - 60, UTC)
    list(filler.learn_accounts(begin=begin))
    found = Counter()
    for account in filler.lists():
        for page in filler.read(account, now=now, begin=begin):
            found[page.phase] += page.brought
    receiver.carry()
    return found


def reconcile(receiver, api, now, **how):
    run = stripe_desk.reconciliation(receiver.settings, api, receiver.pool, actor="test", **how)
    steps = []
    for step in run.steps(now=now):
        steps.append(step)
        receiver.carry()
    return [finding for step in steps for finding in step.findings], dict(steps[-1].total)


def never_made(world, random):
    """Of each fiftieth object the last event: Stripe made none, though the object is so.

    Not the only one of an invoice or an account: nothing that is compared leads to them.
    """
    last, seen = {}, Counter()
    for told in world.told:
        thing = told.event["data"]["object"]
        seen[thing["id"]] += 1
        if thing["object"] in {"subscription", "payout"} or seen[thing["id"]] > 1:
            last[thing["id"]] = told
    return random.sample(sorted(last.values(), key=lambda told: told.number), len(last) // 50)


def states(receiver, touched=()):
    """All of them; without their moments those that a look at Stripe mended."""
    return [
        {**row, "state": {name: row["state"][name] for name in row["state"].keys() - MOMENTS}}
        if row["subject_id"] in touched
        else row
        for row in receiver.query(STATES)
    ]


@pytest.mark.parametrize("events", SIZES)
def test_a_disturbed_run_ends_as_an_undisturbed_one(receiver_of, world, clock, api, events):
    lives.live(world, clock, events=events, seed=8, step_seconds=3600 * 24 / events * 5)
    calm, disturbed = receiver_of(), receiver_of()
    for receiver in (calm, disturbed):
        register(receiver, world)
    calm.keep([one.event for one in deliveries(world.told, Troubles(), Random(1))])
    calm.carry()
    lost_for_good = never_made(world, Random(3))
    world.told = [told for told in world.told if told not in lost_for_good]
    middle = START + (clock.now - START) / 2
    troubles = Troubles(
        lost=0.01, duplicated=0.05, shuffled_seconds=86_400, down=(middle, middle + 600), tries_after=()
    )
    disturbed.keep([one.event for one in deliveries(world.told, troubles, Random(2))])
    disturbed.carry()
    clock.now += 2 * 86_400
    now = datetime.fromtimestamp(clock.now, UTC)

    assert states(disturbed) != states(calm)
    found = backfill(disturbed, api, now)
    assert found["all"] > 0
    findings, report = reconcile(disturbed, api, now)
    mended = {finding.subject_id for finding in findings if finding.is_mended}
    assert mended
    assert mended <= {told.event["data"]["object"]["id"] for told in lost_for_good}
    assert report["compared"] >= len(disturbed.query("SELECT id FROM subjects WHERE kind = 'subscription'"))
    touched = mended | {f"owed-{one}" for one in mended}
    assert states(disturbed, touched) == states(calm, touched)
    histories = [
        [row for row in receiver.query(HISTORIES) if row["subject_id"] not in touched] for receiver in (calm, disturbed)
    ]
    assert histories[0] == histories[1]


def test_three_days_without_a_door_end_as_if_there_had_been_one(receiver_of, world, clock, api):
    lives.live(world, clock, events=150, seed=5, step_seconds=86_400 * 4 / 150)
    calm, shut = receiver_of(), receiver_of()
    for receiver in (calm, shut):
        register(receiver, world)
    calm.keep([one.event for one in deliveries(world.told, Troubles(), Random(1))])
    calm.carry()
    troubles = Troubles(down=(START, START + 3 * 86_400), tries_after=(60, 3600, 86_400))
    # What Stripe tried again within the three days it gave up, and knows as undelivered.
    shut.keep([one.event for one in deliveries(world.told, troubles, Random(2))])
    shut.carry()
    undelivered = sum(not told.delivered for told in world.told)
    assert undelivered > 0
    clock.now += 3600
    assert backfill(shut, api, datetime.fromtimestamp(clock.now, UTC))["undelivered"] == undelivered
    assert states(shut) == states(calm)
    assert shut.query(HISTORIES) == calm.query(HISTORIES)


def test_a_second_look_finds_nothing_to_bring_and_nothing_to_mend(receiver, world, clock, api):
    lives.live(world, clock, events=60, seed=3, step_seconds=60)
    clock.now += 60
    now = datetime.fromtimestamp(clock.now, UTC)
    register(receiver, world)
    assert backfill(receiver, api, now)["all"] == 60
    assert reconcile(receiver, api, now)[0] == []
    assert backfill(receiver, api, now)["all"] == 0
    assert receiver.query("SELECT count(*) AS kept FROM events WHERE source = 'backfill'") == [{"kept": 60}]
    assert receiver.query("SELECT count(*) AS kept FROM events WHERE source = 'reconcile'") == [{"kept": 0}]
