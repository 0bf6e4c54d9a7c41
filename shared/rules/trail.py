"""The chain of audit records: how a record becomes a digest, a digest a link, and what a walk along it brings to light.

Plain SHA-256: whoever has an export can check it. That nobody wrote the whole chain anew is shown by the anchors, which
are signed and lie outside the database (shared/anchors.py).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

BEGINNING = bytes(32)  # what the first link stands on
_RECORD = b"carelane audit record 1"
_LINK = b"carelane audit link 1"
_LONGEST_UNANCHORED = timedelta(hours=25)  # nobody can have them made less often than daily


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An audit record as PostgreSQL tells it: `at` is ISO 8601 in UTC, `before` and `after` are jsonb's own text."""

    id: int
    at: str
    actor: str
    act: str
    object: str
    reason: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A link of the chain, and the record that it was made for as it stands now; None when that is gone.

    `at` is the record's time as it was then: part of the link, so that nobody can make a record older than it is kept.
    """

    position: int
    audit_id: int
    at: str
    digest: bytes
    link: bytes
    record: Record | None


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` is changed, missing, inserted, broken, rewritten, truncated, unanchored or forged."""

    kind: str
    told: str
    position: int | None = None
    audit_id: int | None = None


def digest(record: Record) -> bytes:
    """SHA-256 over its fields, each with its length, so that no two records give the same bytes."""
    fields = (
        str(record.id), record.at, record.actor, record.act, record.object, record.reason, record.before, record.after
    )  # fmt: skip
    return hashlib.sha256(_RECORD + b"".join(map(_framed, fields))).digest()


def link(previous: bytes, position: int, at: str, record_digest: bytes) -> bytes:
    return hashlib.sha256(_LINK + position.to_bytes(8, "big") + previous + _framed(at) + record_digest).digest()


def _framed(text: str | None) -> bytes:
    if text is None:
        return b"\xff" * 4  # longer than any text can be, so it stands for none
    raw = text.encode()
    return len(raw).to_bytes(4, "big") + raw


@dataclass(slots=True)
class Walk:
    """A walk along the chain from its beginning; `anchors`: what link was once seen at a position. None: not asked.

    `kept_since`, in ISO 8601 and UTC: a record from before may be gone, its years are over.
    After a fault it goes on from the link as it stands, so that each fault is named once and not all that follows it.
    """

    anchors: Mapping[int, bytes] | None = field(default_factory=dict)
    kept_since: str = ""
    position: int = 0
    link: bytes = BEGINNING
    anchored: int = 0  # the last position that an anchor confirmed
    _unanchored: tuple[str, str] | None = None  # the first and the last time of what came after it

    def along(self, chain: Iterable[Linked]) -> Iterator[Fault]:
        for one in chain:
            yield from self._step(one)

    def end(self) -> Iterator[Fault]:
        """What shows only when the chain has ended: it was longer once, or nobody outside saw it grow."""
        beyond = max((position for position in self.anchors or () if position > self.position), default=None)
        if beyond is not None:
            told = f"the chain ends at {self.position}, and an anchor has seen position {beyond}"
            yield Fault("truncated", told, self.position + 1)
        elif self.anchors is not None and self._unanchored_for() > _LONGEST_UNANCHORED:
            told = f"no anchor has seen what came after {self.anchored}: the relay makes none, or they were taken away"
            yield Fault("unanchored", told, self.anchored + 1)

    def _unanchored_for(self) -> timedelta:
        if self._unanchored is None:
            return timedelta()
        try:
            first, last = map(datetime.fromisoformat, self._unanchored)
            return last - first
        except (ValueError, TypeError):
            return timedelta()  # a time that was changed has broken its link, which is told

    def _step(self, one: Linked) -> Iterator[Fault]:
        if one.position <= self.position:
            yield Fault("inserted", "a second record bears this id", one.position, one.audit_id)
            return
        follows = one.position == self.position + 1
        if not follows:
            told = f"links {self.position + 1} to {one.position - 1} are missing"
            yield Fault("missing", told, self.position + 1)
        yield from self._of_record(one)
        if follows and link(self.link, one.position, one.at, one.digest) != one.link:
            yield Fault("broken", "this link does not follow from the one before it", one.position, one.audit_id)
        yield from self._against_anchor(one)
        self.position, self.link = one.position, one.link

    def _against_anchor(self, one: Linked) -> Iterator[Fault]:
        seen = (self.anchors or {}).get(one.position)
        if seen is None:
            first = self._unanchored[0] if self._unanchored else one.at
            self._unanchored = (first, one.at)
            return
        self._unanchored = None
        if seen != one.link:
            told = (
                f"the chain was written anew somewhere from {self.anchored + 1} to {one.position}: its anchor differs"
            )
            yield Fault("rewritten", told, one.position, one.audit_id)
        self.anchored = one.position

    def _of_record(self, one: Linked) -> Iterator[Fault]:
        if one.record is None:
            if one.at >= self.kept_since:
                yield Fault("missing", "the record of this link is gone", one.position, one.audit_id)
        elif digest(one.record) != one.digest:
            yield Fault("changed", "the record is not what it was when it was linked", one.position, one.audit_id)
