"""Whose the token of a call is; what was known of a token lately serves while PostgreSQL is away."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from ingress.api.identities import Identities
from ingress.api.principals import Principal
from ingress.api.problems import Problem
from shared import tokens
from shared.access_document import Document
from shared.db import Connection
from shared.errors import TransientError
from shared.tokens import Grant, Refused

Check = Callable[[Connection], Grant | Refused]
Ask = Callable[[Check], Grant | Refused]

_FRESH_SECONDS = 5.0  # a revoked token works for so long at most, as long as PostgreSQL answers
_MOST_KNOWN = 1_000
_REMEMBERED_DAYS = 1
_PROBLEMS = {"unknown": "INVALID_TOKEN", "expired": "EXPIRED_TOKEN", "revoked": "REVOKED_TOKEN"}


class Memory(Protocol):
    """Survives a restart: when nothing can be asked, the application still gets its people's last known answers."""

    def keep(self, user_id: str, document: Document) -> None: ...
    def find(self, user_id: str) -> Document | None: ...


class Credentials:
    """One for each process."""

    def __init__(
        self, lookup_key: bytes, identities: Identities, memory: Memory, *, today: Callable[[], datetime] | None = None
    ) -> None:
        self._lookup_key = lookup_key
        self._identities = identities
        self._memory = memory
        self._today = today or (lambda: datetime.now(UTC))
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
        found = self._grant(tokens.hashed(self._lookup_key, token), ask)
        if isinstance(found, Refused):
            raise Problem(_PROBLEMS[found.code])
        return Principal(name=found.name, scopes=found.scopes)

    def _grant(self, token_hash: bytes, ask: Ask) -> Grant | Refused:
        fresh = self._fresh(token_hash)
        if fresh is not None:
            return fresh
        try:
            found = ask(lambda conn: tokens.check(conn, token_hash))
        except TransientError:
            remembered = self._remembered(token_hash)
            if remembered is None:
                raise
            return remembered
        self._remember(token_hash, found)
        return found

    def _fresh(self, token_hash: bytes) -> Grant | None:
        with self._lock:
            known = self._known.get(token_hash)
        return known[1] if known is not None and time.monotonic() - known[0] < _FRESH_SECONDS else None

    def _remember(self, token_hash: bytes, found: Grant | Refused) -> None:
        with self._lock:
            self._known.pop(token_hash, None)
            if isinstance(found, Grant):
                self._known[token_hash] = (time.monotonic(), found)
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        if isinstance(found, Grant):
            self._memory.keep(token_hash.hex(), self._written(found))
        elif found.code != "unknown":
            self._memory.keep(token_hash.hex(), {"name": None})

    def _written(self, found: Grant) -> Document:
        # By the day, so that it is not written anew at every check.
        return {"name": found.name, "scopes": sorted(found.scopes), "day": self._today().date().toordinal()}

    def _remembered(self, token_hash: bytes) -> Grant | None:
        known = self._memory.find(token_hash.hex()) or {}
        name, scopes, day = known.get("name"), known.get("scopes"), known.get("day")
        if not isinstance(name, str) or not isinstance(scopes, list) or not isinstance(day, int):
            return None
        is_recent = self._today().date().toordinal() - day <= _REMEMBERED_DAYS
        return Grant(name, frozenset(map(str, scopes))) if is_recent else None
