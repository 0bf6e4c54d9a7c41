"""What is known beside Stripe's objects: each kind of drift found, told with both values, and mended once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingress.cli.simulator import shapes
from ingress.cli.simulator.lives import START
from shared import payouts, stripe_desk
from shared.errors import StripeAway
from shared.reconcile_run import COMPARED, PHASES
from shared.rules.drift import Kind
from shared.rules.payout_links import OwedPayout, Registered
from tests.integration.stripe.conftest import api_of

FACTS = "SELECT source, type, occurred_at, verdict FROM facts ORDER BY occurred_at, id"
STATUS = "SELECT status, needs_refetch FROM subjects WHERE subject_id = 'sub_1'"


@pytest.fixture
def told(receiver, world, clock):
    """A subscription of which the front door told; the clock then moves on."""
    made = shapes.subscription("sub_1", created=START, customer="cus_1", status="active")
    told = world.tell("customer.subscription.created", made)
    receiver.keep([told.event])
    receiver.carry()
    clock.now += 3600
    return made


@pytest.fixture
def reconcile(receiver, api, clock):
    def reconcile(*, api=api, **how):
        run = stripe_desk.reconciliation(receiver.settings, api, receiver.pool, actor="test", **how)
        steps = []
        for step in run.steps(now=datetime.fromtimestamp(clock.now, UTC)):
            steps.append(step)
            receiver.carry()  # as the workers do, all the time
        return [finding for step in steps for finding in step.findings], dict(steps[-1].total)

    return reconcile


def kinds(findings):
    return [(finding.subject_id, finding.drift.kind, finding.is_mended) for finding in findings]


def test_what_agrees_is_compared_and_left_alone(receiver, told, reconcile):
    findings, report = reconcile()
    assert findings == []
    assert report[COMPARED] == 2  # in the list of subscriptions, and in the sample
    assert len(receiver.query(FACTS)) == 1


def test_a_status_that_no_event_told_is_mended_by_a_fact_of_the_time_of_asking(receiver, world, clock, told, reconcile):
    world.put({**told, "status": "past_due"})
    findings, report = reconcile()
    assert kinds(findings) == [("sub_1", Kind.STATUS, True)]
    assert findings[0].drift.differences["status"] == ("active", "past_due")
    assert report == {COMPARED: 2, "status": 1}
    assert receiver.query(STATUS) == [{"status": "past_due", "needs_refetch": False}]
    *_, fact = receiver.query(FACTS)
    assert (fact["source"], fact["type"], fact["verdict"]) == ("reconcile", "fetched.subscription", "applied")
    assert abs(fact["occurred_at"].timestamp() - clock.now) <= 2


def test_a_mend_is_audited_with_what_was_known_and_what_stripe_says(receiver, world, told, reconcile):
    world.put({**told, "status": "past_due"})
    reconcile()
    record, *_ = receiver.query("SELECT actor, object, reason, before, after FROM audit WHERE act = 'reconcile.mended'")
    assert (record["actor"], record["object"], record["reason"]) == (
        "test", "subscription:sub_1@none/test", "status",
    )  # fmt: skip
    assert (record["before"]["status"], record["after"]["status"]) == ("active", "past_due")
    assert receiver.query("SELECT kind FROM notices WHERE kind = 'reconcile:drift'") == [{"kind": "reconcile:drift"}]
    (report,) = receiver.query("SELECT after FROM audit WHERE act = 'reconcile.report'")
    assert report["after"]["status"] >= 1


def test_a_dry_run_tells_and_changes_nothing(receiver, world, told, reconcile):
    world.put({**told, "status": "past_due"})
    findings, _ = reconcile(dry_run=True)
    assert {kind for _, kind, mended in kinds(findings) if not mended} == {Kind.STATUS}
    assert receiver.query(STATUS) == [{"status": "active", "needs_refetch": False}]
    assert receiver.query("SELECT 1 FROM audit WHERE act LIKE 'reconcile%%'") == []
    assert receiver.query("SELECT phase, report FROM stripe_cursors WHERE name = 'objects'") == [
        {"phase": None, "report": {}}
    ]


def test_a_subscription_that_nobody_told_of_is_found_in_stripes_list(receiver, world, told, reconcile):
    world.put(shapes.subscription("sub_2", created=START, customer="cus_2", status="canceled", ended_at=START + 60))
    findings, _ = reconcile()
    assert kinds(findings) == [("sub_2", Kind.MISSING, True)]
    assert receiver.query("SELECT status FROM subjects WHERE subject_id = 'sub_2'") == [{"status": "canceled"}]


def test_what_no_rule_leads_to_is_told_and_left_for_a_person(receiver, world, clock, told, reconcile):
    receiver.keep([world.change("customer.subscription.deleted", "subscription", "sub_1", status="canceled").event])
    receiver.carry()
    clock.now += 60
    world.put({**told, "status": "active"})
    findings, _ = reconcile()
    assert set(kinds(findings)) == {("sub_1", Kind.REFUSED, False)}
    assert receiver.query(STATUS) == [{"status": "canceled", "needs_refetch": False}]
    assert receiver.query("SELECT 1 FROM facts WHERE source = 'reconcile'") == []


def test_what_stripe_shows_no_more_is_told(world, told, reconcile):
    world.things.clear()
    assert kinds(reconcile()[0]) == [("sub_1", Kind.GONE, False)]


def test_a_look_never_undoes_what_came_after_it(receiver, world, clock, told, api):
    run = stripe_desk.reconciliation(receiver.settings, api, receiver.pool, actor="test")
    world.put({**told, "status": "past_due"})
    steps = run.steps(now=datetime.fromtimestamp(clock.now, UTC))
    while not next(steps).findings:
        pass
    steps.close()
    # The mend is kept, and before it is carried out a newer event comes.
    clock.now += 60
    receiver.keep([world.change("customer.subscription.updated", "subscription", "sub_1", status="unpaid").event])
    receiver.carry()
    assert receiver.query(STATUS) == [{"status": "unpaid", "needs_refetch": False}]


@pytest.mark.parametrize("skew", [-86_400, 86_400])
def test_our_own_clock_may_be_wrong(receiver, world, clock, told, stand_in, reconcile, skew):
    world.put({**told, "status": "past_due"})
    astray = api_of(stand_in.url)
    astray._clock = lambda: clock.now + skew
    assert reconcile(api=astray)[0]
    clock.now += 60
    receiver.keep([world.change("customer.subscription.updated", "subscription", "sub_1", status="active").event])
    receiver.carry()
    assert receiver.query(STATUS) == [{"status": "active", "needs_refetch": False}]


def test_a_guess_between_two_facts_of_one_second_is_settled_by_asking(receiver, world, clock, api):
    made = shapes.subscription("sub_1", created=START, customer="cus_1", status="active")
    alike = [
        world.tell("customer.subscription.updated", {**made, "status": status}) for status in ("unpaid", "past_due")
    ]
    for one in alike:
        one.event["data"].pop("previous_attributes", None)
    receiver.keep([one.event for one in alike])
    receiver.carry()
    assert receiver.query("SELECT needs_refetch FROM subjects") == [{"needs_refetch": True}]
    clock.now += 60
    run = stripe_desk.reconciliation(receiver.settings, api, receiver.pool, actor="test")
    assert run.settle_doubt(within_seconds=600)
    receiver.carry()
    assert receiver.query(STATUS) == [{"status": "past_due", "needs_refetch": False}]
    assert run.settle_doubt(within_seconds=600) == []


def test_a_registered_payout_of_which_nothing_was_heard_is_found(receiver, world, clock, reconcile):
    world.put(shapes.payout("po_1", created=START, amount=4500, status="paid"), account="acct_1")
    with receiver.pool.transaction() as conn:
        owed = OwedPayout(
            payout_id="owed-1",
            account="acct_1",
            livemode=False,
            amount_minor=4500,
            currency="usd",
            stripe_payout_id="po_1",
        )
        payouts.register(conn, Registered(owed, "creator-1"), actor="test")
    clock.now += 60
    findings, _ = reconcile()
    assert ("po_1", Kind.MISSING, True) in kinds(findings)
    assert receiver.query("SELECT status FROM subjects WHERE kind = 'owed_payout'") == [{"status": "COMPLETED"}]


def test_a_run_that_breaks_off_is_gone_on_with(receiver, world, clock, stand_in, faults, told):
    for number in range(2, 240):
        world.put(shapes.subscription(f"sub_{number}", created=START, customer=f"cus_{number}", status="active"))
    run = stripe_desk.reconciliation(receiver.settings, api_of(stand_in.url, failures=99), receiver.pool, actor="test")
    run = replace(run, sample=0)
    now = datetime.fromtimestamp(clock.now, UTC)
    faults.then([None, None, "garbage", "garbage"])
    phases = []
    with pytest.raises(StripeAway):
        phases.extend((step.phase, len(step.findings)) for step in run.steps(now=now))
    assert phases == [("flagged", 0), ("subscriptions", 100), ("subscriptions", 100)]
    receiver.carry()
    rest = list(run.steps(now=now))
    assert [step.phase for step in rest] == list(PHASES[1:])
    receiver.carry()
    assert rest[-1].total["missing"] == 238
    assert receiver.query("SELECT count(*) AS known FROM subjects WHERE kind = 'subscription'") == [{"known": 239}]


def test_a_key_that_may_not_list_subscriptions_compares_the_others(receiver, world, clock, api, faults, told):
    world.put({**told, "status": "past_due"})
    faults.then(["refused"])
    run = stripe_desk.reconciliation(receiver.settings, api, receiver.pool, actor="test")
    steps = list(run.steps(now=datetime.fromtimestamp(clock.now, UTC)))
    assert [(step.phase, len(step.findings)) for step in steps if step.findings] == [("sample", 1)]


def test_each_run_samples_another_part_of_the_rest(receiver, told, faults, api, clock):
    receiver.query("""
        INSERT INTO subjects (kind, subject_id, livemode, status, state)
        SELECT 'charge', 'ch_' || n, false, 'none', '{"status": "none"}' FROM generate_series(1, 90) AS n
        RETURNING id""")
    run = stripe_desk.reconciliation(receiver.settings, api, receiver.pool, actor="test")
    run = replace(run, sample=50)
    seen = []
    for _ in range(2):
        clock.now += 60
        steps = list(run.steps(now=datetime.fromtimestamp(clock.now, UTC)))
        seen.append({one.subject_id for step in steps if step.phase == "sample" for one in step.findings})
    assert [len(one) for one in seen] == [49, 41]
    assert not seen[0] & seen[1]
