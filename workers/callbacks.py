"""Sends callbacks, signed per Standard Webhooks; each endpoint has senders of its own, one for people in danger.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import random
import threading
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

import orjson
import structlog
from standardwebhooks import Webhook

from shared import processes
from shared.callback_urls import target_of
from shared.db import Pool
from shared.errors import IntegrityError, TransientError
from shared.moments import iso
from shared.rules.callback_pace import Again, GiveUp, after_failure
from shared.rules.callback_targets import Network
from workers import callback_ledger, callback_traces, metrics
from workers.callback_ledger import Claimed, Failed
from workers.callback_post import Answered, Unanswered, post

log = structlog.get_logger(__name__)

# Beyond the longest post: the look-up of a name has no deadline but the resolver's own.
_LEASE_MARGIN_SECONDS = 45
_RESCUE_SECONDS = 1.0
_MOST_CLOSING_SECONDS = 20.0  # who stops a process waits for thirty
_SENDERS = 2  # for each endpoint, besides the one for people in danger


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What a sender needs. `clock` gives the time that signatures bear."""

    pool: Pool
    key: bytes = field(repr=False)
    networks: Sequence[Network]
    seconds: float
    worker: str
    random: Callable[[], float] = random.random
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def send_next(self, endpoint_id: uuid.UUID, *, urgent_only: bool = False) -> bool:
        """Send the next that is due of this endpoint; False when there is none."""
        lease_seconds = self.seconds + _LEASE_MARGIN_SECONDS
        with self.pool.transaction() as conn:
            claimed = callback_ledger.claim(
                conn, endpoint_id, worker=self.worker, lease_seconds=lease_seconds, urgent_only=urgent_only
            )
        if claimed is None:
            return False
        with callback_traces.of(claimed):
            result = self._post(claimed)
            if isinstance(result, Answered) and HTTPStatus.OK <= result.status < HTTPStatus.MULTIPLE_CHOICES:
                self._deliver(claimed)
            else:
                self._fail(claimed, result)
        return True

    def _post(self, claimed: Claimed) -> Answered | Unanswered:
        body = orjson.dumps({"type": claimed.kind, "timestamp": iso(claimed.told_at), "data": claimed.data})
        try:
            target = target_of(claimed.url, allows_http=bool(self.networks))
            headers = self._headers(claimed, body)
        except ValueError:
            return Unanswered("address_not_allowed")
        except IntegrityError:
            return Unanswered("secret_unreadable")
        return post(target, body, headers, networks=self.networks, seconds=self.seconds)

    def _headers(self, claimed: Claimed, body: bytes) -> dict[str, str]:
        with self.pool.transaction() as conn:
            secrets = callback_ledger.secrets(conn, claimed.endpoint_id, self.key)
        now, name = self.clock(), f"notice_{claimed.notice_id}"
        return {
            "Content-Type": "application/json",
            "User-Agent": "Carelane",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(Webhook(secret).sign(name, now, body.decode()) for secret in secrets),
            **callback_traces.headers(),
        }

    def _deliver(self, claimed: Claimed) -> None:
        with self.pool.transaction() as conn:
            is_ours = callback_ledger.deliver(conn, claimed)
        metrics.CALLBACKS.labels("delivered" if is_ours else "fenced").inc()

    def _fail(self, claimed: Claimed, result: Answered | Unanswered) -> None:
        reason = f"status_{result.status}" if isinstance(result, Answered) else result.code
        decision: Again | GiveUp = after_failure(
            claimed.attempts,
            tried_seconds=claimed.tried_seconds,
            is_urgent=claimed.is_urgent,
            chance=self.random(),
            wish_seconds=result.retry_after_seconds if isinstance(result, Answered) else None,
        )
        with self.pool.transaction() as conn:
            failed = callback_ledger.fail(conn, claimed, decision, reason=reason)
        _tell(claimed, failed, reason)


def _tell(claimed: Claimed, failed: Failed | None, reason: str) -> None:
    if failed is None:
        metrics.CALLBACKS.labels("fenced").inc()
        return
    metrics.CALLBACKS.labels("dead" if failed.is_dead else "failed").inc()
    say = log.error if failed.is_dead else log.info
    named = {"name": claimed.name, "kind": claimed.kind, "row_id": claimed.id, "reason_code": reason}
    say("a callback was not taken", action="callback.dead" if failed.is_dead else "callback.failed", **named)
    if failed.disables:
        metrics.CALLBACK_ENDPOINTS_DISABLED.inc()
        log.error("an endpoint is no longer called", action="callback.disabled", **named)


class Senders:
    """Threads that send, begun where something is due; each ends when nothing is left for it."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._busy: dict[tuple[uuid.UUID, bool], int] = {}
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._next_rescue = 0.0

    def look(self, pool: Pool, in_danger: Collection[str] = ()) -> bool:
        """Hand what was told to the endpoints, and see that somebody sends it; whether there may be more to hand.

        Over a pool of the caller's, who waits for no sender; `in_danger` are recipients of something urgent. Raises
        TransientError.
        """
        self._rescue(pool)
        with pool.transaction() as conn:
            moved = callback_ledger.hand(conn, in_danger)
        with pool.transaction() as conn:
            found = callback_ledger.due(conn)
        for endpoint_id, is_urgent in found.items():
            self._begin(endpoint_id, urgent_only=False)
            if is_urgent:
                self._begin(endpoint_id, urgent_only=True)
        return bool(moved)

    def close(self) -> None:
        """What is being sent is waited for: left alone, it would be sent again by the next process."""
        self._closed.set()
        with self._changed:
            self._changed.wait_for(lambda: not any(self._busy.values()), timeout=_MOST_CLOSING_SECONDS)
        self._sending.pool.close()

    def _rescue(self, pool: Pool) -> None:
        """What a sender held that was killed goes on at once; one elsewhere has its lease."""
        now = time.monotonic()
        if now >= self._next_rescue:
            self._next_rescue = now + _RESCUE_SECONDS
            with pool.transaction() as conn:
                callback_ledger.release_lost(conn, processes.is_gone)

    def _begin(self, endpoint_id: uuid.UUID, *, urgent_only: bool) -> None:
        key = (endpoint_id, urgent_only)
        with self._changed:
            if self._busy.get(key, 0) >= (1 if urgent_only else _SENDERS):
                return
            self._busy[key] = self._busy.get(key, 0) + 1
        threading.Thread(target=self._work, args=key, name="callbacks", daemon=True).start()

    def _work(self, endpoint_id: uuid.UUID, urgent_only: bool) -> None:  # noqa: FBT001 - the key of its count
        try:
            while not self._closed.is_set() and self._sending.send_next(endpoint_id, urgent_only=urgent_only):
                pass
        except TransientError as error:
            log.info("a callback waits for the database", action="callback.later", code=error.code)
        except Exception:  # it is sent again when its lease has ended
            log.exception("a callback could not be sent", action="callback.error")
        finally:
            with self._changed:
                self._busy[endpoint_id, urgent_only] -= 1
                self._changed.notify_all()
