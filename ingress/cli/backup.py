"""`carelane backup`: base backups of the database, each checked against its own manifest."""

from datetime import UTC, datetime

import click

from ingress.cli import backup_programs, backup_take, environment, options, screen
from ingress.cli.actor import actor
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from shared import audit, backup_store
from shared.backup_store import Base, Store
from shared.config import Settings, SettingsError


@click.group("backup")
def backup_group() -> None:
    """Base backups of the database: take, list, check, prune. `carelane restore` brings one back."""


@backup_group.command("take")
@click.option("--keep-all", is_flag=True, help="Remove none of the older ones.")
@options.as_json
def take(*, keep_all: bool, as_json: bool) -> None:
    """Copy the whole database while it works, check the copy, then let go of the oldest ones.

    Call it once a day. With the archive of the log any moment from its end on can be brought back.
    """
    settings = environment.settings()
    store = store_of(settings)
    base, is_archiving = backup_take.take(store, backup_programs.url_for_backups(settings))
    _record(settings, base)
    gone = [] if keep_all else backup_take.prune(store, keep=settings.backups_kept)[0]
    if not is_archiving:
        click.echo("The server archives no log: this backup restores to its own moment and to no later one.", err=True)
    _tell(base, [one.name for one in gone], as_json=as_json)


def _tell(base: Base, gone: list[str], *, as_json: bool) -> None:
    if as_json:
        screen.json_document({"name": base.name, "bytes": base.size_bytes, "removed": gone})
        return
    seconds = (base.ended_at - base.began_at).total_seconds()
    click.echo(f"{base.name}: {base.size_bytes} bytes in {seconds:.1f} s, each file checked.")
    for name in gone:
        click.echo(f"removed {name}")


def _record(settings: Settings, base: Base) -> None:
    with connection(settings) as conn:
        after = {"bytes": base.size_bytes, "postgresql": base.major}
        audit.record(conn, actor=actor(), act="backup.taken", object=f"backup:{base.name}", after=after)


@backup_group.command("list")
@options.as_json
def list_backups(*, as_json: bool) -> None:
    """What there is, and how far the log reaches."""
    store = store_of(environment.settings())
    bases, archived = store.bases(), store.newest_segment_at()
    until = None if archived is None else datetime.fromtimestamp(int(archived), UTC)
    if as_json:
        told = [{"name": base.name, "endedAt": base.ended_at.isoformat(), "bytes": base.size_bytes} for base in bases]
        screen.json_document({"backups": told, "archivedAt": None if until is None else until.isoformat()})
        return
    rows = [(base.name, base.ended_at, base.major, base.size_bytes, base.first_segment) for base in bases]
    screen.show(screen.table(None, ("NAME", "ENDED", "POSTGRESQL", "BYTES", "LOG FROM"), rows))
    click.echo(f"The log was last archived at {screen.shown(until)}." if until else "No log is archived here.")


@backup_group.command("check")
@click.argument("name", required=False)
def check(*, name: str | None) -> None:
    """Read every file of a backup, the newest by default, and look for gaps in the log after it."""
    store = store_of(environment.settings())
    base = backup_store.choose(store.bases(), until=None, name=name)
    backup_take.check(store.data(base), major=base.major)
    missing = backup_store.gaps(store.segments(), base)
    if missing:
        told = f"The log has gaps: {len(missing)} segments are missing, {missing[0]} first."
        raise Failed(f"{told} What came after can be brought back from a newer backup only: take one now.")
    click.echo(f"{base.name} is whole, and so is the log after it.")


@backup_group.command("prune")
@click.option("--keep", type=click.IntRange(1, 1000), help="So many; CARELANE_BACKUPS_KEPT by default.")
def prune(*, keep: int | None) -> None:
    """Remove all but the newest, and the log that none of them needs."""
    settings = environment.settings()
    gone, segments = backup_take.prune(store_of(settings), keep=keep or settings.backups_kept)
    click.echo(f"{len(gone)} backups and {segments} segments of the log are removed.")


def store_of(settings: Settings) -> Store:
    if settings.backup_dir is None:
        raise SettingsError(["CARELANE_BACKUP_DIR is not set"])
    return Store(settings.backup_dir)
