"""A connected account's onboarding: pending, completed or restricted, by the fields that Stripe documents for it.

Stripe's reference, "Account": `requirements.disabled_reason` "If the account is disabled, this enum describes why";
`requirements.past_due` "Fields that haven't been resolved by current_deadline. These fields need to be resolved to
enable the account"; `details_submitted` "Accounts where this is false should be directed to an onboarding flow".
"""

from collections.abc import Callable, Mapping

from schemas.account import AccountFact
from schemas.facts import Fact
from shared.rules.history import Placed, Rules, State, shown

_PENDING, _COMPLETED, _RESTRICTED = "pending", "completed", "restricted"
_ALL = frozenset({_PENDING, _COMPLETED, _RESTRICTED})

# Nothing is final: Stripe restricts and restores, and an account that left may come back.
_LEADS_TO: Mapping[str, frozenset[str]] = dict.fromkeys(sorted(_ALL), _ALL)

_PROGRESS = (_PENDING, _COMPLETED, _RESTRICTED)


def _may_do_all(fact: AccountFact) -> bool:
    return bool(fact.charges_enabled and fact.payouts_enabled)


# Stripe disables a new account for what it has yet to submit: that is onboarding, not a restriction.
_STILL_ASKED = ("requirements.", "action_required.")


def _is_shut(fact: AccountFact) -> bool:
    return fact.disabled_reason is not None and not fact.disabled_reason.startswith(_STILL_ASKED)


# The first line that is true decides; the second word is the reason that the state shows.
_ONBOARDING: tuple[tuple[str, str, Callable[[AccountFact], bool]], ...] = (
    (_RESTRICTED, "deauthorized", lambda fact: fact.status == "deauthorized"),
    (_RESTRICTED, "disabled", _is_shut),
    (_PENDING, "details_not_submitted", lambda fact: not fact.details_submitted),
    (_PENDING, "verification_pending", lambda fact: fact.disabled_reason == "requirements.pending_verification"),
    (_RESTRICTED, "disabled", lambda fact: fact.disabled_reason is not None),
    (_RESTRICTED, "requirements_past_due", lambda fact: bool(fact.past_due)),
    (_COMPLETED, "enabled", _may_do_all),
    (_RESTRICTED, "not_enabled", lambda _fact: True),
)


def _decided(fact: Fact) -> tuple[str, str]:
    if not isinstance(fact, AccountFact):
        raise TypeError(fact.kind)
    return next((status, reason) for status, reason, holds in _ONBOARDING if holds(fact))


def _status_of(placed: Placed) -> str:
    return _decided(placed.fact)[0]


def _advance(state: State, placed: Placed) -> State:
    _, reason = _decided(placed.fact)
    now = shown(placed.fact)
    if reason == "deauthorized":
        # Such an event shows no account: what was known stays known, but we may do nothing with it any more.
        now = {**now, **{key: state[key] for key in now if key in state}, "charges_enabled": False}
        now["payouts_enabled"] = False
    return {**now, "onboarding_reason": reason, "requirements_count": _requirements(now)}


def _requirements(shown_: State) -> int:
    """How many are due: those past due stand in `currently_due` as well, save in a sample that forgot it."""
    counts = (shown_["currently_due"], shown_["past_due"])
    return max((count for count in counts if isinstance(count, int)), default=0)


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance)
