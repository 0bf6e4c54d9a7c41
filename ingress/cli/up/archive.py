"""The embedded PostgreSQL's log goes to the backups, where there are any; at most a minute of it is not there yet."""

import shlex
from pathlib import Path

from ingress.cli.up.account import Account
from ingress.cli.up.failure import StartFailed
from shared.backup_store import ARCHIVE_SECONDS, Store, archive_command


def archived(backup_dir: Path | None, account: Account) -> dict[str, str]:
    """Settings of the server; none without a directory for backups. Raises StartFailed when it cannot write there."""
    if backup_dir is None:
        return {}
    wal = prepare(backup_dir, account).wal
    return {
        "archive_mode": "on",
        "archive_timeout": str(ARCHIVE_SECONDS),
        "archive_command": archive_command(wal),
    }


def prepare(backup_dir: Path, account: Account) -> Store:
    """Make the directories, for that account alone."""
    store = Store(backup_dir)
    try:
        for directory in (store.directory, store.wal, store.directory / "base"):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for directory in (store.directory, store.wal):
            account.own(directory)
    except OSError as error:
        raise StartFailed(f"CARELANE_BACKUP_DIR {store.directory} cannot be used: {error.strerror}") from error
    if not account.can_run("/bin/sh", "-c", f"test -w {shlex.quote(str(store.wal))}"):
        raise StartFailed(
            f"CARELANE_BACKUP_DIR {store.directory} cannot be written by the account that PostgreSQL runs as: "
            "name a directory that it may come to"
        )
    return store
