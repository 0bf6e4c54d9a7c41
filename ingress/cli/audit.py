"""`carelane audit`: checks the audit trail for tampering, and exports it with its proof."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from ingress.cli import environment, options, screen
from ingress.cli.actor import actor
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from shared import anchors, audit, trail_check
from shared.anchors import Anchor
from shared.config import Settings
from shared.rules.trail import Fault
from shared.trail_check import Checked

_MOST_SHOWN = 100


@click.group("audit")
def audit_group() -> None:
    """The audit trail: check it for tampering; export it with its proof."""


@audit_group.command("verify")
@click.option(
    "--file",
    "file",
    type=click.File("r", encoding="utf-8"),
    help="Check this export instead of the database; `-`: stdin.",
)
@options.as_json
def verify(*, file: TextIO | None, as_json: bool) -> None:
    """Find every record that was changed, removed, inserted or reordered since it was linked; name each.

    Exit code 1 when there is any. Without CARELANE_AUDIT_VERIFY_KEY no anchor is believed: a chain that was written
    anew as a whole, or cut off at its end, would then look whole.
    """
    settings = environment.settings()
    if settings.audit_verify_key is None:
        click.echo("CARELANE_AUDIT_VERIFY_KEY is not set: anchors are not looked at.", err=True)
    now = datetime.now(UTC)
    checked = (
        _checked(settings, now) if file is None else trail_check.check_export(file, settings.audit_verify_key, now)
    )
    if as_json:
        screen.json_document(checked.to_json())
    else:
        _show(checked)
        for one in _restores(settings) if file is None else ():
            click.echo(f"The database was restored at {one.at}: the trail went on from position {one.position}.")
    if checked.faults:
        raise Failed(f"The audit trail is not whole, or was tampered with: {len(checked.faults)} faults.")


def _checked(settings: Settings, now: datetime) -> Checked:
    seen: Mapping[int, bytes] | None = None
    forged: list[Fault] = []
    if settings.audit_verify_key is not None:
        seen, forged = anchors.read(anchors.path_of(settings), settings.audit_verify_key)
    with connection(settings) as conn:
        checked = trail_check.check(conn, seen, now)
    return Checked(checked.links, checked.anchored, checked.waiting, forged + checked.faults)


def _restores(settings: Settings) -> list[Anchor]:
    key = settings.audit_verify_key
    return [] if key is None else anchors.restores(anchors.path_of(settings), key)


def _show(checked: Checked) -> None:
    click.echo(f"{checked.links} links, confirmed by anchors up to {checked.anchored}; {checked.waiting} records wait.")
    if checked.faults:
        rows = [_row(fault) for fault in checked.faults[:_MOST_SHOWN]]
        screen.show(screen.table("Faults", ("KIND", "POSITION", "RECORD", "WHAT"), rows))


def _row(fault: Fault) -> tuple[object, ...]:
    return fault.kind, fault.position, fault.audit_id, fault.told


@audit_group.command("export")
@click.option(
    "--to", "target", type=click.Path(path_type=Path, dir_okay=False), help="A new file; else standard output."
)
@click.option("--after", type=click.IntRange(0), default=0, metavar="POSITION", help="Begin behind this link.")
@options.reason
def export(*, target: Path | None, after: int, reason: str | None) -> None:
    """Write the trail as JSON Lines with its chain and anchors; `audit verify --file` checks it anywhere."""
    if not reason:
        raise click.UsageError("--reason is mandatory: an export is kept in the audit trail.")
    settings = environment.settings()
    with connection(settings) as conn:
        audit.record(conn, actor=actor(), act="audit.exported", object="audit", reason=reason, after={"after": after})
    with _opened(target) as out, connection(settings) as conn:
        for line in trail_check.export(conn, anchors.kept(anchors.path_of(settings)), after=after):
            click.echo(line, nl=False, file=out)


@contextmanager
def _opened(target: Path | None) -> Iterator[TextIO | None]:
    """None stands for standard output."""
    if target is None:
        yield None
        return
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Failed(f"{target} cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        yield file
