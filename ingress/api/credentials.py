"""Whose the token of a call is; what was known of a token lately serves while PostgreSQL is away."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ingress.api.identities import Identities
from ingress.api.principals import Principal
from ingress.api.problems import Problem
from shared import tokens
from shared.access_cache import Memory
from shared.db import Connection
from shared.errors import TransientError
from shared.moments import iso
from shared.tokens import Grant, Refused

Check = Callable[[Connection], Grant | Refused]
Ask = Callable[[Check], Grant | Refused]

_FRESH_SECONDS = 5.0  # a revoked token works for so long at most, as long as PostgreSQL answers
_MOST_KNOWN = 1_000
_REMEMBERED = timedelta(days=1)
_PROBLEMS = {"unknown": "INVALID_TOKEN", "expired": "EXPIRED_TOKEN", "revoked": "REVOKED_TOKEN"}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Credentials:
    """One for each process. `memory` survives a restart: people's last known answers are given to whom it knows."""

    def __init__(
        self, lookup_key: bytes, identities: Identities, memory: Memory, *, clock: Callable[[], datetime] = _utc_now
    ) -> None:
        self._lookup_key = lookup_key
        self._identities = identities
        self._memory = memory
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, tuple[float, Grant]] = OrderedDict()

    def check(self, header: str | None, ask: Ask, *, wait_seconds: float) -> Principal:
        """Raises Problem for a token that is not good, TransientError for one that cannot be checked now."""
        scheme, _, token = (header or "").strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Problem("MISSING_TOKEN")
        if not token.isascii():
            raise Problem("INVALID_TOKEN")
        if not token.startswith(tokens.PREFIX):
            return self._identities.read(token, wait_seconds=wait_seconds)
        if not tokens.may_be_ours(self._lookup_key, token):
            raise Problem("INVALID_TOKEN")
        found = self._grant(tokens.hashed(self._lookup_key, token), ask)
        if isinstance(found, Refused):
            raise Problem(_PROBLEMS[found.code])
        return Principal(name=found.name, scopes=found.scopes)

    def _grant(self, token_hash: bytes, ask: Ask) -> Grant | Refused:
        now = self._clock()
        fresh = self._fresh(token_hash, now)
        if fresh is not None:
            return fresh
        try:
            found = ask(lambda conn: tokens.check(conn, token_hash))
        except TransientError:
            remembered = self._remembered(token_hash, now)
            if remembered is None:
                raise
            return remembered
        self._remember(token_hash, found, now)
        return found

    def _fresh(self, token_hash: bytes, now: datetime) -> Grant | None:
        with self._lock:
            known = self._known.get(token_hash)
        if known is None or time.monotonic() - known[0] >= _FRESH_SECONDS or _has_expired(known[1], now):
            return None
        return known[1]

    def _remember(self, token_hash: bytes, found: Grant | Refused, now: datetime) -> None:
        with self._lock:
            self._known.pop(token_hash, None)
            if isinstance(found, Grant):
                self._known[token_hash] = (time.monotonic(), found)
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        if isinstance(found, Grant):
            about = {"name": found.name, "scopes": sorted(found.scopes), "expiresAt": iso(found.expires_at)}
            self._memory.keep(token_hash.hex(), {**about, "asOf": iso(now)}, as_of=now)
        elif found.code != "unknown":
            self._memory.keep(token_hash.hex(), {"name": None}, as_of=now)

    def _remembered(self, token_hash: bytes, now: datetime) -> Grant | Refused | None:
        known = self._memory.find(token_hash.hex()) or {}
        name, scopes, checked_at = known.get("name"), known.get("scopes"), _moment(known.get("asOf"))
        if not isinstance(name, str) or not isinstance(scopes, list):
            return None
        if checked_at is None or abs(now - checked_at) > _REMEMBERED:
            return None
        grant = Grant(name, frozenset(map(str, scopes)), _moment(known.get("expiresAt")))
        return Refused("expired") if _has_expired(grant, now) else grant


def _has_expired(grant: Grant, now: datetime) -> bool:
    return grant.expires_at is not None and grant.expires_at <= now


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
