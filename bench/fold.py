"""Figure "fold": what a fact costs by how many its subject has; subjects grow side by side, carried by one worker.

python -m bench.fold --facts 1000
"""

from itertools import groupby

import click

from bench import backlog, machine, report, running, servers, signed
from bench.rounds import Sample
from bench.servers import Services
from bench.statements import load

_SUBJECTS = 50
_BUCKETS = 10
_SECONDS = 1800.0


def measure(services: Services, *, facts: int) -> dict[str, Sample]:
    """Milliseconds an event by bucket of facts, the buckets named `1-100`, `101-200` and so on."""
    services.empty_broker()
    database_url = services.new_database("folded")
    # One worker: two would bring a subject's facts out of order, and a late fact folds its subject anew.
    with running.carelane(services, database_url, ("steady", "relay")) as carelane:
        wish = signed.Wish(count=_SUBJECTS * facts, subjects=_SUBJECTS)
        first = backlog.release(carelane.conn, carelane.keys, wish)
        carelane.wait(first - 1, seconds=_SECONDS)
        rows = carelane.conn.execute(load("carelane")["settled_in_order"], {"first": first}).fetchall()
    length = max(1, facts // _BUCKETS) * _SUBJECTS
    return {
        f"facts {number * length // _SUBJECTS + 1}-{(number + 1) * length // _SUBJECTS}": _cost(
            [one for _, one in group]
        )
        for number, group in groupby(enumerate(rows), key=lambda numbered: numbered[0] // length)
    }


def _cost(rows: list[dict[str, float]]) -> Sample:
    seconds = rows[-1]["at"] - rows[0]["at"]
    return {"ms_per_event": seconds * 1000 / max(1, len(rows) - 1)}


@click.command()
@click.option("--facts", default=1000, show_default=True, help="Of each subject.")
@click.option("--rounds", "round_count", default=2, show_default=True)
def main(*, facts: int, round_count: int) -> None:
    """Measure, print the table, write build/bench/fold.json."""
    described = machine.describe()
    samples: dict[str, list[Sample]] = {}
    with servers.services() as services:
        for _ in range(round_count):
            for name, sample in measure(services, facts=facts).items():
                samples.setdefault(name, []).append(sample)
    figure = report.Report(
        figure="fold",
        title="Cost of a fact",
        reference=next(iter(samples)),
        measures={"ms_per_event": "ms an event"},
        situations={f"{_SUBJECTS} subjects, one worker": samples},
        machine=described,
    )
    figure.write()
    click.echo(figure.markdown())


if __name__ == "__main__":
    main()
