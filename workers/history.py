"""Places facts in their subjects' histories, each once, and finds what follows from them.

A fact later than all that is known of its subject goes on from the state; however many of those come together, they are
written in a few statements. Any other finds its place alone, and its subject is folded anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from schemas import catalog
from schemas.facts import JSON, Fact
from schemas.reading import Event
from shared.db import Connection
from shared.rules.fold import advance
from shared.rules.history import Placed, Verdict
from shared.rules.kinds import RULES
from workers import refold, subjects
from workers.ledger import Claim
from workers.subjects import Address, Entry, Key, Placement, Subject


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the subject stands after a fact; `lines` holds its new transition, or all of them when `is_refolded`."""

    status: str | None
    state: Mapping[str, JSON]
    moves: int
    lines: tuple[refold.Line, ...]
    is_refolded: bool = False
    needs_refetch: bool = False


def placed_of(claim: Claim, event: Event, fact: Fact) -> Placed:
    return Placed(
        cause=claim.held.name,
        type=event.type,
        rank=catalog.known(event.type).rank,
        occurred_at=event.created or claim.received_at,
        fact=fact,
        previous=catalog.previous(event),
    )


def place(conn: Connection, placements: Sequence[Placement]) -> dict[Key, Outcome]:
    """Carry facts into their subjects; what an earlier attempt had placed already has no outcome."""
    if not placements:
        return {}
    standing = subjects.lock(conn, placements)
    outcomes: dict[Key, Outcome] = {}
    waiting = [one for one in placements if one.placed.cause not in standing[one.address].placed]
    waiting.sort(key=lambda one: (one.placed.occurred_at, one.placed.rank))
    while waiting:
        entries, late, waiting = _sort_out(standing, waiting)
        outcomes |= _go_on(conn, entries)
        for one in late:
            outcomes[one.key], standing[one.address] = _find_its_place(conn, one, standing[one.address])
    return outcomes


def _sort_out(
    standing: dict[Address, Subject], waiting: Sequence[Placement]
) -> tuple[list[Entry], list[Placement], list[Placement]]:
    """What goes on from where its subject stands; of each other subject the first that does not; and all after that."""
    entries: list[Entry] = []
    late: dict[Address, Placement] = {}
    rest: list[Placement] = []
    for one in waiting:
        subject = standing[one.address]
        if one.address in late:
            rest.append(one)
        elif _is_in_order(subject, one.placed):
            entries.append(_after(subject, one))
            standing[one.address] = entries[-1].after
        else:
            late[one.address] = one
    return entries, list(late.values()), rest


def _is_in_order(subject: Subject, placed: Placed) -> bool:
    """Within one second only the facts themselves can tell."""
    is_newest = subject.latest_at is None or placed.occurred_at > subject.latest_at
    return is_newest and RULES[subject.address.kind].goes_on(subject.state, placed)


def _after(subject: Subject, one: Placement) -> Entry:
    state, step = advance(subject.state, one.placed, RULES[one.address.kind])
    after = replace(
        subject,
        status=step.to_status if step.moved else subject.status,
        state=state,
        latest_at=one.placed.occurred_at,
        moves=subject.moves + step.moved,
        # A later fact ends the doubt, unless it was refused: then the state still stands on the guess.
        needs_refetch=subject.needs_refetch and step.verdict is Verdict.CONFLICT,
    )
    return Entry(one, subject, after, step)


def _go_on(conn: Connection, entries: Sequence[Entry]) -> dict[Key, Outcome]:
    facts = subjects.move(conn, entries)
    return {entry.placement.key: _outcome(entry, fact_id) for entry, fact_id in zip(entries, facts, strict=True)}


def _outcome(entry: Entry, fact_id: int) -> Outcome:
    after, step, placed = entry.after, entry.step, entry.placement.placed
    lines: tuple[refold.Line, ...] = ()
    if step is not None and step.moved:
        line = refold.Line(after.moves, fact_id, placed.cause, step.from_status, step.to_status, placed.occurred_at)
        lines = (line,)
    return Outcome(after.status, after.state, after.moves, lines, needs_refetch=after.needs_refetch)


def _find_its_place(conn: Connection, one: Placement, subject: Subject) -> tuple[Outcome, Subject]:
    subjects.place(conn, one, subject)
    folded, lines = refold.refold(conn, subject.row, subject.address.kind, subject.address.name)
    after = replace(
        subject,
        status=folded.status,
        state=folded.state,
        latest_at=max(subject.latest_at or one.placed.occurred_at, one.placed.occurred_at),
        moves=len(lines),
        needs_refetch=folded.needs_refetch,
    )
    subjects.stand(conn, Entry(one, subject, after, None))
    outcome = Outcome(
        folded.status, folded.state, len(lines), tuple(lines), is_refolded=True, needs_refetch=folded.needs_refetch
    )
    return outcome, after
