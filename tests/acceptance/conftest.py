"""One running Carelane for each module, over servers the test may stop."""

import psycopg
import pytest
import redis
from psycopg.rows import dict_row

from ingress.cli.up import postgres, roles
from tests.running import ROOT, SECRET, Carelane, Servers, until
from tests.servers import PASSWORDS, admin

__all__ = ["ROOT", "SECRET", "Carelane", "Servers", "until"]


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    servers = Servers(tmp_path_factory.mktemp("servers"))
    yield servers
    servers.stop()


@pytest.fixture(scope="module")
def carelane(servers, tmp_path_factory):
    """Each process works as its own role. Time limits are short: a lost worker's lease ends while the test looks."""
    with admin(servers.postgres_port) as conn:
        postgres.ensure_roles(conn, PASSWORDS)
    carelane = Carelane(
        tmp_path_factory.mktemp("running") / "home",
        DATABASE_URL=servers.database_url,
        REDIS_URL=servers.redis_url,
        **roles.urls(servers.postgres_port, PASSWORDS, {}),
        CARELANE_TASK_SOFT_LIMIT_SECONDS="4",
        CARELANE_TASK_HARD_LIMIT_SECONDS="6",
        CARELANE_LEASE_SECONDS="8",
    )
    carelane.start()
    yield carelane
    assert carelane.stop() == 0


@pytest.fixture
def conn(servers, carelane):
    with psycopg.connect(servers.database_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture
def broker_client(servers):
    client = redis.Redis.from_url(servers.redis_url, socket_timeout=5)
    yield client
    client.close()
