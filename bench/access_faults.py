"""The ways in which PostgreSQL and Valkey are away while access is asked for, each undone at its end."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import psycopg
import redis

from bench.access_stores import Stores
from bench.statements import load

_TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`degrades`: answers cannot be computed while it lasts. `before_start`: the door is started when it is there."""

    strikes: Callable[[Stores], AbstractContextManager[None]]
    degrades: bool = False
    before_start: bool = False


@contextmanager
def _both_stopped(stores: Stores) -> Iterator[None]:
    with stores.postgres.stopped(), stores.valkey.stopped():
        yield


@contextmanager
def _postgres_told(stores: Stores, told: str, undone: str) -> Iterator[None]:
    statements = load("access")
    url = stores.services.database_url("postgres")
    with psycopg.connect(url, autocommit=True, connect_timeout=_TIMEOUT_SECONDS) as conn:
        for name in (told, "send_away"):
            conn.execute(statements[name].encode())
        try:
            yield
        finally:
            conn.execute(statements[undone].encode())


@contextmanager
def _valkey_told(stores: Stores, name: str, value: str | int) -> Iterator[None]:
    """Another value of a setting of its own; who is connected is sent away, save who set it."""
    with redis.Redis.from_url(stores.services.redis_url, socket_timeout=_TIMEOUT_SECONDS) as client:
        usual = client.config_get(name)[name]
        client.config_set(name, value)
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        try:
            yield
        finally:
            client.config_set(name, usual)


LIVE = "live"
STATES: Mapping[str, Fault] = {
    LIVE: Fault(strikes=lambda _: nullcontext()),
    "postgresql stopped": Fault(strikes=lambda stores: stores.postgres.stopped(), degrades=True),
    "postgresql frozen": Fault(strikes=lambda stores: stores.postgres.frozen(), degrades=True),
    "postgresql refuses": Fault(strikes=lambda stores: _postgres_told(stores, "refuse", "accept"), degrades=True),
    "postgresql without connections left": Fault(
        strikes=lambda stores: _postgres_told(stores, "leave_no_connection", "leave_connections"), degrades=True
    ),
    "valkey stopped": Fault(strikes=lambda stores: stores.valkey.stopped()),
    "valkey frozen": Fault(strikes=lambda stores: stores.valkey.frozen()),
    "valkey refuses": Fault(strikes=lambda stores: _valkey_told(stores, "requirepass", "another")),
    "valkey without connections left": Fault(strikes=lambda stores: _valkey_told(stores, "maxclients", 1)),
    "both gone since before the start": Fault(strikes=_both_stopped, degrades=True, before_start=True),
}
