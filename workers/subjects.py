"""Locks subjects and writes what became of them; however many there are, it takes the same few statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from schemas.facts import JSON, to_json
from shared import audit, counts
from shared.db import Connection
from shared.queries import load
from shared.rowsets import rowset
from shared.rules.history import Placed, Step, Verdict
from shared.rules.subject_names import name_of
from workers.ledger import Claim

_ACTOR = "worker"


@dataclass(frozen=True, slots=True)
class Address:
    """Which subject a fact belongs to."""

    kind: str
    subject_id: str
    account: str | None
    livemode: bool | None

    @property
    def name(self) -> str:
        return name_of(self.kind, self.subject_id, account=self.account, livemode=self.livemode)


# Names a fact in its subject: the address and the cause.
Key: TypeAlias = tuple[Address, str]


@dataclass(frozen=True, slots=True)
class Placement:
    """One event's fact on its way into a subject."""

    claim: Claim
    address: Address
    placed: Placed

    @property
    def key(self) -> Key:
        return self.address, self.placed.cause


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject that this transaction has locked, as it stands; `moves` counts its transitions.

    `placed` holds those of the causes at hand that were placed in an earlier attempt.
    """

    row: int
    address: Address
    status: str | None
    state: Mapping[str, JSON]
    latest_at: datetime | None
    moves: int
    needs_refetch: bool
    placed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact with its judgement, and its subject before and after it; `step` is None where it is yet to be judged."""

    placement: Placement
    before: Subject
    after: Subject
    step: Step | None


def lock(conn: Connection, placements: Sequence[Placement]) -> dict[Address, Subject]:
    wanted: dict[Address, list[Placement]] = defaultdict(list)
    for placement in placements:
        wanted[placement.address].append(placement)
    rows = conn.execute(load("history")["lock_subjects"], {"rows": rowset(map(_wish, wanted, wanted.values()))})
    found = {}
    for row in rows:
        address = Address(row.pop("kind"), row.pop("subject_id"), row.pop("account"), row.pop("livemode"))
        found[address] = Subject(row.pop("id"), address, placed=frozenset(row.pop("placed")), **row)
    return found


def place(conn: Connection, one: Placement, subject: Subject) -> None:
    """Write a fact down whose place is yet to be found."""
    _write_down(conn, [Entry(one, subject, subject, None)], [])


def move(conn: Connection, entries: Sequence[Entry]) -> list[int]:
    """Write the facts down, each with the transition it leads to, and how their subjects stand; the facts' rows."""
    if not entries:
        return []
    ids = _write_down(conn, entries, _latest(entries))
    _record(conn, entries)
    return [ids[entry.before.row, entry.placement.placed.cause] for entry in entries]


def stand(conn: Connection, entry: Entry) -> None:
    """Write how a subject stands after a fact that was placed before, and who moved it."""
    _write_down(conn, [], [entry.after])
    _record(conn, [entry])


def _latest(entries: Iterable[Entry]) -> Iterable[Subject]:
    return {entry.after.row: entry.after for entry in entries}.values()


def _write_down(conn: Connection, entries: Iterable[Entry], subjects: Iterable[Subject]) -> dict[tuple[int, str], int]:
    given = {"facts": rowset(map(_fact, entries)), "states": rowset(map(_state, subjects))}
    rows = conn.execute(load("history")["write_down"], given)
    return {(row["subject_row"], row["cause"]): row["id"] for row in rows}


def _record(conn: Connection, entries: Iterable[Entry]) -> None:
    audit.record_all(conn, [record for entry in entries for record in _records(entry)])


def _wish(address: Address, placements: Sequence[Placement]) -> dict[str, object]:
    # The last word, as if they had come one by one.
    hashes = (placement.claim.customer_hash for placement in reversed(placements))
    return {
        "kind": address.kind,
        "subject_id": address.subject_id,
        "account": address.account,
        "livemode": address.livemode,
        "customer_hash": next(filter(None, hashes), None),
        "causes": [placement.placed.cause for placement in placements],
    }


def _fact(entry: Entry) -> dict[str, object]:
    claim, placed, step = entry.placement.claim, entry.placement.placed, entry.step
    moved = step if step is not None and step.moved else None
    return {
        "subject_row": entry.before.row,
        "event_row": claim.held.row_id,
        "source": claim.source,
        "cause": placed.cause,
        "type": placed.type,
        "occurred_at": placed.occurred_at,
        "data": to_json(placed.fact),
        "previous": placed.previous,
        "verdict": step.verdict if step else Verdict.APPLIED,
        "reason": step.reason if step else None,
        "position": entry.after.moves if moved else None,
        "from_status": moved.from_status if moved else None,
        "to_status": moved.to_status if moved else None,
    }


def _state(subject: Subject) -> dict[str, object]:
    return {
        "id": subject.row,
        "status": subject.status,
        "state": subject.state,
        "needs_refetch": subject.needs_refetch,
        "moves": subject.moves,
        "latest_at": subject.latest_at,
    }


def _records(entry: Entry) -> Iterable[audit.Record]:
    name = entry.before.address.name
    if entry.step is not None and entry.step.verdict is Verdict.CONFLICT:
        counts.CONFLICTS.labels(entry.before.address.kind).inc()
        yield conflict(name, entry.step)
    if entry.after.status != entry.before.status:
        yield audit.Record(
            actor=_ACTOR,
            act="subject.transition",
            object=name,
            before={"status": entry.before.status},
            after={"status": entry.after.status},
        )


def conflict(name: str, step: Step) -> audit.Record:
    """An illegal step is kept, and somebody should be able to ask who refused it and why."""
    told = {"cause": step.cause, "status": step.from_status, "refused": step.to_status}
    return audit.Record(actor=_ACTOR, act="subject.conflict", object=name, reason=step.reason, after=told)
