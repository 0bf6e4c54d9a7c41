"""Checks the audit trail, in the database or in an export, and writes the export that can be checked anywhere."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from shared import anchors, trail
from shared.anchors import Anchor
from shared.db import Connection
from shared.errors import CarelaneError
from shared.rules.trail import Fault, Linked, Record, Walk
from shared.trail import Head


class NotAnExport(CarelaneError):
    """The file is not what `carelane audit export` writes."""

    code = "not_an_export"


@dataclass(frozen=True, slots=True)
class Checked:
    """`anchored` is the last position that an anchor confirms; what came after it rests on the chain alone."""

    links: int
    anchored: int
    waiting: int
    faults: list[Fault]

    def to_json(self) -> dict[str, Any]:
        faults = [
            {"kind": one.kind, "position": one.position, "auditId": one.audit_id, "told": one.told}
            for one in self.faults
        ]
        return {"links": self.links, "anchored": self.anchored, "waiting": self.waiting, "faults": faults}


def check(conn: Connection, seen: Mapping[int, bytes] | None, now: datetime) -> Checked:
    """The whole trail against its chain and these anchors, None: not against any; its transaction begins with this."""
    trail.freeze(conn)
    walk = Walk(seen, trail.kept_since(now))
    faults = [*walk.along(trail.chain(conn)), *walk.end()]
    for query, kind, told in _PAST_THE_CHAIN:
        faults += [Fault(kind, told, audit_id=audit_id) for audit_id in trail.named(conn, query)]
    return Checked(walk.position, walk.anchored, trail.waiting(conn), faults)


_PAST_THE_CHAIN = (
    ("unlinked", "inserted", "this record came in past the application: nothing waits to link it"),
    ("vanished", "missing", "this record is gone and was never linked"),
)


def export(conn: Connection, kept: Iterable[Anchor], *, after: int = 0) -> Iterator[str]:
    """JSON Lines: where it begins, each link with its record, and the anchors. Raises NotAnExport past the end."""
    trail.freeze(conn)
    begin = trail.link_at(conn, after)
    if begin is None:
        raise NotAnExport(f"the chain has no position {after}")
    yield _line("chain", {"position": begin.position, "link": begin.link.hex()})
    for one in trail.chain(conn, after):
        yield _line("record", _told(one))
    for anchor in kept:
        if anchor.position > after or anchor.restored:
            yield _line("anchor", anchor.to_json())


def _told(one: Linked) -> dict[str, Any]:
    record = None if one.record is None else asdict(one.record)
    return {
        "position": one.position,
        "auditId": one.audit_id,
        "at": one.at,
        "digest": one.digest.hex(),
        "link": one.link.hex(),
        "record": record,
    }


def _line(kind: str, told: Mapping[str, Any]) -> str:
    return json.dumps({"line": kind, **told}, ensure_ascii=False) + "\n"


def check_export(lines: Iterable[str], verify_key: bytes | None, now: datetime) -> Checked:
    """An export by itself, without a database; without a key its anchors are not believed."""
    told = _Export.of(lines)
    seen: dict[int, bytes] | None = None
    faults: list[Fault] = []
    if verify_key is not None:
        seen, faults = anchors.believed(enumerate(told.anchors, start=1), verify_key)
    begin = told.begin
    walk = Walk(seen, trail.kept_since(now), begin.position, begin.link, begin.position)
    faults += [*walk.along(told.links), *walk.end()]
    return Checked(len(told.links), walk.anchored, 0, faults)


@dataclass(frozen=True, slots=True)
class _Export:
    begin: Head
    links: list[Linked]
    anchors: list[Anchor]

    @classmethod
    def of(cls, lines: Iterable[str]) -> "_Export":
        begin: Head | None = None
        links: list[Linked] = []
        kept: list[Anchor] = []
        for number, line in enumerate(lines, start=1):
            try:
                told = json.loads(line)
                match told.pop("line"):
                    case "chain" if number == 1:
                        begin = Head(int(told["position"]), bytes.fromhex(told["link"]))
                    case "record":
                        links.append(_linked(told))
                    case "anchor":
                        kept.append(anchors.of(told))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise NotAnExport(f"line {number} is not one of an export") from error
        if begin is None:
            raise NotAnExport("its first line does not say where the chain begins")
        return cls(begin, links, kept)


def _linked(told: Mapping[str, Any]) -> Linked:
    record = told["record"]
    return Linked(
        position=int(told["position"]),
        audit_id=int(told["auditId"]),
        at=str(told["at"]),
        digest=bytes.fromhex(told["digest"]),
        link=bytes.fromhex(told["link"]),
        record=None if record is None else _record(record),
    )


def _record(told: Mapping[str, Any]) -> Record:
    """Raises TypeError where it lacks a field, has another, or one is no text."""
    record = Record(**told)
    if not all(value is None or isinstance(value, str) for name, value in told.items() if name != "id"):
        raise TypeError
    return record
