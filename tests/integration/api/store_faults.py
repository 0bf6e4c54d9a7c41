"""Ways in which PostgreSQL and Valkey go away, each undone at its end; `servers` is tests.running.Servers."""

import os
import signal
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.servers import admin


def family(pid):
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


@contextmanager
def frozen(server):
    stopped = family(server.process.pid)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def stopped(server):
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def postgres_stopped(servers):
    with stopped(servers.postgres):
        yield


@contextmanager
def postgres_frozen(servers):
    with frozen(servers.postgres):
        yield


@contextmanager
def postgres_out_of_connections(servers):
    with admin(servers.postgres_port) as conn:
        conn.execute("ALTER ROLE door CONNECTION LIMIT 0")
        conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'door'")
    try:
        yield
    finally:
        with admin(servers.postgres_port) as conn:
            conn.execute("ALTER ROLE door CONNECTION LIMIT -1")


@contextmanager
def both_frozen(servers):
    with frozen(servers.postgres), frozen(servers.valkey):
        yield


@contextmanager
def both_stopped(servers):
    with stopped(servers.postgres), stopped(servers.valkey):
        yield


@contextmanager
def valkey_stopped(servers):
    with stopped(servers.valkey):
        yield


@contextmanager
def valkey_frozen(servers):
    with frozen(servers.valkey):
        yield


@contextmanager
def valkey_out_of_connections(servers):
    client = redis.Redis.from_url(servers.redis_url)
    client.config_set("maxclients", 1)
    try:
        yield
    finally:
        client.config_set("maxclients", 1000)
        client.close()
