"""`carelane dead requeue` and `dead discard`: send dead letters on again, or put them aside."""

from typing import Any

import click

from ingress.cli import bulk, bulk_request, options
from ingress.cli.dead_filters import discarded, filters
from shared.bulk_acts import DISCARD, REQUEUE
from shared.dead_letters import Filter

_NOUN = "dead letter(s)"
_ALL = "Every dead letter that was not discarded."


@click.command()
@bulk_request.together(options.together(filters, discarded), everything=_ALL)
def requeue(**given: Any) -> None:
    """Send dead letters on again: the IDs named, or all that the filters match.

    Each begins a new series of attempts; the attempts of the old one stay on record. An ID is an evt_… id, or a row as
    '#123'; --account, --livemode and --testmode tell apart those that share an id. Ctrl-C stops between two batches.
    """
    bulk.perform(bulk_request.read(REQUEUE, _NOUN, Filter, given))


@click.command()
@bulk_request.together(filters, everything=_ALL)
def discard(**given: Any) -> None:
    """Put dead letters aside: the IDs named, or all that the filters match.

    They stay dead and on record, out of the list and of what `dead requeue --all` takes. A requeue by name undoes it.
    An ID is an evt_… id, or a row as '#123'. Ctrl-C stops between two batches.
    """
    bulk.perform(bulk_request.read(DISCARD, _NOUN, Filter, given))
