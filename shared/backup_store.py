"""Where backups lie: base backups, what is known of each, and beside them the archive of the write-ahead log.

DIRECTORY/base/20261121T164000Z/data         what pg_basebackup made, as it is
DIRECTORY/base/20261121T164000Z/backup.json  what `Base` says of it
DIRECTORY/wal/00000001000000000000002A       one segment of the log, whole
"""

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from shared.errors import CarelaneError

_SEGMENT = re.compile(r"[0-9A-F]{24}")
_START = re.compile(r"START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)")
_TIMELINE_DIGITS, _HALF_DIGITS = 8, 16
_FOUR_GIGABYTES = 2**32
# A commit reaches the archive within so many seconds however quiet it is: what is lost with the disk at most.
ARCHIVE_SECONDS = 60


class BackupUnusable(CarelaneError):
    """There is no backup as it is asked for, or what lies there is none."""

    code = "backup_unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A whole base backup; `first_segment` is the log that its recovery begins with."""

    name: str
    began_at: datetime
    ended_at: datetime
    major: int
    size_bytes: int
    first_segment: str
    segment_bytes: int


@dataclass(frozen=True, slots=True)
class Store:
    directory: Path

    @property
    def wal(self) -> Path:
        return self.directory / "wal"

    def place(self, name: str) -> Path:
        return self.directory / "base" / name

    def data(self, base: Base) -> Path:
        return self.place(base.name) / "data"

    def bases(self) -> list[Base]:
        """Whole ones only, the oldest first: a draft has no description yet."""
        found = (_read(path) for path in self.directory.glob("base/*/backup.json") if not _is_draft(path.parent.name))
        return sorted((base for base in found if base is not None), key=lambda base: base.ended_at)

    def segments(self) -> list[str]:
        if not self.wal.is_dir():
            return []
        return sorted(path.name for path in self.wal.iterdir() if _SEGMENT.fullmatch(path.name))

    def newest_segment_at(self) -> float | None:
        """When the log was last archived, in Unix seconds."""
        times = [path.stat().st_mtime for path in self.wal.glob("*") if _SEGMENT.fullmatch(path.name)]
        return max(times, default=None)


def _is_draft(name: str) -> bool:
    return name.endswith(".part")


def describe(base: Base) -> str:
    told = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(base).items()}
    return json.dumps(told, indent=1) + "\n"


def _read(path: Path) -> Base | None:
    """Whatever else lies there is no backup of ours."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        times = {name: datetime.fromisoformat(told[name]) for name in ("began_at", "ended_at")}
        return Base(**(told | times))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def first_segment(label: str) -> str:
    """From the text of `backup_label`."""
    found = _START.search(label)
    if found is None:
        raise BackupUnusable("its backup_label does not say where the log begins")
    return found[1]


def choose(bases: Sequence[Base], *, until: datetime | None, name: str | None = None) -> Base:
    """The newest that ended before that time, or the one of this name. Raises BackupUnusable."""
    candidates = [base for base in bases if name in (None, base.name)]
    if not candidates:
        raise BackupUnusable(f"There is no backup {name}." if name else "There is no backup yet.")
    early = [base for base in candidates if until is None or base.ended_at <= until]
    if not early:
        raise BackupUnusable(f"No backup ended before {until}: the oldest did at {candidates[0].ended_at}.")
    return early[-1]


def superfluous(bases: Sequence[Base], *, keep: int) -> list[Base]:
    """All but the newest ones."""
    return sorted(bases, key=lambda base: base.ended_at)[: -max(1, keep)]


def gaps(segments: Iterable[str], base: Base) -> list[str]:
    """Segments that are missing between this backup's first and the newest of any timeline."""
    per_file = _FOUR_GIGABYTES // base.segment_bytes
    numbers = {_number(name, per_file) for name in segments}
    begin = _number(base.first_segment, per_file)
    later = {number for number in numbers if number >= begin}
    if not later:
        return []
    timeline = base.first_segment[:_TIMELINE_DIGITS]
    missing = sorted(set(range(begin, max(later) + 1)) - later)
    return [f"{timeline}{number // per_file:08X}{number % per_file:08X}" for number in missing]


def _number(segment: str, per_file: int) -> int:
    """Its place in the log, whatever its timeline."""
    return int(segment[_TIMELINE_DIGITS:_HALF_DIGITS], 16) * per_file + int(segment[_HALF_DIGITS:], 16)


def archive_command(wal: Path) -> str:
    """For PostgreSQL's `archive_command`: true only when the segment is whole and on disk under its name.

    One that is there already is right if it is the same: PostgreSQL asks again after a crash.
    """
    there, draft, final = (f"{_word(wal)}/{name}" for name in ("%f", ".%f.part", ""))
    copied = f"cp %p {draft} && {{ sync {draft} || true; }} && mv {draft} {there} && {{ sync {final} || true; }}"
    return f"if test -e {there}; then cmp -s %p {there}; else {copied}; fi"


def _word(path: Path) -> str:
    """One word for the shell that PostgreSQL leaves as it is."""
    return shlex.quote(str(path)).replace("%", "%%")


def restore_command(*places: Path) -> str:
    """For `restore_command`: the first of these that has the segment gives it."""
    return " || ".join(f"cp {_word(place)}/%f %p 2>/dev/null" for place in places)
