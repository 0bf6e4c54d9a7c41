"""`carelane restore`: brings the database back from a base backup and the archived log."""

from datetime import datetime
from pathlib import Path

import click

from ingress.cli import backup_programs, environment, options, restore_data, restore_finish, screen
from ingress.cli.actor import actor
from ingress.cli.backup import store_of
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from ingress.cli.restore_data import Plan
from ingress.cli.up.failure import StartFailed
from shared import backup_store
from shared.restored import Restored

_NEXT = """What is still to be done:
  carelane up                              start, or start the processes of the formation
  carelane audit verify                    the trail is whole up to there
  carelane backfill --since {since}
  carelane reconcile                       both bring back from Stripe what is missing
  carelane backup take                     the older ones belong to the history before
What people, clinicians and the backend reported in the gap is not at Stripe: have it sent again (docs/backup.md)."""


@click.group("restore")
def restore_group() -> None:
    """Bring the database back: `data` lays it from a backup, `finish` makes it fit to work with."""


@restore_group.command("data")
@options.time(
    "--until", help="As it was at this time (ISO 8601, or so long ago: 15m); by default all that was archived."
)
@click.option("--name", help="From this base backup; by default the newest that serves.")
@click.option(
    "--to", "target", type=click.Path(path_type=Path, file_okay=False), help="Lay it here, for a server of your own."
)
@options.reason
@options.as_json
def data(*, until: datetime | None, name: str | None, target: Path | None, reason: str | None, as_json: bool) -> None:
    """Lay the data of a backup and recover from the archived log.

    Without --to: the embedded server's, which must be stopped. Its data of before are set aside, not removed; the log
    that they still hold is used too. With --to: a directory for your own server, which recovers when it is started;
    then `carelane restore finish`.
    """
    settings = environment.settings()
    store = store_of(settings)
    base = backup_store.choose(store.bases(), until=until, name=name)
    plan = Plan(store, base, until)
    try:
        if target is not None:
            restore_data.lay(plan, target, wal=[store.wal])
            click.echo(
                f"{target} is laid from {base.name}: start PostgreSQL {base.major} on it, then `restore finish`."
            )
            return
        if settings.database_url is not None and not backup_programs.is_embedded(settings):
            raise click.UsageError("The database is no embedded one of this home: say with --to where to lay its data.")
        told = restore_data.bring_back(plan, settings, actor=actor(), reason=_mandatory(reason))
    except StartFailed as error:
        raise Failed(str(error)) from error
    _tell(told, as_json=as_json)


@restore_group.command("finish")
@options.reason
@options.as_json
def finish(*, reason: str | None, as_json: bool) -> None:
    """Make a database fit to work with that came from a backup, or from a standby that lacked the last moments.

    Numbers and positions that may be known outside are passed over, so that none means two things. Nothing of Carelane
    may be running.
    """
    settings = environment.settings()
    with connection(settings) as conn:
        told = restore_finish.finish(conn, settings, actor=actor(), reason=_mandatory(reason))
    _tell(told, as_json=as_json)


def _mandatory(reason: str | None) -> str:
    if not reason:
        raise click.UsageError("--reason is mandatory: it is kept in the audit trail.")
    return reason


def _tell(told: Restored, *, as_json: bool) -> None:
    if as_json:
        screen.json_document(told.to_json())
        return
    gap = "" if told.gap_seconds is None else f", {told.gap_seconds:.0f} s ago"
    click.echo(f"The database stands at {screen.shown(told.stands_at) if told.stands_at else 'its beginning'}{gap}.")
    # An hour more: Stripe may have been trying again.
    hours = 24 if told.gap_seconds is None else int(told.gap_seconds // 3600) + 2
    click.echo(_NEXT.format(since=f"{hours}h"))
