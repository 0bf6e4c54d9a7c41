"""More ways in which PostgreSQL and Valkey go away: they stand, and serve nobody of ours."""

from contextlib import ExitStack, contextmanager, suppress

import psycopg
import redis

from tests.running import until
from tests.servers import admin

OURS = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'carelane-%'"
SEND_AWAY = f"SELECT pg_terminate_backend(pid) FROM ({OURS}) AS ours"  # noqa: S608 - both are above
TIMEOUT_SECONDS = 10


@contextmanager
def postgres_refusing(servers):
    with admin(servers.postgres_port) as conn:
        conn.execute("ALTER DATABASE carelane WITH ALLOW_CONNECTIONS false")
        until(lambda: not conn.execute(SEND_AWAY).fetchall())
        try:
            yield
        finally:
            conn.execute("ALTER DATABASE carelane WITH ALLOW_CONNECTIONS true")


@contextmanager
def postgres_full(servers):
    """Every connection that PostgreSQL has is somebody else's."""
    with admin(servers.postgres_port) as conn, ExitStack() as held:

        def taken():
            conn.execute(SEND_AWAY)
            with suppress(psycopg.OperationalError):
                while True:
                    held.enter_context(admin(servers.postgres_port))
            return not conn.execute(OURS).fetchall()

        until(taken)
        yield


@contextmanager
def valkey_refusing(servers):
    with redis.Redis.from_url(servers.redis_url, socket_timeout=TIMEOUT_SECONDS) as client:
        client.config_set("requirepass", "another")
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        try:
            yield
        finally:
            client.config_set("requirepass", "test")
