"""A Carelane that is measured: chosen processes of the Procfile on services of the bench's own, and its tables."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from bench import servers
from bench.backlog import Keys
from bench.processes import Running
from bench.servers import Services
from bench.statements import load

Connection = psycopg.Connection[dict[str, Any]]
WORKERS = ("standard", "steady")
# Everything that has a part in an event's walk; the other doors, delivery, beat and Flower have none.
WALK = ("webhook", "crisis", *WORKERS, "relay")
ALL = (*WALK, "app", "stream", "deliver", "beat", "flower")
_POLL_SECONDS = 0.25
_SETTLE_SECONDS = 120.0


class NotOnce(RuntimeError):
    """Some event was not processed, or not exactly once: the figure would tell of something else."""


@dataclass(frozen=True, slots=True)
class Span:
    """From an event's receipt to the end of its processing, as PostgreSQL has it."""

    received_at: datetime
    settled_at: datetime

    @property
    def seconds(self) -> float:
        return (self.settled_at - self.received_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Carelane:
    """`conn` is the bench's own look into the tables, each statement by itself."""

    url: str
    keys: Keys = field(repr=False)
    conn: Connection = field(repr=False)
    processes: Mapping[str, Running]
    services: Services

    def last_row(self) -> int:
        """The id of the newest event."""
        return int(self._one("last_row", {})["id"])

    def waiting(self) -> int:
        """How many standard events nobody has taken up yet."""
        return int(self._one("waiting", {})["count"])

    def wait(self, after: int, *, seconds: float) -> dict[str, Any]:
        """Wait until every event after that row has ended, and say how; raises NotOnce."""
        until(lambda: not self._one("unsettled", {"after": after})["any"], seconds=seconds, what="the backlog's end")
        outcome = self._one("outcome", {"after": after})
        if not outcome["events"] == outcome["once"] == outcome["facts"] == outcome["attempts"]:
            raise NotOnce(f"after row {after}: {outcome}")
        return outcome

    def ended(self, events: Sequence[str], *, lane: str) -> dict[str, Span]:
        """Of each of these events, once all are settled; raises NotOnce when one took another way."""
        statement, names = load("carelane")["settled"], {"events": list(events)}

        def all_settled() -> list[dict[str, Any]]:
            rows = self.conn.execute(statement, names).fetchall()
            return rows if len(rows) == len(events) else []

        rows = until(all_settled, seconds=_SETTLE_SECONDS, what="the end of every event")
        wrong = [row for row in rows if (row["state"], row["lane"], row["attempts"]) != ("processed", lane, 1)]
        if wrong:
            raise NotOnce(f"{len(wrong)} events took another way: {wrong[0]}")
        return {row["event_id"]: Span(row["received_at"], row["settled_at"]) for row in rows}

    def cpu_seconds(self) -> float:
        """Of its own processes and of its servers."""
        return self.services.cpu_seconds() + sum(process.cpu_seconds() for process in self.processes.values())

    def now(self) -> Any:
        return self._one("now", {})["now"]

    def _one(self, name: str, parameters: Mapping[str, object]) -> dict[str, Any]:
        row = self.conn.execute(load("carelane")[name], parameters).fetchone()
        if row is None:
            raise RuntimeError(f"{name} gave no row")
        return row


@contextmanager
def carelane(services: Services, database_url: str, names: Sequence[str] = WALK, **settings: str) -> Iterator[Carelane]:
    """Start these processes and wait until each is ready; they stop at the end."""
    home = services.home / f"carelane-{time.monotonic_ns()}"
    programs = servers.carelane(home, database_url=database_url, redis_url=services.redis_url, **settings)
    with ExitStack() as stack:
        conn = stack.enter_context(psycopg.connect(database_url, autocommit=True, row_factory=dict_row))
        wanted = {name: program for name, program in programs.items() if name.partition(".")[0] in names}
        processes = {name: stack.enter_context(servers.program(program)) for name, program in wanted.items()}
        worker = programs["crisis"].environ
        yield Carelane(
            url=servers.door_url(programs["webhook"]),
            keys=Keys.of(worker),
            conn=conn,
            processes=processes,
            services=services,
        )


def until(condition: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Look until it is so; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(_POLL_SECONDS)
    return found
