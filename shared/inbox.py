"""The inbox: keeps arrived events, sealed and each once, and says what happened. One SQL statement a group."""

import time
from collections.abc import Mapping, Sequence

import psycopg

from shared import arrival_rows
from shared.arrival_rows import Row
from shared.arrivals import Arrival, Kept
from shared.db import Pool
from shared.errors import CannotKeep, TransientError
from shared.own_key import OwnKey
from shared.queries import load
from shared.rules.lanes import ACCESS_CRITICAL, OPEN_CRISIS, PAYMENTS

_MOST_TRIES = 3

# Those who wait behind a failure are told at once: one after the other they would each wait as long as the first.
_AWAY_SECONDS = 1.0

# A pooled connection that the server had closed says nothing about the server now: one more try on a fresh one.
_CONNECTION_LOST = {"database_away", "database_57P01", "database_57P02"}

# What goes before the others, and of which types that may be.
_RAISED = {"open_crisis": OPEN_CRISIS, "in_grace": ACCESS_CRITICAL, "payments": list(PAYMENTS)}

# How an event came. Only what was signed has one true body: Stripe's list renders the same event in another shape.
WEBHOOK, BACKFILL, RECONCILE, IMPORT = "webhook", "backfill", "reconcile", "import"

Outcome = Kept | CannotKeep

customer_hash = arrival_rows.customer_hash


class Inbox:
    """One for each process of the webhook door; safe to share between its threads.

    Another `source` than the door's: what comes in that way was fetched from Stripe.
    """

    def __init__(self, pool: Pool, *, public_key: bytes, lookup_key: bytes, source: str = WEBHOOK) -> None:
        self._pool = pool
        self._source = source
        self._lookup_key = lookup_key
        self._key = OwnKey(pool, public_key)
        self._sql = load("inbox")
        self._away_until = 0.0

    def keep(self, arrival: Arrival, *, nudged: bool) -> Kept:
        """Commit the event, or find that it is here already; raises CannotKeep when PostgreSQL does not take it.

        `nudged` says that the caller is about to ring the doorbell; otherwise the relay takes the event up at once.
        """
        (outcome,) = self.keep_many([arrival], nudged=[nudged])
        if isinstance(outcome, CannotKeep):
            raise outcome
        return outcome

    def keep_many(self, arrivals: Sequence[Arrival], *, nudged: Sequence[bool]) -> list[Outcome]:
        """As `keep`, for a group in which no identity comes twice; what is wrong with one costs only itself."""
        if time.monotonic() < self._away_until:
            return _none_of(arrivals, "database_away")
        try:
            return self._keep(arrivals, nudged)
        except TransientError as error:
            if error.code not in _CONNECTION_LOST:
                return self._away(arrivals, error.code)
        except psycopg.Error:
            return self._one_by_one(arrivals, nudged)
        try:
            self._pool.drop_broken()
            return self._keep(arrivals, nudged)
        except (TransientError, psycopg.Error) as error:
            return self._away(arrivals, getattr(error, "code", "database"))

    def _away(self, arrivals: Sequence[Arrival], code: str) -> list[Outcome]:
        self._away_until = time.monotonic() + _AWAY_SECONDS
        return _none_of(arrivals, code)

    def _one_by_one(self, arrivals: Sequence[Arrival], nudged: Sequence[bool]) -> list[Outcome]:
        """PostgreSQL refused the group for something that one of them holds."""
        if len(arrivals) == 1:
            return _none_of(arrivals, "database")
        pairs = zip(arrivals, nudged, strict=True)
        return [self.keep_many([arrival], nudged=[rings])[0] for arrival, rings in pairs]

    def _keep(self, arrivals: Sequence[Arrival], nudged: Sequence[bool]) -> list[Outcome]:
        key = self._key.current()
        left = {
            number: arrival_rows.row(arrival, nudged=rings, key=key, lookup_key=self._lookup_key)
            for number, (arrival, rings) in enumerate(zip(arrivals, nudged, strict=True))
        }
        outcomes = _none_of(arrivals, "contended")
        for _ in range(_MOST_TRIES):
            # Nothing comes back for an event that another process committed after our snapshot began: the next look
            # sees it.
            for number, kept in self._insert(left).items():
                outcomes[number] = kept
                del left[number]
            if not left:
                break
        return outcomes

    def _insert(self, rows: Mapping[int, Row]) -> dict[int, Kept]:
        numbers = sorted(rows, key=lambda number: arrival_rows.order(rows[number]))
        parameters = arrival_rows.parameters([rows[number] for number in numbers])
        with self._pool.statement() as conn:
            answers = conn.execute(
                self._sql["keep_events"], {**parameters, **_RAISED, "source": self._source}
            ).fetchall()
        return {
            numbers[answer["position"] - 1]: Kept(
                answer["id"], answer["duplicate"], answer["same_body"], answer["lane"], answer["urgency"]
            )
            for answer in answers
        }

    def not_nudged(self, row_ids: Sequence[int]) -> None:
        """The doorbell did not ring: let the relay take these up at once. Failing here costs only time."""
        try:
            with self._pool.transaction() as conn:
                conn.execute(self._sql["not_nudged"], {"ids": list(row_ids)})
        except (TransientError, psycopg.Error):
            return

    def ready(self) -> bool:
        """Whether an event could be kept now."""
        try:
            with self._pool.transaction() as conn:
                row = conn.execute(self._sql["can_keep"]).fetchone()
        except (TransientError, psycopg.Error):
            return False
        return row is not None and bool(row["can_keep"])


def _none_of(arrivals: Sequence[Arrival], code: str) -> list[Outcome]:
    return [CannotKeep("the event could not be kept", code=code) for _ in arrivals]
