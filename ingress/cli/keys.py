"""`carelane keys`: makes a pair for the readers, and wraps the data keys for it while everything runs."""

import base64
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.progress import Progress

from ingress.cli import environment, options, screen
from ingress.cli.actor import actor
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from shared import key_rotation
from shared.bulk_acts import Mandate
from shared.config import Settings
from shared.crypto import fingerprint, new_private_key, public_key_of
from shared.db import Connection
from shared.key_rotation import Plan


@click.group("keys")
def keys_group() -> None:
    """The keys that bodies are sealed with: make a new pair, rotate."""


@keys_group.command("new")
def new() -> None:
    """Print a new pair as two settings; nothing is kept of it."""
    private_key = new_private_key()
    click.echo(f"CARELANE_UNSEAL_PRIVATE_KEY={base64.b64encode(private_key).decode()}")
    click.echo(f"CARELANE_SEAL_PUBLIC_KEY={base64.b64encode(public_key_of(private_key)).decode()}")


@keys_group.command("rotate")
@click.option("--dry-run", is_flag=True, help="Say what there is to do, and do nothing.")
@options.reason
def rotate(*, dry_run: bool, reason: str | None) -> None:
    """Wrap every data key for the present readers' key (CARELANE_UNSEAL_PRIVATE_KEY); no body is touched.

    The keys it was wrapped for before are in CARELANE_UNSEAL_EARLIER_KEYS. May be stopped at any moment and run again.
    Exit code 1 while some key is wrapped for a reader whose private key is not here.
    """
    settings = environment.settings()
    settings.require("unseal_private_key")
    with connection(settings) as conn:
        planned = key_rotation.plan(conn, settings.unseal_private_key or b"", settings.unseal_earlier_keys)
    click.echo(f"{planned.waiting} data keys to wrap for {planned.recipient}.", err=True)
    if not dry_run:
        if not (reason or "").strip():
            raise click.UsageError("--reason is mandatory: it stays in the audit trail.")
        _rotate(settings, planned, (reason or "").strip())
    if planned.unopened:
        names = ", ".join(f"{count} for {name}" for name, count in planned.unopened.items())
        raise Failed(f"No private key here opens {names}: name the earlier one in CARELANE_UNSEAL_EARLIER_KEYS.")


def _rotate(settings: Settings, planned: Plan, reason: str) -> None:
    @contextmanager
    def transaction() -> Iterator[Connection]:
        with conn.transaction():
            yield conn

    done, broken, stderr = 0, 0, screen.console(sys.stderr)
    with connection(settings) as conn, Progress(console=stderr, disable=not stderr.is_terminal) as progress:
        bar = progress.add_task("Wrapping", total=planned.waiting)
        for batch in key_rotation.rotate(transaction, planned, Mandate(actor(), reason)):
            done, broken = done + batch.wrapped, broken + batch.broken
            progress.advance(bar, batch.wrapped + batch.broken)
    click.echo(f"{done} data keys are wrapped anew.")
    if broken:
        raise Failed(
            f"{broken} data keys were changed since they were stored and cannot be opened; they stay as they are."
        )


@keys_group.command("show")
def show() -> None:
    """Say by their fingerprints which keys are set here; the keys themselves are not shown."""
    settings = environment.settings()
    private, public = settings.unseal_private_key, settings.seal_public_key
    rows = [
        ("readers' key", None if private is None else fingerprint(public_key_of(private))),
        ("earlier ones", [fingerprint(public_key_of(key)) for key in settings.unseal_earlier_keys] or None),
        ("the door seals for", None if public is None else fingerprint(public)),
    ]
    screen.show(screen.pairs(rows))
