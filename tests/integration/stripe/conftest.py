"""Carelane beside a stand-in for Stripe: what is delivered, what is listed, what is asked for."""

import secrets
import time

import pytest
from psycopg import sql

from ingress.cli.simulator import server
from ingress.cli.simulator.faults import Faults
from ingress.cli.simulator.lives import Clock
from ingress.cli.simulator.world import World
from shared import crypto, data_keys, db
from shared.config import Settings
from shared.crypto import Reader
from shared.inbox import Inbox
from shared.stripe_api.breaker import Breaker
from shared.stripe_api.bucket import Bucket
from shared.stripe_api.client import Limits, StripeApi
from tests.factories.arrivals import arrival
from tests.servers import admin, url
from workers.failure import flood_of, policies_of
from workers.process import Processor

PIECE = 500


def api_of(url, *, failures=5, rest_seconds=1, limits=None, rate=10_000, redis_client=None):
    return StripeApi(
        "sk_test_stand_in",
        base=url,
        bucket=Bucket(rate, burst=rate, clock=time.monotonic, sleep=time.sleep),
        breaker=Breaker(redis_client, failures=failures, rest_seconds=rest_seconds),
        limits=limits or Limits(1, 2, 2),
    )


class Receiver:
    """A database with what stands before and behind it."""

    def __init__(self, settings, private_key):
        self.settings = settings
        self.pool = db.Pool(settings.database_url, name="test", size=4)
        self.inbox = Inbox(self.pool, public_key=crypto.public_key_of(private_key), lookup_key=settings.lookup_key)
        self.processor = Processor(
            pool=self.pool,
            reader=Reader(private_key, data_keys.fetcher(self.pool)),
            policies=policies_of(settings),
            flood=flood_of(settings),
            lease_seconds={"crisis": 8, "standard": 30},
            livemode=None,
            worker="test",
            random=lambda: 0.5,
        )

    def keep(self, events):
        """In pieces in which none comes twice, as the door would."""
        piece = {}
        for event in events:
            if event["id"] in piece or len(piece) == PIECE:
                self._keep(piece)
                piece = {}
            piece[event["id"]] = event
        self._keep(piece)

    def _keep(self, piece):
        if piece:
            self.inbox.keep_many([arrival(one) for one in piece.values()], nudged=[True] * len(piece))

    def carry(self):
        """All that waits, until nothing does; how many."""
        total = 0
        while rows := self._waiting():
            self.processor.carry(rows)
            total += len(rows)
        return total

    def _waiting(self):
        query = """
            UPDATE events SET next_attempt_at = now() WHERE id IN (
                SELECT id FROM events WHERE state IN ('received', 'retrying') ORDER BY id LIMIT 50
            ) RETURNING id"""
        with self.pool.transaction() as conn:
            return sorted(row["id"] for row in conn.execute(query))

    def query(self, text, *parameters):
        with self.pool.transaction() as conn:
            return conn.execute(text, parameters).fetchall()

    def close(self):
        self.pool.close()


@pytest.fixture
def receiver(settings, private_key):
    receiver = Receiver(settings, private_key)
    yield receiver
    receiver.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def world(clock):
    return World(clock=clock)


@pytest.fixture
def faults():
    return Faults()


@pytest.fixture
def stand_in(world, faults):
    with server.running(world, faults) as running:
        yield running


@pytest.fixture
def api(stand_in):
    return api_of(stand_in.url)


@pytest.fixture
def receiver_of(postgres_port, template_database, private_key):
    """As many receivers as are wanted, each with a database of its own."""
    made, names = [], []

    def make():
        names.append(f"test_{secrets.token_hex(6)}")
        with admin(postgres_port) as conn:
            words = map(sql.Identifier, (names[-1], template_database))
            conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*words))
        settings = Settings(
            database_url=url(postgres_port, names[-1]),
            seal_public_key=crypto.public_key_of(private_key),
            unseal_private_key=private_key,
            lookup_key=b"l" * 32,
            reconcile_sample=100_000,
        )
        made.append(Receiver(settings, private_key))
        return made[-1]

    yield make
    for one in made:
        one.close()
    with admin(postgres_port) as conn:
        for name in names:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
