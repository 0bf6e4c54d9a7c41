"""One event with all that happened to it and, for whoever may read it, its payload."""

from typing import Any

import click

from ingress.cli import choosing, environment, event_page, options, screen
from ingress.cli.actor import actor
from ingress.cli.database import connection
from ingress.cli.faults import Failed, Unusable
from shared import payloads, reasons
from shared.bulk_acts import Mandate
from shared.config import Settings
from shared.db import Connection
from shared.errors import IntegrityError
from shared.event_history import history
from shared.events import Event
from shared.payloads import BodyGone, Payload

arguments = options.together(
    click.argument("event_id", type=options.word, metavar="ID"),
    options.account,
    options.livemode,
    click.option("--payload", is_flag=True, help="With the decrypted body; the look is audited and needs a --reason."),
    options.reason,
    options.as_json,
)


def show(*, dead_only: bool, event_id: str, payload: bool, reason: str | None, as_json: bool, **which: Any) -> None:
    _refuse_misuse(payload=payload, reason=reason)
    settings = environment.settings()
    if payload and settings.unseal_private_key is None:
        raise Unusable("CARELANE_UNSEAL_PRIVATE_KEY is not set: without it no body can be opened.")
    with connection(settings) as conn:
        event = choosing.one_event(conn, event_id, **which)
        if dead_only and event.state != "dead":
            raise Failed(f"{event.event_id} is no dead letter: it is {event.state}. See `carelane events show`.")
        found = history(conn, event)
        body = _payload(conn, settings, event, reason) if payload else None
    # The look is committed by now; only then is anything shown.
    if as_json:
        screen.json_document(found.to_json() | (body.to_json() if body else {}))
    else:
        screen.show(event_page.page(found))
        if body:
            click.echo(screen.cell(body.text()).plain)


def _refuse_misuse(*, payload: bool, reason: str | None) -> None:
    if payload and (fault := reasons.fault_of(reason)):
        raise click.UsageError(f"--reason: {fault}.")
    if reason is not None and not payload:
        raise click.UsageError("--reason goes with --payload.")


def _payload(conn: Connection, settings: Settings, event: Event, reason: str | None) -> Payload:
    key, mandate = settings.unseal_private_key or b"", Mandate(actor(), (reason or "").strip())
    try:
        return payloads.view(conn, event, key, mandate)
    except (BodyGone, IntegrityError) as error:
        raise Failed(f"{error.code}: {error}.") from error
