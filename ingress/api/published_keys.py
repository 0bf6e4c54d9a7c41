"""The keys that an identity provider publishes (JWKS, RFC 7517), fetched aside so that no call waits for long."""

import threading
import time
import urllib.request
from collections.abc import Callable, Mapping

import jwt
import orjson
import structlog

from shared.errors import TransientError

log = structlog.get_logger(__name__)

_TIMEOUT_SECONDS = 3.0
_LARGEST_BYTES = 256 * 1024
_FRESH_SECONDS = 600.0  # then they are fetched again, while the old ones go on serving
_MOST_WAITING = 2  # a caller who makes up key ids must not hold every thread while the source is slow
_APART_SECONDS = 10.0  # a caller who makes up key ids must not have us ask without end

Fetch = Callable[[str], bytes]


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - the operator's own setting
        found: bytes = answer.read(_LARGEST_BYTES)
    return found


class PublishedKeys:
    """One for each process. What was fetched once serves for as long as nothing newer comes."""

    def __init__(self, url: str, *, fetch: Fetch = fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Mapping[str | None, jwt.PyJWK] = {}
        self._fetched_at = self._asked_at = -float("inf")
        self._asking: threading.Thread | None = None
        self._may_wait = threading.BoundedSemaphore(_MOST_WAITING)

    def begin(self) -> None:
        """Fetch them aside, unless that was tried a moment ago."""
        with self._lock:
            busy = self._asking is not None and self._asking.is_alive()
            if busy or self._clock() - self._asked_at < _APART_SECONDS:
                return
            self._asked_at = self._clock()
            self._asking = threading.Thread(target=self._refresh, name="published-keys", daemon=True)
            self._asking.start()

    def find(self, key_id: str | None, *, wait_seconds: float) -> jwt.PyJWK | None:
        """None when there is no such key; TransientError when that cannot be known now."""
        found = self._keys.get(key_id)
        if found is None or self._clock() - self._fetched_at > _FRESH_SECONDS:
            self.begin()
        if found is None:
            self._wait(wait_seconds)
            found = self._keys.get(key_id)
        if found is None and self._fetched_at < self._asked_at:
            raise TransientError("the identity provider's keys could not be fetched", code="keys_away")
        return found

    def _wait(self, seconds: float) -> None:
        asking = self._asking
        if asking is None or not self._may_wait.acquire(blocking=False):
            return
        try:
            asking.join(seconds)
        finally:
            self._may_wait.release()

    def _refresh(self) -> None:
        try:
            listed = jwt.PyJWKSet.from_dict(orjson.loads(self._fetch(self._url))).keys
        except (OSError, ValueError, TypeError, AttributeError, jwt.PyJWTError) as error:
            log.warning(
                "the identity provider's keys could not be fetched", action="api.keys", kind=type(error).__name__
            )
            return
        self._keys = {key.key_id: key for key in listed}
        self._fetched_at = self._clock()
