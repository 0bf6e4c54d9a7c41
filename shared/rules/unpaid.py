"""Since when a subscription has been without payment: computed from its history, the same for every order of arrival.

It is unpaid while its status has lapsed, or while an invoice of it that failed is neither paid nor void and the
subscription has not gone on without it. Of such times those that overlap are one stretch, so that a retry, a further
failure or the subscription's end begins nothing new.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.rules.tiers import Prices

RUNNING = frozenset({"trialing", "active"})
LAPSED = frozenset({"past_due", "unpaid", "paused", "canceled"})
# A payment brings these back, and the subscription's own word on it may be late or lost. Nothing brings back a
# subscription that has ended, and one that is paused says itself that it goes on.
_PAYMENT_REVIVES = frozenset({"past_due", "unpaid"})
# Its first payment has never gone through: nothing was had that could be lost.
_NEVER_BEGAN = frozenset({"incomplete", "incomplete_expired"})
_FIRST_INVOICE, _RENEWAL = "subscription_create", "subscription_cycle"
# Stripe tries a failed invoice again for two months at most (Billing, Smart Retries). A subscription that still runs
# then does so without it.
_TRIED_FOR = timedelta(days=60)

PAYMENT_FAILED, ENDED, PAUSED = "payment_failed", "subscription_ended", "subscription_paused"
_REASONS = {"past_due": PAYMENT_FAILED, "unpaid": PAYMENT_FAILED, "canceled": ENDED, "paused": PAUSED}


@dataclass(frozen=True, slots=True)
class Move:
    """One transition of the subscription, by Stripe's `created`."""

    to_status: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """An invoice of the subscription as its own facts tell it; `is_payment`: money came in when it was paid."""

    billing_reason: str | None = None
    first_failed_at: datetime | None = None
    paid_at: datetime | None = None
    void_at: datetime | None = None
    is_payment: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """`status` None: only its invoices are known yet. `latest_at` is the newest word of the subscription itself."""

    status: str | None
    prices: Prices = field(default_factory=Prices)
    moves: tuple[Move, ...] = ()
    latest_at: datetime | None = None
    bills: tuple[Bill, ...] = ()


@dataclass(frozen=True, slots=True)
class Unpaid:
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class _Span:
    start: datetime
    reason: str
    end: datetime | None


def unpaid(subscription: Subscription) -> Unpaid | None:
    """The stretch that is not over yet."""
    if subscription.status in _NEVER_BEGAN:
        return None
    failures = list(_failures(subscription))
    spans = [*failures, *_lapses(subscription, failures)]
    latest = None
    for span in sorted(spans, key=lambda span: (span.start, span.reason)):
        if latest is None or (latest.end is not None and span.start >= latest.end):
            latest = span
        else:
            latest = _Span(latest.start, latest.reason, _later(latest.end, span.end))
    return Unpaid(latest.start, latest.reason) if latest is not None and latest.end is None else None


def _failures(subscription: Subscription) -> Iterator[_Span]:
    """Many are left open or uncollectible for ever: those end where the subscription went on without them."""
    resumed = list(_resumed(subscription.moves))
    for bill in subscription.bills:
        since = bill.first_failed_at
        if since is None or bill.billing_reason == _FIRST_INVOICE:
            continue
        ends = [bill.paid_at, bill.void_at, *(at for at in resumed if at > since)]
        ends += [*_renewed(subscription.bills, since), *_outlasted(subscription, since)]
        yield _Span(since, PAYMENT_FAILED, min((end for end in ends if end is not None), default=None))


def _resumed(moves: Iterable[Move]) -> Iterator[datetime]:
    """Each time that it said that it runs, not having said so right before."""
    before: str | None = None
    for move in moves:
        if move.to_status in RUNNING and before not in RUNNING:
            yield move.at
        before = move.to_status


def _renewed(bills: Iterable[Bill], since: datetime) -> Iterator[datetime]:
    """Payments of renewals that were made after this failure: that it runs again may be told late, or be lost."""
    for bill in bills:
        is_renewal = bill.billing_reason == _RENEWAL and bill.is_payment
        was_made_later = bill.first_failed_at is None or bill.first_failed_at > since
        if is_renewal and was_made_later and bill.paid_at is not None and bill.paid_at > since:
            yield bill.paid_at


def _outlasted(subscription: Subscription, since: datetime) -> Iterator[datetime]:
    """Where it ran on in spite of the failure, and something came after that: a lapse then is one of its own."""
    end = since + _TRIED_FOR
    status = next((move.to_status for move in reversed(subscription.moves) if move.at <= end), None)
    signs = [*(move.at for move in subscription.moves), *(bill.first_failed_at for bill in subscription.bills)]
    if status in RUNNING and any(sign is not None and sign > end for sign in signs):
        yield end


def _lapses(subscription: Subscription, failures: Sequence[_Span]) -> Iterator[_Span]:
    """Each run of lapsed statuses, and within it each part that a payment left."""
    run: list[Move] = []
    before: str | None = None
    for move in subscription.moves:
        if move.to_status in LAPSED:
            if run or not (move.to_status == "canceled" and before in _NEVER_BEGAN):
                run.append(move)
        elif run:
            yield from _parts(run, move.at, subscription, failures)
            run = []
        before = move.to_status
    if run:
        yield from _parts(run, None, subscription, failures)


def _parts(
    run: Sequence[Move], end: datetime | None, subscription: Subscription, failures: Sequence[_Span]
) -> Iterator[_Span]:
    """A payment ends a lapse by the money alone: that the subscription runs again may be told late, or be lost."""
    signs = sorted(
        [*((move.at, _REASONS[move.to_status]) for move in run), *((one.start, one.reason) for one in failures)]
    )
    start, reason = run[0].at, _REASONS[run[0].to_status]
    for paid_at in _payments(subscription.bills):
        if not _revives(paid_at, start, run, failures):
            continue
        later = [sign for sign in signs if sign[0] > paid_at and (end is None or sign[0] < end)]
        if not later and end is None and subscription.latest_at is not None and subscription.latest_at > paid_at:
            continue  # the subscription's own later word stands against it
        yield _Span(start, reason, paid_at)
        if not later:
            return
        start, reason = later[0]
    yield _Span(start, reason, end)


def _payments(bills: Iterable[Bill]) -> list[datetime]:
    return sorted(bill.paid_at for bill in bills if bill.paid_at is not None and bill.is_payment)


def _revives(paid_at: datetime, start: datetime, run: Sequence[Move], failures: Iterable[_Span]) -> bool:
    """Nothing that failed was left to pay, and the subscription was of those that a payment brings back."""
    status = next((move.to_status for move in reversed(run) if move.at <= paid_at), None)
    left = any(one.start <= paid_at and (one.end is None or paid_at < one.end) for one in failures)
    return paid_at >= start and status in _PAYMENT_REVIVES and not left


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)
