"""What is known of a subject beside the object as Stripe shows it now: the same, or drifted, and in what."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from schemas.facts import JSON
from shared.rules.fold import advance
from shared.rules.history import Placed, Rules, State, Verdict

_OURS = frozenset({"as_of", "status_since", "paid_at", "completed_at"})


class Kind(StrEnum):
    """`missing`: unknown here; `doubtful`: a guess that Stripe's word settles; `refused`: no rule leads there.

    `unanswered`: Stripe answers with nothing but an error about just this object.
    """

    MISSING = "missing"
    STATUS = "status"
    FIELDS = "fields"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"
    GONE = "gone"
    UNANSWERED = "unanswered"
    UNREADABLE = "unreadable"


# What a fact from Stripe puts right. The others need a person.
MENDED = frozenset({Kind.MISSING, Kind.STATUS, Kind.FIELDS, Kind.DOUBTFUL})


@dataclass(frozen=True, slots=True)
class Drift:
    """`differences`: by field, what is known here and what Stripe says."""

    kind: Kind
    differences: Mapping[str, tuple[JSON, JSON]]


def drift(
    state: State | None, seen: Placed, rules: Rules, *, stated: AbstractSet[str], needs_refetch: bool = False
) -> Drift | None:
    """None where both say the same. `stated` names the fields that the object tells: its silence is no difference."""
    if not state:
        return Drift(Kind.MISSING, {"status": (None, rules.status_of(seen))})
    after, step = advance(state, seen, rules)
    if step.verdict is Verdict.CONFLICT:
        return Drift(Kind.REFUSED, {"status": (step.from_status, step.to_status)})
    told = {*stated, "status"} - _OURS
    differences = {
        name: (state.get(name), after[name]) for name in after if name in told and _differ(state, after, name)
    }
    if "status" in differences:
        return Drift(Kind.STATUS, differences)
    if differences:
        return Drift(Kind.FIELDS, differences)
    return Drift(Kind.DOUBTFUL, {}) if needs_refetch else None


def _differ(state: State, after: State, name: str) -> bool:
    return name not in state or state[name] != after[name]
