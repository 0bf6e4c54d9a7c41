"""`carelane import`: keeps events from files, unsigned, as what a cloud's queue or an export held."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import click

from ingress.cli import environment, event_files, options, screen, stripe_reach
from ingress.cli.actor import actor
from ingress.cli.faults import Unusable
from shared import audit, fetched_arrivals, reasons, stripe_desk
from shared.arrivals import Arrival
from shared.db import Pool
from shared.errors import CannotKeep
from shared.inbox import IMPORT, Inbox

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_TOGETHER = 100


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE…")
@options.together(options.reason, options.as_json)
def import_events(*, files: Sequence[Path], reason: str | None, as_json: bool) -> None:
    """Keep the events in FILEs, as `carelane send` reads them, without a signature.

    For what came another way than the front door: EventBridge, Event Grid, an export. Who may run this is trusted with
    them, so a --reason is kept in the audit trail. What is here already stays as it is.
    """
    if fault := reasons.fault_of(reason):
        raise click.UsageError(f"--reason: {fault}.")
    settings = environment.settings()
    try:
        events = event_files.read(files)
    except (OSError, ValueError) as error:
        raise Unusable(str(error)) from error
    critical = settings.access_critical_types
    arrivals = iter(fetched_arrivals.of_event(event, account=None, access_critical_types=critical) for event in events)
    counts: Counter[str] = Counter()
    with stripe_reach.pool(settings) as pool:
        inbox = stripe_desk.inbox(settings, pool, IMPORT)
        _note(pool, len(events), reason or "")
        while group := {one.identity: one for one in islice(arrivals, _TOGETHER)}:
            kept = _keep(inbox, list(group.values()))
            counts["kept"] += kept.count(False)
            counts["known"] += kept.count(True)
    if as_json:
        screen.json_document({"read": len(events), "kept": counts["kept"], "known": len(events) - counts["kept"]})
    else:
        click.echo(f"{counts['kept']} of {len(events)} kept; the others were here already.")


def _note(pool: Pool, count: int, reason: str) -> None:
    with pool.transaction() as conn:
        audit.record(conn, actor=actor(), act="events.import", object="events", reason=reason, after={"count": count})


def _keep(inbox: Inbox, arrivals: list[Arrival]) -> list[bool]:
    duplicates = []
    for kept in inbox.keep_many(arrivals, nudged=[False] * len(arrivals)):
        if isinstance(kept, CannotKeep):
            raise kept
        duplicates.append(kept.duplicate)
    return duplicates
