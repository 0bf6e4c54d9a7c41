"""PostgreSQL 15 and Redis 7 serve as well as the newer ones that are embedded."""

import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from ingress.cli.up import postgres
from ingress.cli.up.program import Program
from shared import broker, crypto, data_keys
from shared.crypto import Reader
from shared.db import Pool
from shared.inbox import Inbox
from shared.migrations import migrate
from shared.rules import lanes
from shared.rules.guard import FloodRule
from shared.rules.retries import policies
from tests.factories.arrivals import arrival
from tests.factories.bells import waiting_by_lane
from tests.peers import need
from tests.servers import PASSWORDS, free_port, running, url
from workers.process import Processor

LOOKUP_KEY = b"l" * 32


@pytest.fixture
def open_place():
    """A directory that any account can walk to: before 16 PostgreSQL's programs insist on the whole path."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        (place / "logs").mkdir()
        yield place


@pytest.fixture
def old_database(open_place, monkeypatch):
    initdb = need("/usr/lib/postgresql/15/bin/initdb", package="postgresql-15")
    monkeypatch.setenv("PG_BIN", str(initdb.parent))
    port = free_port()
    with running(postgres.program(open_place, port=port, passwords=PASSWORDS)):
        yield url(port, "postgres")


def test_postgresql_15_carries_the_walk(old_database, private_key):
    with psycopg.connect(old_database) as conn:
        assert conn.info.server_version // 10_000 == 15
    assert migrate(old_database)
    pool = Pool(old_database, name="test", size=2)
    inbox = Inbox(pool, public_key=crypto.public_key_of(private_key), lookup_key=LOOKUP_KEY)
    event = arrival()
    kept = inbox.keep(event, nudged=False)
    assert inbox.keep(event, nudged=False).duplicate
    processor = Processor(
        pool=pool,
        reader=Reader(private_key, data_keys.fetcher(pool)),
        policies=policies(),
        flood=FloodRule(deaths=20, percent=50, minutes=15),
        lease_seconds={"crisis": 8, "standard": 30},
        livemode=None,
        worker="test",
    )
    assert processor.process(kept.row_id) == "processed"
    pool.close()


def test_redis_7_takes_the_doorbells_messages(tmp_path):
    server, port = need("redis-server", package="redis-server"), free_port()
    client = redis.Redis(port=port, socket_timeout=2, retry=None)

    def answers():
        try:
            return client.ping()
        except redis.RedisError:
            return False

    program = Program(
        name="redis",
        command=(str(server), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)),
        environ={},
        directory=tmp_path,
        log=tmp_path / "redis.log",
        is_ready=answers,
    )
    with running(program):
        bell = broker.Doorbell(client, most_waiting=10)
        assert bell.ring([broker.Nudge((1,), "crisis", lanes.OPEN_CRISIS)])
        assert waiting_by_lane(bell) == {"crisis": 1, "standard": 0}
        client.close()
