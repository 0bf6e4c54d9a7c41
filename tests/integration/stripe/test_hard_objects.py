"""Objects of which Stripe can say nothing, or is asked in vain: told, and no obstacle to all the others."""

from datetime import UTC, datetime

import pytest

from ingress.cli.simulator import shapes
from ingress.cli.simulator.lives import START
from shared import payouts, stripe_desk
from shared.config import Settings
from shared.errors import StripeAway, StripeRefuses
from shared.rules.drift import Kind
from shared.rules.payout_links import OwedPayout, Registered


@pytest.fixture
def reconcile(receiver, api, clock):
    def reconcile(*, api=api, key=None):
        values = {name: getattr(receiver.settings, name) for name in Settings.__slots__}
        settings = Settings(**values | {"stripe_api_key": key})
        run = stripe_desk.reconciliation(settings, api, receiver.pool, actor="test")
        found = []
        for step in run.steps(now=datetime.fromtimestamp(clock.now, UTC)):
            found += step.findings
            receiver.carry()
        return found

    return reconcile


def subscription(id_):
    return shapes.subscription(id_, created=START, customer="cus_1", status="active")


def kinds(findings):
    return {(finding.subject_id, finding.drift.kind) for finding in findings}


@pytest.fixture
def tell(receiver, world):
    def tell(type_, thing, *, account=None, livemode=False):
        event = world.tell(type_, thing, account=account).event
        receiver.keep([{**event, "account": account, "livemode": livemode}])
        receiver.carry()

    return tell


class Failing:
    """The stand-in, save for one object."""

    def __init__(self, api, id_, error):
        self.api, self.id_, self.error = api, id_, error

    def get(self, path, **asked):
        if path.endswith(self.id_):
            raise self.error
        return self.api.get(path, **asked)


@pytest.mark.parametrize(
    "error",
    [StripeAway("500", code="stripe_5xx"), StripeRefuses("400", code="stripe_refuses")],
    ids=["an error of theirs", "a refusal"],
)
def test_an_object_that_stripe_never_shows_stops_no_reconciliation(world, clock, api, tell, reconcile, error):
    for number in range(5):
        made = subscription(f"sub_{number}")
        tell("customer.subscription.created", made, account="acct_1")
    clock.now += 60
    world.put({**made, "status": "past_due"}, account="acct_1")
    found = kinds(reconcile(api=Failing(api, "sub_1", error)))
    assert found == {("sub_1", Kind.UNANSWERED), ("sub_4", Kind.STATUS)}


def test_a_stripe_that_shows_nothing_at_all_is_away(clock, faults, tell, reconcile):
    tell("customer.subscription.created", subscription("sub_1"), account="acct_1")
    clock.now += 60
    faults.then([None])  # the list of the platform's own
    faults.shares = {"error": 1.0}
    with pytest.raises(StripeAway):
        reconcile()


def test_an_account_that_took_its_leave_is_no_drift_nor_is_what_was_its(world, clock, tell, reconcile):
    tell("account.updated", shapes.account("acct_1", created=START, enabled=True), account="acct_1")
    tell("customer.subscription.created", subscription("sub_1"), account="acct_1")
    clock.now += 5
    tell("account.application.deauthorized", {"object": "application", "id": "ca_1"}, account="acct_1")
    world.things.clear()
    clock.now += 60
    assert reconcile() == []


def test_an_account_that_came_back_without_a_word_is_found(receiver, clock, tell, reconcile):
    tell("account.updated", shapes.account("acct_1", created=START, enabled=True), account="acct_1")
    clock.now += 5
    tell("account.application.deauthorized", {"object": "application", "id": "ca_1"}, account="acct_1")
    clock.now += 60
    assert kinds(reconcile()) == {("acct_1", Kind.STATUS)}
    assert receiver.query("SELECT status FROM subjects WHERE kind = 'account'") == [{"status": "completed"}]


@pytest.mark.parametrize(("key", "found"), [("sk_test_x", set()), ("rk_live_x", {("sub_1", Kind.GONE)})])
def test_of_the_other_mode_than_the_keys_nothing_is_asked(world, clock, tell, reconcile, key, found):
    tell("customer.subscription.created", subscription("sub_1"), livemode=True)
    world.things.clear()
    clock.now += 60
    assert kinds(reconcile(key=key)) == found


def test_an_account_that_stripe_named_and_nobody_told_of_is_compared(receiver, world, api, reconcile):
    world.put(shapes.account("acct_9", created=START, enabled=True))
    filler = stripe_desk.backfill(receiver.settings, api, receiver.pool)
    list(filler.learn_accounts(begin=datetime.fromtimestamp(START, UTC)))
    assert kinds(reconcile(key="sk_test_x")) == {("acct_9", Kind.MISSING)}
    assert receiver.query("SELECT subject_id, account, livemode, status FROM subjects") == [
        {"subject_id": "acct_9", "account": "acct_9", "livemode": False, "status": "completed"}
    ]
    assert reconcile(key="sk_test_x") == []


def test_a_registered_transfer_of_which_nothing_was_heard_is_found(receiver, world, clock, reconcile):
    world.put(shapes.transfer("tr_1", created=START, amount=4500, destination="acct_1"))
    owed = OwedPayout(
        payout_id="owed-1",
        account="acct_1",
        livemode=False,
        amount_minor=4500,
        currency="usd",
        stripe_transfer_id="tr_1",
    )
    with receiver.pool.transaction() as conn:
        payouts.register(conn, Registered(owed, "creator-1"), actor="test")
    clock.now += 60
    assert ("tr_1", Kind.MISSING) in kinds(reconcile())
    told = receiver.query("SELECT kind FROM subjects ORDER BY kind")
    assert [row["kind"] for row in told] == ["owed_payout", "transfer"]


def test_a_customer_that_was_deleted_without_a_word_is_found(receiver, world, clock, tell, reconcile):
    tell("customer.created", shapes.customer("cus_1", created=START))
    world.things[None, "customer", "cus_1"] = {"id": "cus_1", "object": "customer", "deleted": True}
    clock.now += 60
    assert kinds(reconcile()) == {("cus_1", Kind.STATUS)}
    assert receiver.query("SELECT status FROM subjects") == [{"status": "deleted"}]
    clock.now += 60
    assert reconcile() == []
