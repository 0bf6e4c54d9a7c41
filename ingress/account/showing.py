"""What a person's page shows, from what is known: a pure function, whose texts are messages of the catalogues."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingress.account import words
from ingress.account.reading import Known
from shared.rules.people_words import WORDS
from shared.rules.tiers import BASE


@dataclass(frozen=True, slots=True)
class Said:
    """A message, and the day that it names."""

    text: str
    day: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`as_of` where this is what was known before; `grace_ends` None while a crisis holds the grace period open."""

    situation: str
    days: int | None = None
    grace_ends: datetime | None = None
    emergency_ends: datetime | None = None
    plans: Sequence[Sequence[Said]] = ()
    payments: Sequence[Said] = ()
    tools: Sequence[str] = ()
    is_tried_again: bool = False
    is_away: bool = False
    as_of: datetime | None = None

    @property
    def message(self) -> str:
        return WORDS[self.situation]

    @property
    def is_in_danger(self) -> bool:
        return self.situation in words.IN_DANGER

    @property
    def is_in_grace(self) -> bool:
        return self.situation in {"grace", "last_day", "held"}

    @property
    def has_to_put_right(self) -> bool:
        failed = any(said.text == words.PAYMENTS["failed"] for said in self.payments)
        return not self.is_in_danger and (failed or self.situation in words.TO_PUT_RIGHT)


def shown(known: Known, now: datetime) -> Shown:
    access, payments = known.access, known.payments
    grace, emergency = _part(access, "gracePeriod"), _part(access, "emergencyAccess")
    return Shown(
        situation=words.situation_of(access),
        days=grace.get("daysLeft"),
        grace_ends=_moment(grace.get("endsAt")),
        emergency_ends=_moment(emergency.get("endsAt")),
        plans=[] if payments is None else list(_plans(payments, now)),
        payments=[] if payments is None else list(_payments(payments)),
        # Stripe tries again by itself only what is past due.
        is_tried_again=any(one["status"] == "past_due" for one in _subscriptions(payments)),
        tools=[words.TOOLS[name] for name in _features(access) if name in words.TOOLS],
        is_away=known.is_away,
        as_of=_moment(str(access["asOf"])) if access["degraded"] else None,
    )


def _part(access: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = access.get(name)
    return found if isinstance(found, Mapping) else {}


def _features(access: Mapping[str, Any]) -> Sequence[str]:
    found = access.get("features")
    return found if isinstance(found, list) else BASE


def _subscriptions(payments: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = [] if payments is None else payments["subscriptions"]
    return found


def _plans(payments: Mapping[str, Any], now: datetime) -> Iterator[Sequence[Said]]:
    for one in _subscriptions(payments):
        until = _until(one, now)
        yield [Said(words.PLANS.get(one["status"], words.PLAN_OF_NO_WORDS)), *([until] if until else [])]


def _until(one: Mapping[str, Any], now: datetime) -> Said | None:
    """What its day means, where a person would like to know it: a day to come that is past would only confuse."""
    status, ends, trial_ends = one["status"], _moment(one["currentPeriodEnd"]), _moment(one["trialEnd"])
    if status == "canceled" and (ended_at := _moment(one["endedAt"])):
        return Said(words.UNTIL["ended"], ended_at)
    if status == "trialing" and trial_ends and trial_ends > now:
        return Said(words.UNTIL["trial"], trial_ends)
    if status == "active" and ends and ends > now:
        return Said(words.UNTIL["ends" if one["cancelAtPeriodEnd"] else "renews"], ends)
    return None


def _payments(payments: Mapping[str, Any]) -> Iterator[Said]:
    last = payments["lastPayment"]
    yield Said(words.PAYMENTS["none"]) if last is None else Said(words.PAYMENTS[last["status"]], _moment(last["at"]))
    yield Said(words.METHODS["yes" if payments["paymentMethodOnFile"] else "no"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
