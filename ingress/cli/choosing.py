"""From the id that a person typed to the one thing it names, or the list of what it could mean."""

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from ingress.cli import screen
from ingress.cli.faults import Failed
from shared import events, subjects
from shared.db import Connection
from shared.errors import NotFound

T = TypeVar("T")


def one_event(conn: Connection, reference: str, *, account: str | None, livemode: bool | None) -> events.Event:
    found = events.find(conn, [reference], account=account, livemode=livemode)[reference]
    return _only(
        found,
        name=f"event {reference}",
        columns=("ROW", "ACCOUNT", "LIVEMODE", "TYPE", "STATE", "RECEIVED"),
        cells=lambda event: (
            f"#{event.id}",
            event.account or events.PLATFORM,
            event.livemode,
            event.type,
            event.state,
            event.received_at,
        ),
    )


def one_subject(found: Sequence[subjects.Subject], subject_id: str) -> subjects.Subject:
    return _only(
        found,
        name=f"subject {subject_id}",
        columns=("KIND", "ACCOUNT", "LIVEMODE", "STATUS"),
        cells=lambda subject: (subject.kind, subject.account or events.PLATFORM, subject.livemode, subject.status),
    )


def _only(found: Sequence[T], *, name: str, columns: Sequence[str], cells: Callable[[T], Sequence[object]]) -> T:
    if not found:
        raise NotFound(f"No {name} is known here.")
    if len(found) > 1:
        screen.console(sys.stderr).print(screen.table(None, columns, map(cells, found)))
        raise Failed(f"{len(found)} go by the name {name}: pick one with --account, --livemode or --testmode.")
    return found[0]
