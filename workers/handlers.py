"""Handlers of other packages: which type is whose, and one event carried by one of them, once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from importlib.metadata import EntryPoint
from typing import Any

from billiard.common import terminate_handler_fired  # type: ignore[import-untyped]

from schemas import catalog
from schemas.reading import Event
from shared.db import Connection
from shared.extensions import HANDLERS, HandedEvent
from shared.queries import load as queries
from workers import extensions
from workers.extensions import Extension, Refusal, misshapen
from workers.ledger import Claim, Settlement

_ARGUMENTS = 2


class HandlerLeft(Exception):
    """A handler tried to end its process; that is its event's failure and not the worker's end."""


def load(found: Iterable[EntryPoint] | None = None) -> Mapping[str, Extension]:
    """The handlers in place, by the type that each takes."""
    loaded = extensions.load(HANDLERS, judge, found=found)
    takers = Counter(taken for extension in loaded for taken in extension.object.types)
    table: dict[str, Extension] = {}
    for extension in loaded:
        disputed = sorted(taken for taken in extension.object.types if takers[taken] > 1)
        if disputed:
            # Whichever came first would depend on names, or on the order of installation, without anybody's wish.
            words = f"another handler takes {disputed[0]} too, and neither gets it"
            extensions.refuse(HANDLERS, extension.name, Refusal("disputed", words, type=disputed[0]))
        else:
            table |= dict.fromkeys(extension.object.types, extension)
    return table


def judge(handler: Any) -> Refusal | None:
    if isinstance(handler, type):
        return misshapen("it is a class; name an object of it")
    types = getattr(handler, "types", None)
    if not isinstance(types, frozenset) or not types or not all(isinstance(one, str) and one for one in types):
        return misshapen("`types` is no frozenset with names of event types")
    if not extensions.takes(getattr(handler, "handle", None), _ARGUMENTS):
        return misshapen("`handle` is no function of a connection and an event")
    for own in sorted(filter(catalog.handles, types)):
        return Refusal("own_type", f"Carelane itself acts on {own}", type=own)
    return None


def carry(conn: Connection, claim: Claim, event: Event, handler: Extension) -> Settlement:
    """Let the handler act on this event, once: the ledger of effects ends a repetition before it begins."""
    row_id = claim.held.row_id
    effect = {"cause": f"event:{row_id}", "kind": "handler", "recipient": handler.name, "event_row": row_id}
    if conn.execute(queries("history")["note_effect"], effect).fetchone() is not None:
        _hand(conn, handler, _handed(claim, event))
    return Settlement("processed")


def _handed(claim: Claim, event: Event) -> HandedEvent:
    same = {field.name: getattr(event, field.name) for field in fields(Event)}
    return HandedEvent(**same, row_id=claim.held.row_id, lane=claim.lane, received_at=claim.received_at)


def _hand(conn: Connection, handler: Extension, event: HandedEvent) -> None:
    row_factory = conn.row_factory
    try:
        # Inside of it psycopg refuses to commit, to roll back and to change the connection's mode.
        with conn.transaction():
            handler.object.handle(conn, event)
        # What it set for the session would hold for the events after this one.
        conn.execute(queries("extensions")["leave_as_found"])
    except BaseException as error:
        if isinstance(error, Exception) or terminate_handler_fired():
            raise
        # It would take the worker's process with it.
        raise HandlerLeft(type(error).__name__).with_traceback(error.__traceback__) from None
    finally:
        conn.row_factory = row_factory
