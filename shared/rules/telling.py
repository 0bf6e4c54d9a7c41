"""Which notices of a subject are to be added, changed or taken back, from what its history wants told and what stands.

What was told cannot be taken back, so a late fact may leave the recipient with a wrong last word: then the right
one is told again. Besides that nothing is told twice.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.facts import JSON

SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Ids, states and figures only. `key` names what is told: the same for every order in which it came to be known.

    Of a step that another has followed the data say so (`superseded`): it is for the record, and no news any more.
    `is_start`: how things stand for a recipient who was told nothing yet.
    """

    key: str
    kind: str
    recipient: str
    data: Mapping[str, JSON]
    is_start: bool = False

    @property
    def is_superseded(self) -> bool:
        return self.data.get(SUPERSEDED) is True


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A notice as it stands in its table; one that `is_out` has its position, and so is told."""

    id: int
    cause: str
    kind: str
    recipient: str
    data: Mapping[str, JSON]
    is_out: bool

    @property
    def is_superseded(self) -> bool:
        return self.data.get(SUPERSEDED) is True

    def tells(self, key: str) -> bool:
        return self.cause == key or self.cause.startswith(f"{key}{_AGAIN}")


_AGAIN = " again "


@dataclass(slots=True)
class Changes:
    """To be made in this order; `added` by cause, the oldest step first; `fresh` are those of them that are news."""

    withdrawn: list[int] = field(default_factory=list)
    amended: list[tuple[int, Mapping[str, JSON]]] = field(default_factory=list)
    added: list[tuple[str, Notice]] = field(default_factory=list)
    fresh: list[Notice] = field(default_factory=list)


def changes(wanted: Iterable[Notice], written: Iterable[Written], *, is_whole: bool) -> Changes:
    """`wanted` is all that the history tells of these kinds, oldest first, or when not `is_whole` only its newest part.

    `written` is all that stands of them, in the order in which it was owed.
    """
    telling: dict[tuple[str, str], tuple[list[Notice], list[Written]]] = defaultdict(lambda: ([], []))
    for notice in wanted:
        telling[notice.kind, notice.recipient][0].append(notice)
    for stands in written:
        telling[stands.kind, stands.recipient][1].append(stands)
    made = Changes()
    for notices, standing in telling.values():
        _compare(notices, standing, made, is_whole=is_whole)
    return made


def _compare(wanted: Sequence[Notice], written: Sequence[Written], made: Changes, *, is_whole: bool) -> None:
    out = [one for one in written if one.is_out]
    open_ = {one.cause: one for one in written if not one.is_out}
    last_id: float = max((one.id for one in out), default=0)
    for notice in wanted:
        if _is_told(notice, out):
            continue
        cause = _cause(notice, out)
        stands = open_.pop(cause, None)
        if stands is None:
            made.fresh.append(notice)
        if stands is not None and stands.id > last_id:
            _amend(stands, notice.data, made)
            last_id = stands.id
        else:
            # What goes out later stands later, so that steps are told in their order and the last word is the last.
            made.added.append((cause, notice))
            made.withdrawn += [stands.id] if stands else []
            last_id = math.inf
    _leave(open_.values(), made, is_whole=is_whole)


def _leave(left: Iterable[Written], made: Changes, *, is_whole: bool) -> None:
    """What is not wanted any more is taken back; what comes before the newest part has been superseded by it."""
    for stands in left:
        if is_whole or _AGAIN in stands.cause:
            made.withdrawn.append(stands.id)
        else:
            _amend(stands, {**stands.data, SUPERSEDED: True}, made)


def _amend(stands: Written, data: Mapping[str, JSON], made: Changes) -> None:
    if stands.data != data:
        made.amended.append((stands.id, data))


def _is_told(notice: Notice, out: Sequence[Written]) -> bool:
    """A step for the record is told once; what holds now must be the last that was told as holding."""
    if notice.is_superseded:
        return notice.is_start or any(one.tells(notice.key) for one in out)
    last = next((one for one in reversed(out) if not one.is_superseded), None)
    return notice.is_start if last is None else last.tells(notice.key)


def _cause(notice: Notice, out: Sequence[Written]) -> str:
    times = sum(one.tells(notice.key) for one in out)
    return f"{notice.key}{_AGAIN}{times}" if times else notice.key
