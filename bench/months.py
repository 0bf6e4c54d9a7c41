"""Figure "months": what keeping, finding, claiming and pruning cost beside the number of events kept before.

python -m bench.months --kept 100000,1000000,10000000
"""

import shutil
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import click
import psycopg

from bench import machine, months_made, report, rounds, servers
from bench.report import RESULTS
from bench.rounds import Sample
from bench.servers import Services
from shared import old_months
from shared.arrivals import Kept
from shared.db import Pool
from shared.inbox import Inbox
from workers import ledger

# Measured: a small event with its body, its attempt and their indexes.
_BYTES_PER_EVENT = 1_000
_SHARE_OF_DISK = 0.5
_GROUP, _GROUPS, _CLAIMED = 10, 100, 50
_OVER_DAYS = 90

Given = TypeVar("Given")
Found = TypeVar("Found")


@click.command()
@click.option("--kept", default="100000,1000000,10000000", show_default=True, help="Numbers of kept events.")
@click.option("--rounds", "round_count", default=3, show_default=True)
def main(*, kept: str, round_count: int) -> None:
    """Measure, print the table, write build/bench/months.json."""
    wanted = sorted(int(size) for size in kept.split(","))
    sizes, described = fitting(wanted), machine.describe()
    with servers.services() as services:
        runs = {_told(size): _prepared(services, size) for size in sizes}
        samples = rounds.interleave(runs, round_count, told=_tell)
    figure = report.Report(
        figure="months",
        title="Months",
        reference=_told(sizes[0]),
        measures={
            "keep_ms": "keep 10, ms",
            "known_ms": "10 known ones again, ms",
            "claim_ms": "claim 50, ms",
            "drop_ms": "drop a month, ms",
        },
        also_as_ratio=("claim_ms", "drop_ms"),
        situations={"Small events in 24 months": samples},
        machine=described,
        left_out={_told(size): "it needs more disk" for size in wanted if size not in sizes},
    )
    figure.write()
    click.echo(figure.markdown())


def fitting(sizes: Sequence[int]) -> list[int]:
    """Those for which the disk has room, all of them being there at once."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    room, found = shutil.disk_usage(RESULTS).free * _SHARE_OF_DISK, []
    for size in sizes:
        room -= size * _BYTES_PER_EVENT
        if room > 0:
            found.append(size)
    return found


def _prepared(services: Services, size: int) -> Callable[[], Sample]:
    began = time.monotonic()
    url = services.new_database(f"months_{size}")
    months_made.fill(url, events=size)
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT pg_database_size(current_database())").fetchone()
    gigabytes = (row[0] if row else 0) / 1e9
    click.echo(f"  {_told(size)}: made in {time.monotonic() - began:.0f} s, {gigabytes:.2f} GB")
    return partial(_measure, url)


def _measure(url: str) -> Sample:
    """One connection, one after the other: what each costs, and not how many fit beside each other."""
    pool = Pool(url, name="bench", size=2, prepares=True)
    try:
        inbox = Inbox(pool, public_key=months_made.PUBLIC_KEY, lookup_key=months_made.LOOKUP_KEY)
        groups = [[months_made.arrival() for _ in range(_GROUP)] for _ in range(_GROUPS)]
        inbox.keep_many([months_made.arrival()], nudged=[True])  # its key, and the statement's plan
        kept_ms, kept = _timed(lambda group: inbox.keep_many(group, nudged=[True] * _GROUP), groups)
        known_ms, _ = _timed(lambda group: inbox.keep_many(group, nudged=[True] * _GROUP), groups)
        row_ids = [outcome.row_id for outcomes in kept for outcome in outcomes if isinstance(outcome, Kept)]
        parts = [row_ids[start : start + _CLAIMED] for start in range(0, len(row_ids), _CLAIMED)]
        claim_ms, _ = _timed(partial(_claim, pool), parts)
        drop_ms, _ = _timed(lambda _: old_months.drop(pool, days=_OVER_DAYS, most_months=1), [None])
    finally:
        pool.close()
    return {"keep_ms": kept_ms, "known_ms": known_ms, "claim_ms": claim_ms, "drop_ms": drop_ms}


def _claim(pool: Pool, row_ids: Sequence[int]) -> None:
    with pool.statement() as conn:
        ledger.claim(conn, row_ids, worker="bench", lease_seconds=600, apart=())


def _timed(do: Callable[[Given], Found], parts: Sequence[Given]) -> tuple[float, list[Found]]:
    """Milliseconds of one, in the middle; and what each gave."""
    took, found = [], []
    for part in parts:
        began = time.perf_counter()
        found.append(do(part))
        took.append((time.perf_counter() - began) * 1000)
    return rounds.spread(took).median, found


def _told(size: int) -> str:
    return f"{size:,} kept"


def _tell(name: str, sample: Sample) -> None:
    click.echo(f"  {name}: " + ", ".join(f"{measure} {value:.2f}" for measure, value in sample.items()))


if __name__ == "__main__":
    main()
