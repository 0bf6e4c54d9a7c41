"""`carelane report`: what happened in one day, in figures."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import click
from rich.console import Group, RenderableType

from ingress.cli import environment, options, screen
from ingress.cli.database import connection
from shared import reports
from shared.reports import Day, Report


@click.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Of this day (UTC); without it, of the last full one.")
@options.as_json
def report(*, day: datetime | None, as_json: bool) -> None:
    """What happened in one day: the figures that staff are told each morning as the notice `report:daily`."""
    settings = environment.settings()
    of = reports.last_day(datetime.now(UTC)) if day is None else reports.day_of(day.replace(tzinfo=UTC))
    with connection(settings) as conn:
        found = reports.read(conn, of, stale_hours=settings.payout_stale_hours)
    if as_json:
        screen.json_document(found.to_json())
    else:
        screen.show(_page(found))


def _page(found: Report) -> RenderableType:
    lane = found.crisis_lane
    return Group(
        _table(f"Events of {_name(found.day)}", [
            ("received", found.received), ("fetched from Stripe", found.fetched), ("came again", found.repeated),
            *found.states.items(),
        ]),
        _table("The crisis lane", [
            ("events", lane.events), ("within 200 ms", lane.in_time), ("median, ms", f"{lane.median:.0f}"),
            ("95 of 100 within, ms", f"{lane.p95:.0f}"), ("longest, ms", f"{lane.longest:.0f}"),
        ]),
        _table("People", [
            *_named("crises", found.crises), *_named("emergency access", found.emergencies),
            *_named("in grace now", found.grace),
        ]),
        _table("Money and the outside", [
            *_named("payouts", found.payouts), ("payouts that are stale", found.payouts_stale),
            *_named("callbacks", found.callbacks), ("notices nobody can read yet", found.notices_untold),
        ]),
        _table("Trouble", [
            *_named("died of", found.dead), ("dead letters in all", found.dead_in_all),
            ("guards that stand", found.guards), ("API versions not known", found.unseen_versions),
        ]),
    )  # fmt: skip


def _table(title: str, rows: Iterable[tuple[str, object]]) -> RenderableType:
    return screen.table(title, ("WHAT", "HOW MANY"), rows)


def _named(what: str, counts: Mapping[str, int]) -> list[tuple[str, object]]:
    return [(f"{what}: {name.replace('_', ' ')}", count) for name, count in counts.items()]


def _name(day: Day) -> str:
    return day.since.date().isoformat()
