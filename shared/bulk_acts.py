"""What staff may do with many events at once: requeue or discard dead letters, replay events that have ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.db import Connection
from shared.events import Standing
from shared.queries import load

RUNNING = frozenset({"received", "processing", "retrying"})
DONE = frozenset({"requeued", "discarded", "replayed", "undone"})
_HINTS = {"dead": "use dead requeue", "body_gone": "its body was removed when its time had come"}

Refused = Literal[
    "not_found",
    "ambiguous",
    "already_running",
    "not_dead",
    "dead",
    "already_discarded",
    "changed_meanwhile",
    "body_gone",
    "not_done",
]


@dataclass(frozen=True, slots=True)
class Act:
    """One of these: which states it takes, what it calls its success, and its name in the audit trail."""

    name: Literal["requeue", "discard", "replay", "undo"]
    done: Literal["requeued", "discarded", "replayed", "undone"]
    takes: tuple[str, ...]
    audited_as: str
    statement: Literal["restart", "discard", "undiscard"]


# A discarded letter may be requeued, which undoes the discarding. A replay repeats no effect: the ledger of effects
# ends it before it begins.
REQUEUE = Act("requeue", "requeued", ("dead",), "dead_letter.requeue", "restart")
DISCARD = Act("discard", "discarded", ("dead",), "dead_letter.discard", "discard")
REPLAY = Act("replay", "replayed", ("processed", "ignored"), "event.replay", "restart")
UNDO = Act("undo", "undone", ("dead",), "dead_letter.discard_undone", "undiscard")


@dataclass(frozen=True, slots=True)
class Mandate:
    """Who asked for it, and why: both stay in the audit trail."""

    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Target:
    """A row to act on, the name that a person gave it, and its series then: a later one was begun by somebody else."""

    id: str
    row_id: int
    series: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them; `state` says what it is where the act passed it by."""

    id: str
    outcome: Literal["requeued", "discarded", "replayed", "undone"] | Refused
    state: str | None = None
    candidates: tuple[str, ...] = ()

    @property
    def hint(self) -> str | None:
        return _HINTS.get(self.outcome)

    def to_json(self) -> dict[str, object]:
        found = {"id": self.id, "outcome": self.outcome, "state": self.state, "hint": self.hint}
        return {name: value for name, value in found.items() if value} | (
            {"candidates": list(self.candidates)} if self.candidates else {}
        )


def plan(act: Act, candidates: Mapping[str, Sequence[Standing]]) -> tuple[list[Target], list[Outcome]]:
    """Of what a person named: what can be acted on, and what cannot and why."""
    targets, refused = [], []
    for name, found in candidates.items():
        match found:
            case []:
                refused.append(Outcome(name, "not_found"))
            case [one]:
                passed_by = _refusal(act, name, one.state, discarded=one.discarded)
                if passed_by is None:
                    targets.append(Target(name, one.id, one.series))
                else:
                    refused.append(passed_by)
            case _:
                refused.append(Outcome(name, "ambiguous", candidates=tuple(f"#{one.id}" for one in found)))
    return targets, refused


def carry(conn: Connection, act: Act, targets: Sequence[Target], mandate: Mandate) -> list[Outcome]:
    """Act on these in the caller's transaction, each with its audit record; nothing that runs is touched."""
    sql = load("bulk_acts")
    parameters = {
        "rows": [target.row_id for target in targets],
        "series": [target.series for target in targets],
        "states": list(act.takes),
        "act": act.audited_as,
        "actor": mandate.actor,
        "reason": mandate.reason,
    }
    done = {row["id"] for row in conn.execute(sql[act.statement], parameters)}
    missed = [target.row_id for target in targets if target.row_id not in done]
    now = {row["id"]: row for row in conn.execute(sql["standing_now"], {"rows": missed})} if missed else {}
    return [
        Outcome(target.id, act.done) if target.row_id in done else _passed_by(act, target, now.get(target.row_id))
        for target in targets
    ]


def _passed_by(act: Act, target: Target, row: Mapping[str, object] | None) -> Outcome:
    """It was fit for the act when it was chosen, and is so no longer, or only because somebody was quicker."""
    if row is None:
        return Outcome(target.id, "not_found")
    state = str(row["state"])
    refused = _refusal(act, target.id, state, discarded=bool(row["discarded"]))
    if refused is None and act.statement == "restart" and not row["has_body"]:
        return Outcome(target.id, "body_gone", state)
    return refused or Outcome(target.id, "changed_meanwhile", state)


def _refusal(act: Act, name: str, state: str, *, discarded: bool) -> Outcome | None:
    if state in RUNNING:
        return Outcome(name, "already_running", state)
    if state not in act.takes:
        return Outcome(name, "dead" if state == "dead" else "not_dead", state)
    if act is DISCARD and discarded:
        return Outcome(name, "already_discarded", state)
    return None
