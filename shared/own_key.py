"""The key by which this process seals: made anew every hour, stored wrapped before its first use."""

import threading
import time

from shared import crypto, data_keys
from shared.db import Pool
from shared.errors import TransientError

_RENEWAL_SECONDS = 2.0
_ANOTHER_TRY_SECONDS = 60


class OwnKey:
    """One for each process; safe to share between its threads."""

    def __init__(self, pool: Pool, public_key: bytes) -> None:
        self._pool = pool
        self._public_key = public_key
        self._renewing = threading.Lock()
        self._held: crypto.DataKey | None = None
        self._ends = 0.0

    def current(self) -> crypto.DataKey:
        """The key to seal with: a body whose key was not stored could never be read.

        One thread renews it. Meanwhile, and while PostgreSQL does not take the new one, the old one serves on.
        """
        held = self._held
        if held is not None and time.monotonic() < self._ends:
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
        if self._held is not None and self._held is not held:
            return self._held  # another thread was here first
        fresh, lasts_seconds = crypto.new_data_key(self._public_key), crypto.DATA_KEY_SECONDS
        try:
            with self._pool.transaction() as conn:
                data_keys.store(conn, fresh)
        except TransientError:
            if held is None:
                raise
            fresh, lasts_seconds = held, _ANOTHER_TRY_SECONDS
        self._held, self._ends = fresh, time.monotonic() + lasts_seconds
        return fresh
