"""The words of the fold: a fact in its place, what became of it, and what a subject's rules must say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schemas.facts import JSON, Fact, to_json

State = Mapping[str, JSON]


class Verdict(StrEnum):
    """What a fact did at its true place: it changed the state, changed nothing, or was refused.

    A function of the set of facts, never of their arrival. That a fact came late can be told from its row (placed
    after facts that follow it), so "stale" is no verdict: put in its place it has overwritten nothing newer.
    """

    APPLIED = "applied"
    REPEATED = "repeated"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A fact and when it was true; `cause` names what brought it, once and for all (an event's id)."""

    cause: str
    type: str
    rank: int
    occurred_at: datetime
    fact: Fact
    previous: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One fact's part in the history; of a conflict `to_status` is the status that was refused."""

    cause: str
    verdict: Verdict
    reason: str | None
    from_status: str | None
    to_status: str

    @property
    def moved(self) -> bool:
        return self.verdict is Verdict.APPLIED and self.from_status != self.to_status


@dataclass(frozen=True, slots=True)
class Folded:
    """What the facts amount to, and one step for each cause in true order.

    `needs_refetch`: the facts themselves do not tell which of the last two is the newer; Stripe must be asked.
    """

    status: str | None
    state: State
    steps: tuple[Step, ...]
    needs_refetch: bool = False


def _never(_placed: Placed) -> bool:
    return False


def _always(_state: State, _placed: Placed) -> bool:
    return True


def _alike(_placed: Placed) -> int:
    return 0


def _none_aside(_placed: Sequence[Placed]) -> Mapping[str, str]:
    return {}


def _at_once(_before: str | None, after: str) -> tuple[str, ...]:
    return (after,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One kind of subject.

    `leads_to`: the statuses that may follow each; events get lost, so every jump that some chain of real steps allows.
    `progress`: statuses from first to last, to order what a second holds when type alone cannot.
    `status_of`: the status a fact stands for. `advance`: the state after it, given the one before.
    `keeps_status`: of a fact that is applied without a word on the status, whatever that is.
    `grown`: a sum that within one second only grows, so that the larger one is the later word.
    `set_aside`: causes that are not this subject's news after all, each with the reason.
    `goes_on`: whether a fact later than all others can be judged by the state alone, without those that made it.
    `through`: the statuses from one, left out, to another, both real: more than one where a step's event was lost.
    """

    leads_to: Mapping[str, frozenset[str]]
    progress: tuple[str, ...]
    status_of: Callable[[Placed], str]
    advance: Callable[[State, Placed], State]
    keeps_status: Callable[[Placed], bool] = _never
    grown: Callable[[Placed], int] = _alike
    set_aside: Callable[[Sequence[Placed]], Mapping[str, str]] = _none_aside
    goes_on: Callable[[State, Placed], bool] = _always
    through: Callable[[str | None, str], tuple[str, ...]] = _at_once


def shown(fact: Fact) -> dict[str, JSON]:
    """The fact as its subject's state shows it; identity stands on the subject, and `status` the fold decides."""
    return {name: value for name, value in to_json(fact).items() if name not in {"subject_id", "status"}}
