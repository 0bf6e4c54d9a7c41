"""The answer about access within its time, whatever is down: computed, else the last known, else the safe default."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from shared import access
from shared.access_cache import Memory
from shared.access_document import Document, document, safe_default, stale
from shared.bounded import Bounded, Limits, Transactions
from shared.db import Connection
from shared.errors import TransientError
from shared.rules.access import Known, decide
from shared.rules.standing import Policy

log = structlog.get_logger(__name__)

__all__ = ["AccessAnswers", "Limits", "Transactions"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AccessAnswers:
    """One for each process. Never raises, and never waits longer than its budget.

    `stores` asks PostgreSQL within the same budget: it serves whatever else an answer needs, as who it is that asks.
    """

    def __init__(
        self, pool: Transactions, cache: Memory, policy: Policy, *, limits: Limits | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:  # fmt: skip
        self.stores = Bounded(pool, limits or Limits())
        self._cache = cache
        self._policy = policy
        self._clock = clock

    def answer(self, user_id: str, *, began: float | None = None) -> Document:
        """The body of `GET /api/access/{userId}`, marked `degraded` where it was not computed now.

        `began`, on the monotonic clock: when the caller began to wait, where that was earlier.
        """
        try:
            return self.stores.ask(lambda conn: self._compute(conn, user_id), began=began)
        except TransientError:
            return self._fallback(user_id)
        except Exception:  # a bug of ours must not stand between a person and care
            log.exception("an answer about access could not be computed", action="access.failed")
            return self._fallback(user_id)

    def unknown(self, user_id: str) -> Document:
        """For somebody nobody told us of: what everybody has."""
        at = self._clock()
        return document(user_id, decide(Known(), self._policy, at), at)

    def to_anybody(self) -> Document:
        """When it cannot be known who asks: no word of it is about anybody."""
        return safe_default(None, self._clock())

    def close(self) -> None:
        self.stores.close()

    def _compute(self, conn: Connection, user_id: str) -> Document:
        reading = access.read(conn, user_id)
        if reading is None:  # nothing worth remembering
            return self.unknown(user_id)
        found = document(user_id, reading.decide(self._policy), reading.at)
        self._cache.keep(user_id, found, as_of=reading.at)
        return found

    def _fallback(self, user_id: str) -> Document:
        try:
            known = self._cache.find(user_id)
            return safe_default(user_id, self._clock()) if known is None else stale(known)
        except Exception:
            log.exception("the last known answer could not be read", action="access.failed")
            return safe_default(user_id, self._clock())
