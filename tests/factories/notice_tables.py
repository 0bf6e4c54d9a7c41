"""The table of notices as a list, and a worker that owes into it what each fact leads to, as it arrives."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from random import Random

from shared.rules.fold import advance, fold, moves
from shared.rules.history import Folded, Placed, Step
from shared.rules.kinds import RULES
from shared.rules.owing import (
    ACCOUNT_MOVED,
    PAYOUT_CRITICAL,
    PAYOUT_MISMATCH,
    PAYOUT_MOVED,
    account_steps,
    payout_alarms,
    payout_steps,
)
from shared.rules.payout_links import Registered
from shared.rules.subject_names import name_of
from shared.rules.telling import Notice, Written, changes

ALARMS = (PAYOUT_CRITICAL, PAYOUT_MISMATCH)
STEPS = {"owed_payout": PAYOUT_MOVED, "account": ACCOUNT_MOVED}


@dataclasses.dataclass(frozen=True, slots=True)
class Move:
    from_status: str | None
    to_status: str
    occurred_at: datetime


@dataclasses.dataclass(slots=True)
class Table:
    rows: list[Written] = dataclasses.field(default_factory=list)
    last_id: int = 0

    def tell(self, wanted: Sequence[Notice], name: str, kinds: Sequence[str], *, is_whole: bool) -> None:
        made = changes(wanted, self.about(name, kinds), is_whole=is_whole)
        amended = dict(made.amended)
        kept = [one for one in self.rows if one.id not in made.withdrawn]
        self.rows = [dataclasses.replace(one, data=amended.get(one.id, one.data)) for one in kept]
        for cause, notice in made.added:
            assert not [one for one in self.rows if (one.cause, one.kind, one.recipient) == (
                cause, notice.kind, notice.recipient)], "the table's key would refuse it"  # fmt: skip
            self.last_id += 1
            parts = {"kind": notice.kind, "recipient": notice.recipient, "data": notice.data}
            self.rows.append(Written(id=self.last_id, cause=cause, is_out=False, **parts))

    def about(self, name: str, kinds: Sequence[str]) -> list[Written]:
        return [one for one in self.rows if one.cause.startswith(f"{name}:") and one.kind in kinds]

    def deliver(self, random: Random) -> None:
        """Some of what is owed goes out."""
        self.rows = [dataclasses.replace(one, is_out=one.is_out or random.random() < 0.5) for one in self.rows]


@dataclasses.dataclass(slots=True)
class Followed:
    """A subject that a worker owes notices of, fact by fact."""

    kind: str
    subject_id: str
    registered: Registered
    facts: list[Placed] = dataclasses.field(default_factory=list)
    folded: Folded = dataclasses.field(default_factory=lambda: Folded(None, {}, ()))

    @property
    def name(self) -> str:
        owed = self.registered.owed
        return name_of(self.kind, self.subject_id, account=owed.account, livemode=owed.livemode)

    def take(self, one: Placed, table: Table) -> None:
        if one.cause in {known.cause for known in self.facts}:
            return
        rules, newest = RULES[self.kind], max((known.occurred_at for known in self.facts), default=None)
        is_in_order = (newest is None or one.occurred_at > newest) and rules.goes_on(self.folded.state, one)
        self.facts.append(one)
        if is_in_order:
            state, step = advance(self.folded.state, one, rules)
            self.folded, steps = Folded(None, state, ()), [step]
        else:
            self.folded = fold(self.facts, kind=self.kind)
            steps = list(self.folded.steps)
        self._owe(table, steps, is_whole=not is_in_order)

    def wanted(self) -> tuple[list[Notice], list[Notice]]:
        """All steps and alarms of the whole history."""
        return self._steps(fold(self.facts, kind=self.kind).steps), self._alarms()

    def _owe(self, table: Table, steps: Sequence[Step], *, is_whole: bool) -> None:
        if self.kind == "owed_payout":
            table.tell(self._alarms(), self.name, ALARMS, is_whole=True)
        wanted = self._steps(steps)
        if wanted:
            table.tell(wanted, self.name, [STEPS[self.kind]], is_whole=is_whole)

    def _alarms(self) -> list[Notice]:
        return payout_alarms(self.registered, self.folded.state) if self.kind == "owed_payout" else []

    def _steps(self, steps: Sequence[Step]) -> list[Notice]:
        times = {one.cause: one.occurred_at for one in self.facts}
        made = [Move(here, there, times[step.cause]) for step, here, there in moves(steps, RULES[self.kind])]
        if self.kind == "account":
            return account_steps(self.name, self.subject_id, made)
        return payout_steps(self.name, self.subject_id, self.registered.creator, made)
