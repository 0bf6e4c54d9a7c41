"""Real servers for the tests, and a database of its own for each test."""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis
from psycopg import sql

from ingress.cli.up import postgres, valkey
from shared import crypto, db
from shared.config import Settings
from shared.migrations import migrate
from tests.servers import PASSWORDS, admin, free_port, running, url

LOOKUP_KEY = b"l" * 32


_IN_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 4 * 2**30


@pytest.fixture(scope="session")
def home():
    """In memory, where there is room: a database for each test is a matter of the disk and of nothing else."""
    has_room = os.access(_IN_MEMORY, os.W_OK) and shutil.disk_usage(_IN_MEMORY).free > _ROOM_BYTES
    with tempfile.TemporaryDirectory(prefix="carelane-", dir=_IN_MEMORY if has_room else None) as place:
        home = Path(place)
        (home / "logs").mkdir()
        yield home


@pytest.fixture(scope="session")
def postgres_port(home):
    port = free_port()
    with running(postgres.program(home, port=port, passwords=PASSWORDS)):
        yield port


@pytest.fixture(scope="session")
def template_database(postgres_port):
    """One migrated database, cloned for each test."""
    name = "template_for_tests"
    with admin(postgres_port) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migrate(url(postgres_port, name))
    return name


@pytest.fixture
def database_url(postgres_port, template_database):
    name = f"test_{secrets.token_hex(6)}"
    with admin(postgres_port) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template_database))
        )
    yield url(postgres_port, name)
    with admin(postgres_port) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def conn(database_url):
    """A look from outside: every statement sees what is committed."""
    with psycopg.connect(database_url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        yield connection


@pytest.fixture
def pool(database_url):
    pool = db.Pool(database_url, name="test", size=4)
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def valkey_url(home):
    port, password = free_port(), secrets.token_hex(16)
    with running(valkey.program(home, port=port, password=password)):
        yield f"redis://:{password}@127.0.0.1:{port}/0"


@pytest.fixture
def broker_client(valkey_url):
    client = redis.Redis.from_url(valkey_url, socket_timeout=5)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session")
def private_key():
    return crypto.new_private_key()


@pytest.fixture
def settings(database_url, private_key):
    return Settings(
        database_url=database_url,
        seal_public_key=crypto.public_key_of(private_key),
        unseal_private_key=private_key,
        lookup_key=LOOKUP_KEY,
    )
