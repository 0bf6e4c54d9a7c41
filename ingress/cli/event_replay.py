"""`carelane events replay`: carries events that have ended through the walk once more."""

from typing import Any

import click

from ingress.cli import bulk, bulk_request, options
from ingress.cli.event_filters import filters, state
from shared.bulk_acts import REPLAY
from shared.events import Filter


@click.command()
@bulk_request.together(options.together(state(*REPLAY.takes), filters), everything="Every event that has ended well.")
def replay(**given: Any) -> None:
    """Carry processed or ignored events through once more: the IDs named, or all that the filters match.

    Each begins a new series of attempts; the old ones stay on record, and no effect happens twice. A dead one is sent
    on by `carelane dead requeue`. An ID is an evt_… id, or a row as '#123'. Ctrl-C stops between two batches.
    """
    bulk.perform(bulk_request.read(REPLAY, "event(s)", Filter, given))
