"""`carelane doctor`: looks at what Carelane stands on and says in plain words what is wrong and what to do."""

import os
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import click

from ingress.cli import alone, doctor_doors, doctor_sources, environment, exits, options, screen
from ingress.cli.up import procfile
from ingress.cli.up.failure import StartFailed
from shared.checks import broker, database, keys, outside, rabbit
from shared.checks.examination import examine
from shared.checks.finding import FAULT, Finding, fault
from shared.config import Settings, SettingsError, load

# The longest group asks PostgreSQL a dozen questions of at most 2 s each; on a server that answers they take moments.
_TIMEOUT_SECONDS = 10.0


@click.command()
@options.as_json
def doctor(*, as_json: bool) -> None:
    """Look at Redis, PostgreSQL, the clock, the keys and the processes; the exit code is 1 when one is at fault."""
    settings, faults = _readable(environment.merged(os.environ))
    found = [*_of_settings(faults), *_look(settings)]
    is_well = all(finding.status != FAULT for finding in found)
    if as_json:
        screen.json_document({"checks": [finding.to_json() for finding in found], "ok": is_well})
    else:
        screen.show(screen.table(None, ("CHECK", "STATUS", "WHAT"), map(_row, found)))
    sys.exit(exits.OK if is_well else exits.FAILED)


def _look(settings: Settings) -> list[Finding]:
    groups = {
        # Where RabbitMQ is the broker Redis only wakes sooner, and may be missing.
        "redis": lambda: broker.look(settings.redis_url) if settings.redis_url or not settings.broker_url else (),
        "rabbitmq": lambda: rabbit.look(settings.broker_url),
        "postgresql": lambda: database.look(settings, clock=lambda: datetime.now(UTC), counts=_counts()),
        "keys": lambda: keys.look(settings),
        "doors": lambda: doctor_doors.look(settings),
        "sources": lambda: doctor_sources.look(settings),
        "flower": lambda: outside.flower(settings),
        "stripe": lambda: outside.stripe(settings),
    }
    return examine(groups, timeout_seconds=_TIMEOUT_SECONDS)


def _counts() -> Mapping[str, int]:
    """How many of each process the formation starts here."""
    try:
        names = procfile.instances(list(alone.entries()), os.environ.get("CARELANE_FORMATION", ""))
    except StartFailed:
        names = list(alone.entries())
    return Counter(name.partition(".")[0] for name in names)


def _readable(values: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The settings as far as they can be used, and what is wrong with the others."""
    try:
        return load(values), []
    except SettingsError as error:
        wrong = {fault.partition(" ")[0] for fault in error.faults}
        try:
            return load({name: value for name, value in values.items() if name not in wrong}), error.faults
        except SettingsError as worse:
            return Settings(), [*error.faults, *worse.faults]


def _of_settings(faults: list[str]) -> list[Finding]:
    return [fault("settings", line, "Correct it: .env.example tells each setting's meaning.") for line in faults]


def _row(finding: Finding) -> tuple[object, ...]:
    return finding.name, finding.status, screen.stacked(finding.message, finding.action)
