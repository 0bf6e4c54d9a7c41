"""A token bucket: how often we may ask. Safe between threads; one for each process."""

import threading
from collections.abc import Callable


class Bucket:
    """Fills evenly up to `burst`; a Retry-After empties it until then. `clock` is monotonic."""

    def __init__(
        self, per_second: float, *, burst: int, clock: Callable[[], float], sleep: Callable[[float], object]
    ) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens = float(burst)
        self._counted_at = clock()

    def take(self) -> None:
        """Wait for a token, and take it."""
        wait = self._reserve()
        if wait > 0:
            self._sleep(wait)

    def pause(self, seconds: float) -> None:
        """Nobody takes one for so long."""
        with self._lock:
            self._fill()
            self._tokens = min(self._tokens, 1 - seconds * self._per_second)

    def _reserve(self) -> float:
        """Who comes while there is none goes into debt, and waits for its own token: nobody is passed by."""
        with self._lock:
            self._fill()
            self._tokens -= 1
            return max(0.0, -self._tokens / self._per_second)

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._counted_at) * self._per_second)
        self._counted_at = now
