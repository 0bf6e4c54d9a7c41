"""A subscription's life: which status may follow which, and what its state says."""

from collections.abc import Mapping

from shared.rules.history import Placed, Rules, State, shown

_LIVE = frozenset({"trialing", "active", "past_due", "unpaid", "paused"})
_ENDED = frozenset({"canceled", "incomplete_expired"})

# Nothing leads back to `incomplete`: only a subscription whose first payment has never gone through is.
_LEADS_TO: Mapping[str, frozenset[str]] = {
    "incomplete": _LIVE | _ENDED,
    **dict.fromkeys(_LIVE, _LIVE | {"canceled"}),
    **dict.fromkeys(_ENDED, frozenset()),
}

_PROGRESS = (
    "incomplete", "trialing", "active", "past_due", "unpaid", "paused", "incomplete_expired", "canceled",
)  # fmt: skip

# A type that says what became of the subscription, where the object inside it was rendered a moment too early.
# Not `resumed`: it "is no longer paused" (stripe-python, Event.type), and what it is instead the object tells.
_SAYS: Mapping[str, str] = {
    "customer.subscription.deleted": "canceled",
    "customer.subscription.paused": "paused",
}


def _status_of(placed: Placed) -> str:
    status = placed.fact.status
    return status if status in _ENDED else _SAYS.get(placed.type, status)


def _advance(_state: State, placed: Placed) -> State:
    # Each fact shows the whole subscription, so the newest replaces what was known.
    now = shown(placed.fact)
    # Flexible billing sets a date where classic billing sets the flag.
    return {**now, "will_cancel": now["cancel_at_period_end"] is True or now["cancel_at"] is not None}


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance)
