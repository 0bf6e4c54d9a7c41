"""Figure "console": the server's time for each list of the console, with so many events kept.

python -m bench.console --kept 1000000
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import click
import psycopg
from flask import Flask
from flask.testing import FlaskClient

from bench import latency, machine, report, rounds, servers, statements
from bench.rounds import Sample
from bench.servers import Services
from ingress.console.blueprint import console
from ingress.console.house import house_of
from shared import staff_sessions
from shared.config import Settings
from shared.db import Pool
from shared.migrations import migrate
from shared.rules.staff_limits import SessionRule

_LOOKUP_KEY = b"b" * 32
_ORIGIN = "http://127.0.0.1:8001"
# What each page is asked for: the plain one, filters that match much, little and nothing, and places far back.
_LISTS: Mapping[str, tuple[str, ...]] = {
    "operator": (
        "now",
        "now/live",
        "events",
        "events?type=payout.paid",
        "events?type=nothing.like.it",
        "events?type=nothing.like.it&after=500000",
        "events?state=dead",
        "events?state=ignored",
        "events?lane=crisis",
        "events?account=acct_nobody",
        "events?object=in_1Q777",
        "events?who=user-77",
        "events?who=cus_unknown",
        "events?event=evt_1Q99abcdefghijklmnop",
        "dead-letters",
        "dead-letters?code=schema&type=invoice.payment_failed",
        "dead-letters?text=1Q99",
        "dead-letters?who=user-50",
        "payouts",
        "payouts?late=yes",
        "payouts?status=FAILED",
        "payouts?creator=creator-7",
        "accounts?status=restricted",
    ),
    "auditor": ("audit", "audit?act=staff.*", "audit?actor=nobody", "audit?object=subject:77", "security", "settings"),
    "clinician": ("people", "people/user-7"),
}


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody who is signed in."""

    client: FlaskClient

    def measure(self, page: str, *, times: int) -> Sample:
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            answer = self.client.get(f"/console/{page}", base_url=_ORIGIN)
            taken.append(time.perf_counter() - began)
            if answer.status_code != 200:  # noqa: PLR2004 - a page that is refused would be measured as a quick one
                raise click.ClickException(f"{page} was answered with {answer.status_code}")
        return latency.summary(taken)


def furnish(database_url: str, kept: int) -> None:
    migrate(database_url)
    sql = statements.load("console")
    with psycopg.connect(database_url, autocommit=True) as conn:
        for name in ("events", "audit", "people", "customers", "payouts", "owed", "accounts"):
            conn.execute(sql[name].encode(), {"kept": kept})
        conn.execute(sql["tidy"].encode())


def sit(pool: Pool, role: str, app: Flask) -> Sitting:
    with pool.transaction() as conn:
        row = conn.execute(statements.load("console")["somebody"].encode(), {"role": role}).fetchone()
        if row is None:
            raise click.ClickException("no account was made")
        token = staff_sessions.begin(conn, row["id"], rule=SessionRule(), lookup_key=_LOOKUP_KEY)
    client = app.test_client()
    client.set_cookie("carelane", token, domain="127.0.0.1")
    return Sitting(client)


def measure(services: Services, *, kept: int, times: int, round_count: int) -> dict[str, dict[str, list[Sample]]]:
    database_url = services.new_database("console")
    furnish(database_url, kept)
    pool = Pool(database_url, name="console", size=4, statement_timeout_ms=2000)
    app = Flask("console", static_folder=None)
    settings = Settings(database_url=database_url, lookup_key=_LOOKUP_KEY)
    app.register_blueprint(console(house_of(settings, pool.transaction)))
    found: dict[str, dict[str, list[Sample]]] = {}
    for role, pages in _LISTS.items():
        sitting = sit(pool, role, app)
        runs = {page: partial(sitting.measure, page, times=times) for page in pages}
        found[f"{kept:,} events kept, as {role}"] = rounds.interleave(runs, round_count)
    pool.close()
    return found


@click.command()
@click.option("--kept", default=1_000_000, show_default=True)
@click.option("--times", default=20, show_default=True, help="Each page, in each round.")
@click.option("--rounds", "round_count", default=3, show_default=True)
def main(*, kept: int, times: int, round_count: int) -> None:
    """Measure, print the tables, write build/bench/console.json."""
    described = machine.describe()
    with servers.services() as services:
        situations = measure(services, kept=kept, times=times, round_count=round_count)
    figure = report.Report(
        figure="console",
        title="Lists of the console",
        reference="",
        measures={"p95_ms": "p95 ms", "p50_ms": "p50", "max_ms": "max"},
        situations=situations,
        machine=described,
    )
    figure.write()
    click.echo(figure.markdown())


if __name__ == "__main__":
    main()
