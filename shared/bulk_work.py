"""A bulk act from the choice to its end: which events, in which order, at what pace, and an outcome for each."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TypeVar

from shared import dead_letters, events
from shared.bulk_acts import DONE, REPLAY, Act, Mandate, Outcome, Target, carry, plan
from shared.db import Connection
from shared.errors import CarelaneError
from shared.events import Event
from shared.pace import Pace

MOST_NAMED = 100_000
MOST_MATCHED = 1_000_000
_PAGE = 5_000

Transaction = Callable[[], AbstractContextManager[Connection]]
Count = dead_letters.Cause | events.Kind
K = TypeVar("K", dead_letters.Cause, events.Kind)


class TooMany(CarelaneError):
    """More than one act may take on."""

    code = "too_many"


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done, as it stood when it was chosen: what comes to match later is not taken."""

    act: Act
    targets: tuple[Target, ...]
    refused: tuple[Outcome, ...] = ()
    counts: tuple[Count, ...] = ()

    @property
    def matched(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it; `outcomes` has one for everything that was named or matched, unless it was a dry run."""

    work: Work
    outcomes: tuple[Outcome, ...]
    dry_run: bool = False
    cancelled: bool = False

    @property
    def complete(self) -> bool:
        return not self.cancelled and all(outcome.outcome in DONE for outcome in self.outcomes)

    def to_json(self) -> dict[str, object]:
        """The document that the commands print with `--json`."""
        counts = {"counts": [count.to_json() for count in self.work.counts]} if self.work.counts else {}
        return {
            "dryRun": self.dry_run,
            "matched": self.work.matched,
            **counts,
            "cancelled": self.cancelled,
            "outcomes": [outcome.to_json() for outcome in self.outcomes],
        }


def named(
    conn: Connection, act: Act, ids: Sequence[str], *, account: str | None = None, livemode: bool | None = None
) -> Work:
    """Those that a person named, by `evt_…` id or by row."""
    references = list(dict.fromkeys(ids))
    if len(references) > MOST_NAMED:
        raise TooMany(f"more than {MOST_NAMED:,} ids were named: name fewer at a time")
    targets: list[Target] = []
    refused: list[Outcome] = []
    for start in range(0, len(references), _PAGE):
        found = events.standing(conn, references[start : start + _PAGE], account=account, livemode=livemode)
        more_targets, more_refused = plan(act, found)
        targets += more_targets
        refused += more_refused
    return Work(act, tuple(targets), tuple(refused))


def matching(conn: Connection, act: Act, wanted: dead_letters.Filter | events.Filter) -> Work:
    """Everything that the filter matches now, not just a page of it."""
    if isinstance(wanted, dead_letters.Filter):
        dead = wanted  # another name, so that the function below is known to see no other kind of filter
        return _gather(
            act,
            lambda after: dead_letters.listing(conn, dead, after=after, most=_PAGE),
            dead_letters.Cause.of,
        )
    ended = replace(wanted, states=wanted.states or REPLAY.takes)
    return _gather(act, lambda after: events.listing(conn, ended, after=after, most=_PAGE), events.Kind.of)


def _gather(act: Act, page_below: Callable[[int | None], list[Event]], kind_of: Callable[[Event], K]) -> Work:
    """Most urgent first, then in the order of receipt: a slow pace must not make a person in danger wait."""
    found: list[tuple[int, Target]] = []
    counts: Counter[K] = Counter()
    after = None
    while page := page_below(after):
        found += ((event.urgency, Target(event.event_id, event.id, event.series)) for event in page)
        counts.update(map(kind_of, page))
        after = page[-1].id
        if len(found) > MOST_MATCHED:
            raise TooMany(f"more than {MOST_MATCHED:,} match: narrow the filter, nothing was changed")
    found.sort(key=lambda one: (-one[0], one[1].row_id))
    counted = tuple(replace(kind, count=count) for kind, count in counts.most_common())
    return Work(act, tuple(target for _, target in found), counts=counted)


def carry_out(transaction: Transaction, work: Work, *, mandate: Mandate, pace: Pace) -> Iterator[list[Outcome]]:
    """Batch after batch, each in a transaction of its own; yields what is committed, ends early when asked to stop."""
    size = pace.batch_size
    for start in range(0, work.matched, size):
        batch = work.targets[start : start + size]
        if not pace.ready(len(batch)):
            return
        with transaction() as conn:
            done = carry(conn, work.act, batch, mandate)
        yield done


def report(work: Work, carried: Sequence[Outcome], *, cancelled: bool) -> Report:
    """An outcome for each: what was refused beforehand, what was carried, and what was not come to."""
    left = (Outcome(target.id, "not_done") for target in work.targets[len(carried) :])
    return Report(work, (*work.refused, *carried, *left), cancelled=cancelled)
