"""Takes a base backup with pg_basebackup, checks it with pg_verifybackup, and lets go of what is superfluous."""

import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from ingress.cli import backup_programs
from ingress.cli.backup_programs import Address
from ingress.cli.up.home import write_private
from shared import backup_store, db
from shared.backup_store import Base, Store
from shared.queries import load

_NAME = "%Y%m%dT%H%M%SZ"


def take(store: Store, url: str) -> tuple[Base, bool]:
    """The new backup, and whether the server archives its log: without that it restores to its own moment only."""
    began_at = datetime.now(UTC)
    name = began_at.strftime(_NAME)
    with db.translated(), psycopg.connect(url, connect_timeout=5, row_factory=psycopg.rows.dict_row) as conn:
        server = conn.execute(load("backups")["server"]).fetchone() or {}
    draft = store.place(f"{name}.part")
    draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft.mkdir(mode=0o700)
    try:
        _copy(draft / "data", url, major=server["major"])
        label = (draft / "data" / "backup_label").read_text(encoding="utf-8", errors="replace")
        base = Base(
            name=name,
            began_at=began_at,
            ended_at=datetime.now(UTC),
            major=server["major"],
            size_bytes=_size(draft / "data"),
            first_segment=backup_store.first_segment(label),
            segment_bytes=server["segment_bytes"],
        )
        write_private(draft / "backup.json", backup_store.describe(base))
        draft.rename(store.place(name))
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return base, server["is_archiving"]


def _copy(target: Path, url: str, *, major: int) -> None:
    """With the log that it needs to be whole by itself; the server writes its next checkpoint at once."""
    programs, _ = backup_programs.programs(major)
    address = Address.of(url)
    options = ["--format=plain", "--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256"]
    command = [str(programs / "pg_basebackup"), "--no-password", "-d", address.text, "-D", str(target), *options]
    backup_programs.run(command, address.environ)
    check(target, major=major)


def check(data: Path, *, major: int) -> None:
    """Every file against the manifest, and the log where these programs can read it. Raises Failed."""
    programs, is_same = backup_programs.programs(major)
    parts = [] if is_same else ["--no-parse-wal"]
    backup_programs.run([str(programs / "pg_verifybackup"), "--quiet", *parts, str(data)])


def _size(directory: Path) -> int:
    return sum(os.lstat(os.path.join(at, name)).st_size for at, _, names in os.walk(directory) for name in names)  # noqa: PTH118 - one call per file


def prune(store: Store, *, keep: int) -> tuple[Sequence[Base], int]:
    """Remove all but the newest, and the log that none of these needs; what was removed, and how many segments."""
    bases = store.bases()
    gone = backup_store.superfluous(bases, keep=keep)
    for base in gone:
        place = store.place(base.name)
        place.rename(place.with_name(f"{base.name}.part"))  # at once: half a backup must not look like a whole one
        shutil.rmtree(place.with_name(f"{base.name}.part"))
    kept = [base for base in bases if base not in gone]
    before = len(store.segments())
    if kept and store.wal.is_dir():
        oldest = min(kept, key=lambda base: base.first_segment[8:])
        programs, _ = backup_programs.programs(oldest.major)
        backup_programs.run([str(programs / "pg_archivecleanup"), str(store.wal), oldest.first_segment])
    return gone, before - len(store.segments())
