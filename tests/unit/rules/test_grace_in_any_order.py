"""Lives told in Stripe's events, shuffled and repeated: grace starts where the life says, whatever arrived when.

The start is known from how the life was drawn, not from the code under test.
"""

from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rules.access import decide
from shared.rules.billing import Folded, subscriptions_of
from shared.rules.fold import fold
from shared.rules.standing import Policy
from shared.rules.unpaid import Move, unpaid
from tests.factories.facts import placed
from tests.factories.people import known

START = 1_740_000_000
DAY = 86_400
SUBSCRIPTION, CUSTOMER = "sub_1", "cus_1"


class Life:
    """Tells events as Stripe would; `since` is when the unpaid stretch that is not over began, in Unix seconds."""

    def __init__(self):
        self.at, self.number, self.facts, self.since = START, 0, [], None
        self.is_outlasted = False  # what failed, so that whatever comes next is of a stretch of its own
        self._subscription("created", "active")

    def pass_time(self, seconds):
        self.at += seconds

    def _next(self):
        self.number += 1
        return f"evt_{self.number}"

    def _subscription(self, act, status, delay=0):
        self.facts.append(
            placed(
                f"basil/customer.subscription.{act}",
                id=self._next(),
                created=self.at + delay,
                **{"data.object.id": SUBSCRIPTION, "data.object.status": status, "data.object.customer": CUSTOMER},
            )
        )

    def _invoice(self, act, invoice, status, delay=0):
        changes = {"id": invoice, "status": status, "customer": CUSTOMER, "billing_reason": "subscription_cycle"}
        changes |= {"parent.subscription_details.subscription": SUBSCRIPTION}
        self.facts.append(
            placed(
                f"basil/invoice.{act}",
                id=self._next(),
                created=self.at + delay,
                **{f"data.object.{name}": value for name, value in changes.items()},
            )
        )

    def fail(self, invoice, retries, lag, gap):
        """A renewal fails, is tried again, and the subscription says so a moment before or after."""
        self._leave_behind()
        self.since = self.since or min(self.at, self.at + lag)
        self._invoice("payment_failed", invoice, "open")
        self._subscription("updated", "past_due", lag)
        for _ in range(retries):
            self.pass_time(gap)
            self._invoice("payment_failed", invoice, "open")

    def fail_unheard(self, invoice, days):
        """The subscription runs on for all that, longer than Stripe tries again."""
        self._leave_behind()
        self.since = self.since or self.at
        self._invoice("payment_failed", invoice, "open")
        self.pass_time(days * DAY)
        self.is_outlasted = True

    def _leave_behind(self):
        if self.is_outlasted:
            self.since, self.is_outlasted = None, False

    def run_again(self, invoice, lag):
        """The invoice is left unpaid, as when it is marked uncollectible; one more try of it begins nothing."""
        self._subscription("updated", "active", lag)
        self.pass_time(5)
        self._invoice("payment_failed", invoice, "open")
        self.since = None

    def pay(self, invoice, lag, *, is_told):
        self._invoice("payment_succeeded", invoice, "paid")
        self._invoice("paid", invoice, "paid")
        if is_told:
            self._subscription("updated", "active", lag)
        self.since = None

    def end(self):
        self._leave_behind()
        self._subscription("deleted", "canceled")
        self.since = self.since or self.at


OUTCOMES = ("paid", "left, runs again", "left, next is paid", "unpaid")


@st.composite
def lives(draw):
    life, is_told = Life(), True
    for episode in range(draw(st.integers(0, 3))):
        life.pass_time(draw(st.integers(10, 40 * DAY)))
        if is_told and draw(st.booleans()):
            life.fail_unheard(f"in_{episode}", draw(st.integers(61, 300)))
            continue
        # What was not told to run again cannot be told to lapse again before its invoice fails.
        retries, lag = draw(st.integers(0, 3)), draw(st.integers(-1 if is_told else 0, 3))
        life.fail(f"in_{episode}", retries, lag, draw(st.integers(5, 5 * DAY)))
        outcome = draw(st.sampled_from(OUTCOMES))
        if outcome == "unpaid":
            break
        life.pass_time(draw(st.integers(10, 9 * DAY)))
        if outcome == "left, runs again":
            is_told = True
            life.run_again(f"in_{episode}", draw(st.integers(0, 3)))
        else:
            is_told = draw(st.booleans())  # the subscription's own word may be lost
            paid = f"in_{episode}" if outcome == "paid" else f"in_{episode}_next"
            life.pay(paid, draw(st.integers(0, 3)), is_told=is_told)
    if draw(st.booleans()):
        life.pass_time(draw(st.integers(10, 9 * DAY)))
        life.end()
    return life


def folded(facts, kind):
    by_subject = {}
    for one in facts:
        if one.fact.kind == kind:
            by_subject.setdefault(one.fact.subject_id, []).append(one)
    for subject_id, own in by_subject.items():
        result = fold(own)
        times = {one.cause: one.occurred_at for one in own}
        moves = [Move(step.to_status, times[step.cause]) for step in result.steps if step.moved]
        yield Folded(
            subject_id=subject_id, state=result.state, latest_at=max(one.occurred_at for one in own), moves=moves
        )


def read(facts):
    (one,) = subscriptions_of(folded(facts, "subscription"), folded(facts, "invoice"))
    return one


@settings(max_examples=120, deadline=None)
@given(life=lives(), seed=st.integers(0, 2**32))
def test_grace_starts_where_the_life_says_in_any_order_and_however_often_told(life, seed):
    told = unpaid(read(life.facts))
    assert (told and int(told.since.timestamp())) == life.since
    random = Random(seed)
    arrived = life.facts + random.choices(life.facts, k=4)
    random.shuffle(arrived)
    assert unpaid(read(arrived)) == told


@settings(max_examples=50, deadline=None)
@given(life=lives(), after=st.integers(0, 6 * DAY), seed=st.integers(0, 2**32))
def test_a_further_failure_never_moves_the_start_nor_the_end(life, after, seed):
    before = unpaid(read(life.facts))
    if before is None or before.reason != "payment_failed" or life.is_outlasted:
        return
    life.pass_time(after)
    life.fail("in_further", 1, 1, 60)
    Random(seed).shuffle(life.facts)
    now = datetime.fromtimestamp(life.at, before.since.tzinfo) + timedelta(seconds=1)
    later = read(life.facts)
    assert unpaid(later) == before
    grace = decide(known(later), Policy(), now).grace
    assert grace.started_at == before.since
    assert grace.ends_at == before.since + timedelta(days=7)
