"""The running Carelane of a case: its servers, Stripe's side, and what must hold when the fault is over."""

import os
import secrets
import signal
import time
from contextlib import contextmanager, suppress

import psycopg
import redis
from psycopg.rows import dict_row

from shared.broker import list_name
from shared.rules.lanes import MESSAGE_PRIORITY, STANDARD
from tests.acceptance.posting import fresh
from tests.chaos import invariants
from tests.chaos.client import Client
from tests.running import until

SUBSCRIPTION = "basil/customer.subscription.updated"
FAILED = "acacia/invoice.payment_failed"
WORKERS = ("crisis", "standard", "steady")
CANARY_SECONDS = 60.0
DRAIN_SECONDS = 90.0
QUERY_SECONDS = 10


def standard(**changes):
    """An event of the standard lane about a subject of its own."""
    return fresh(SUBSCRIPTION, **({"data.object.id": f"sub_{secrets.token_hex(8)}"} | changes))


def mixed(count):
    """One of the crisis lane in four, each about a subject of its own."""
    return [critical() if number % 4 == 0 else standard() for number in range(count)]


def critical(**changes):
    """An event that rides the crisis lane: a card that was refused."""
    return fresh(FAILED, **({"data.object.id": f"in_{secrets.token_hex(8)}"} | changes))


class Scene:
    """`tell` gets what the table shows; `client` is Stripe, for the whole of the case."""

    def __init__(self, carelane, servers, *, tell):
        self.carelane, self.servers, self.tell = carelane, servers, tell
        self.client = Client(carelane.webhook_url)
        self.database_url = carelane.settings()["DATABASE_URL"]
        self.redis_url = carelane.settings()["REDIS_URL"]

    def query(self, statement, *parameters):
        with psycopg.connect(
            self.database_url, autocommit=True, row_factory=dict_row, connect_timeout=QUERY_SECONDS
        ) as conn:
            found = conn.execute(statement, parameters or None)
            return found.fetchall() if found.description else []

    def row(self, event):
        found = self.query("SELECT * FROM events WHERE event_id = %s", event["id"])
        return found[0] if found else None

    def attempts(self, event):
        return self.query(
            "SELECT a.* FROM attempts AS a JOIN events ON id = event_row WHERE event_id = %s ORDER BY a.fence",
            event["id"],
        )

    @contextmanager
    def broker(self):
        client = redis.Redis.from_url(self.redis_url, socket_timeout=QUERY_SECONDS)
        try:
            yield client
        finally:
            client.close()

    def settled(self, *events, seconds=DRAIN_SECONDS):
        ids = [event["id"] for event in events]
        statement = "SELECT count(*) AS n FROM events WHERE event_id = ANY(%s) AND settled_at IS NOT NULL"
        until(lambda: self.query(statement, ids)[0]["n"] == len(ids), seconds=seconds)

    def drained(self, *, seconds=DRAIN_SECONDS):
        until(lambda: not self._waiting(), seconds=seconds)

    def _waiting(self):
        try:
            return self.query("SELECT count(*) AS n FROM events WHERE settled_at IS NULL")[0]["n"]
        except psycopg.OperationalError:
            return True

    def all_is_well(self, *, drain_seconds=DRAIN_SECONDS):
        """Drained, every invariant holds, and every worker takes up something new; the counts go into the table."""
        self.drained(seconds=drain_seconds)
        self.every_worker_serves()
        self.drained()
        with psycopg.connect(self.database_url, autocommit=True, row_factory=dict_row) as conn:
            counts = invariants.hold(conn, attempted=self.client.attempted, acked=self.client.acked)
        if self.client.attempted:
            self.tell(counts)
        assert counts.lost == 0

    def every_worker_serves(self):
        """I10: canaries in both lanes until each worker process has claimed one of them."""
        (moment,) = self.query("SELECT now()")
        canaries = Client(self.carelane.webhook_url)
        deadline = time.monotonic() + CANARY_SECONDS
        while missing := set(WORKERS) - self._workers_since(moment["now"]):
            assert time.monotonic() < deadline, f"these take up nothing: {missing}"
            canaries.send([standard(), critical()], threads=2, keep_trying_seconds=CANARY_SECONDS)
            time.sleep(0.1)

    def _workers_since(self, moment):
        statement = "SELECT DISTINCT split_part(split_part(worker, '@', 1), '.', 1) AS name FROM attempts "
        return {row["name"] for row in self.query(statement + "WHERE started_at > %s", moment)}

    def wiped(self, keep_all):
        """FLUSHALL while what `keep_all` keeps waits, rung for as far as the broker's lists go, and no worker looks."""
        with self.frozen(*WORKERS), self.broker() as broker:
            keep_all()
            until(lambda: broker.llen(list_name("standard", MESSAGE_PRIORITY[STANDARD])) > 0)
            broker.flushall()

    def kill(self, name, number=signal.SIGKILL):
        """The whole process group, as when a machine's keeper ends it."""
        os.killpg(self.carelane.pids()[name], number)

    @contextmanager
    def frozen(self, *names, kill=False):
        """Groups that stand still; killed in the end when nothing of them may wake up."""
        groups = [self.carelane.pids()[name] for name in names]
        for group in groups:
            os.killpg(group, signal.SIGSTOP)
        try:
            yield groups
        finally:
            for group in groups:
                with suppress(ProcessLookupError):  # the supervisor may have ended what got on no more
                    os.killpg(group, signal.SIGKILL if kill else signal.SIGCONT)
