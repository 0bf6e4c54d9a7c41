"""Rates beside the number of kept events: one database for each size, all there at once, measured in turns."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import psycopg
from psycopg import sql

from bench import backlog, ballast, load, prepared, running, signed, statements
from bench.rounds import Sample
from bench.servers import Services

_SEED = 10_000
_SMALL = 100_000
_EVENTS_PER_SUBJECT = 10
_CONNECTIONS = 64
_MOST_PER_SECOND = 12_000
_SEED_SECONDS = 900.0


def databases(services: Services, sizes: Sequence[int]) -> Mapping[int, Callable[[], str]]:
    """How to get the URL of a database with so many kept events; the walk made the first ones, the rest are copies."""
    seed = _seeded(services, min(_SEED, *sizes))
    return {size: _database(services, seed, size) for size in sorted(sizes)}


def _database(services: Services, seed: str, size: int) -> Callable[[], str]:
    name, url = f"kept_{size}", services.database_url(f"kept_{size}")
    _clone(services, seed, name)
    ballast.grow(url, events=size)
    if size > _SMALL:
        return lambda: url

    def renewed() -> str:
        # What one sample adds to a small database would make it a large one for the next.
        _clone(services, seed, name)
        ballast.grow(url, events=size)
        return url

    return renewed


def _seeded(services: Services, events: int) -> str:
    url = services.new_database("seed")
    with running.carelane(services, url, (*running.WORKERS, "relay")) as carelane:
        wish = signed.Wish(count=events, subjects=max(1, events // _EVENTS_PER_SUBJECT))
        backlog.release(carelane.conn, carelane.keys, wish)
        carelane.wait(0, seconds=_SEED_SECONDS)
    return "seed"


def _clone(services: Services, template: str, name: str) -> None:
    with psycopg.connect(services.database_url("postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        conn.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def ingress(services: Services, database: Callable[[], str], *, seconds: float) -> Sample:
    """The door alone, at 64 connections."""
    services.empty_broker()
    with running.carelane(services, database(), ("webhook",)) as carelane:
        services.settle()
        with prepared.batch(carelane.url, _MOST_PER_SECOND) as batch:
            load.fire(carelane.url, batch, connections=_CONNECTIONS, seconds=1)
        with prepared.batch(carelane.url, int(_MOST_PER_SECOND * seconds)) as batch:
            fired = load.fire(carelane.url, batch, connections=_CONNECTIONS, seconds=seconds)
        _forget_waiting(carelane)
    return {"per_second": fired.per_second, "p99_ms": fired.p99_ms}


def _forget_waiting(carelane: running.Carelane) -> None:
    """What only the door saw would be drained in the next sample's time."""
    carelane.conn.execute(statements.load("carelane")["settle_waiting"])


def drain(services: Services, database: Callable[[], str], *, events: int) -> Sample:
    """The standard workers and the relay, on a backlog that appears at once."""
    services.empty_broker()
    with running.carelane(services, database(), (*running.WORKERS, "relay")) as carelane:
        for count in (max(1, events // 20), events):
            after = carelane.last_row()
            wish = signed.Wish(count=count, subjects=max(1, count // _EVENTS_PER_SUBJECT))
            backlog.release(carelane.conn, carelane.keys, wish)
            released_at = carelane.now()
            outcome = carelane.wait(after, seconds=_SEED_SECONDS)
    return {"per_second": events / (outcome["last_settled_at"] - released_at).total_seconds()}


def runs(
    services: Services, found: Mapping[int, Callable[[], str]], *, seconds: float, events: int
) -> dict[str, dict[str, Callable[[], Sample]]]:
    """What is interleaved, by situation and size."""
    return {
        "Ingress": {told(size): partial(ingress, services, one, seconds=seconds) for size, one in found.items()},
        "Drain": {told(size): partial(drain, services, one, events=events) for size, one in found.items()},
    }


def told(size: int) -> str:
    return f"{size:,} kept"
