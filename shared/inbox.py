"""The inbox: keeps an arrived event, sealed and once, and says what happened. One SQL statement an event."""

import re
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from shared import crypto, data_keys
from shared.db import Pool
from shared.errors import CannotKeep, TransientError
from shared.queries import load
from shared.rules.lanes import OPEN_CRISIS, Placement

# Stripe renders this counter anew for each delivery; it alone does not make two bodies different.
_COUNTER = re.compile(rb'"pending_webhooks"\s*:\s*\d+')

_MOST_TRIES = 3
_RENEWAL_SECONDS = 2.0
_ANOTHER_TRY_SECONDS = 60

# Those who wait behind a failure are told at once: one after the other they would each wait as long as the first.
_AWAY_SECONDS = 1.0

# A pooled connection that the server had closed says nothing about the server now: one more try on a fresh one.
_CONNECTION_LOST = {"database_away", "database_57P01", "database_57P02"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event whose signature was right: what the envelope says of it, and the raw bytes."""

    event_id: str
    type: str | None
    account: str | None
    livemode: bool | None
    api_version: str | None
    occurred_at: datetime | None
    object_kind: str | None
    object_id: str | None
    customer_id: str | None
    body: bytes = field(repr=False)
    signed_at: datetime
    secret_name: str
    placement: Placement


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an arrival: its row, and whether it had been kept before (with the same body or another)."""

    row_id: int
    duplicate: bool
    same_body: bool
    lane: str
    urgency: int


class Inbox:
    """One for each process of the webhook door; safe to share between its threads."""

    def __init__(self, pool: Pool, *, public_key: bytes, lookup_key: bytes) -> None:
        self._pool = pool
        self._public_key = public_key
        self._lookup_key = lookup_key
        self._sql = load("inbox")
        self._renewing = threading.Lock()
        self._data_key: crypto.DataKey | None = None
        self._data_key_ends = 0.0
        self._away_until = 0.0

    def keep(self, arrival: Arrival, *, nudged: bool) -> Kept:
        """Commit the event, or find that it is here already; raises CannotKeep when PostgreSQL does not take it.

        `nudged` says that the caller is about to ring the doorbell; otherwise the relay takes the event up at once.
        """
        if time.monotonic() < self._away_until:
            raise CannotKeep("the database was away a moment ago", code="database_away")
        try:
            return self._keep(arrival, nudged=nudged)
        except TransientError as error:
            if error.code not in _CONNECTION_LOST:
                self._away_until = time.monotonic() + _AWAY_SECONDS
                raise CannotKeep("the event could not be kept", code=error.code) from error
        except psycopg.Error as error:
            raise CannotKeep("the event could not be kept", code="database") from error
        try:
            self._pool.drop_broken()
            return self._keep(arrival, nudged=nudged)
        except (TransientError, psycopg.Error) as error:
            self._away_until = time.monotonic() + _AWAY_SECONDS
            raise CannotKeep("the event could not be kept", code=getattr(error, "code", "database")) from error

    def _keep(self, arrival: Arrival, *, nudged: bool) -> Kept:
        parameters = self._parameters(arrival, self._current_data_key()) | {"nudged": nudged}
        for _ in range(_MOST_TRIES):
            with self._pool.transaction() as conn:
                row = conn.execute(self._sql["keep_event"], parameters).fetchone()
            # Nothing came back when the same event was committed by another request after our snapshot began: the
            # next look sees it.
            if row is not None:
                return Kept(row["id"], row["duplicate"], row["same_body"], row["lane"], row["urgency"])
        raise CannotKeep("the event could not be kept", code="contended")

    def not_nudged(self, row_id: int) -> None:
        """The doorbell did not ring: let the relay take the event up at once. Failing here costs only time."""
        try:
            with self._pool.transaction() as conn:
                conn.execute(self._sql["not_nudged"], {"id": row_id})
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

    def _parameters(self, arrival: Arrival, key: crypto.DataKey) -> dict[str, Any]:
        identity = crypto.Identity(arrival.account, arrival.livemode, arrival.event_id)
        sealed = crypto.seal(key, arrival.body, identity)
        return {
            "event_id": arrival.event_id,
            "account": arrival.account,
            "livemode": arrival.livemode,
            "type": arrival.type,
            "api_version": arrival.api_version,
            "occurred_at": arrival.occurred_at,
            "object_kind": arrival.object_kind,
            "object_id": arrival.object_id,
            "customer_hash": customer_hash(self._lookup_key, arrival.customer_id),
            "body_hash": crypto.lookup_hash(self._lookup_key, "body", _COUNTER.sub(b"", arrival.body)),
            "body_bytes": len(arrival.body),
            "secret_name": arrival.secret_name,
            "signed_at": arrival.signed_at,
            "lane": arrival.placement.lane,
            "urgency": arrival.placement.urgency,
            "lane_reason": arrival.placement.reason,
            "open_crisis": OPEN_CRISIS,
            "data_key_id": sealed.data_key_id,
            "nonce": sealed.nonce,
            "sealed": sealed.sealed,
        }

    def _current_data_key(self) -> crypto.DataKey:
        """This process's key, stored wrapped before its first use: a body whose key is lost could not be read.

        One thread renews it. Meanwhile, and while PostgreSQL does not take the new one, the old one serves on.
        """
        held = self._data_key
        if held is not None and time.monotonic() < self._data_key_ends:
            return held
        if not self._renewing.acquire(timeout=_RENEWAL_SECONDS if held is None else 0):
            if held is None:
                raise TransientError("no data key could be stored in time", code="database_busy")
            return held
        try:
            return self._renew(held)
        finally:
            self._renewing.release()

    def _renew(self, held: crypto.DataKey | None) -> crypto.DataKey:
        if self._data_key is not None and self._data_key is not held:
            return self._data_key  # another thread was here first
        fresh, lasts_seconds = crypto.new_data_key(self._public_key), crypto.DATA_KEY_SECONDS
        try:
            with self._pool.transaction() as conn:
                data_keys.store(conn, fresh)
        except TransientError:
            if held is None:
                raise
            fresh, lasts_seconds = held, _ANOTHER_TRY_SECONDS
        self._data_key, self._data_key_ends = fresh, time.monotonic() + lasts_seconds
        return fresh


def customer_hash(lookup_key: bytes, customer_id: str | None) -> bytes | None:
    """How a Stripe customer is known in look-ups; None for none."""
    return None if customer_id is None else crypto.lookup_hash(lookup_key, "customer", customer_id.encode())
