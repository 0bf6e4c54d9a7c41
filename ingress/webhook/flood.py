"""Counts by source what could not be shown to be Stripe's; beyond an allowance such requests are told so.

Only failures are counted and only failures are limited: a request is checked first, and one that is authentic never
meets this count, whatever else came from its address.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

_MINUTE = 60.0


class Flood:
    """An allowance for each source that fills up again over a minute; 0 a minute: nothing is limited.

    The least recently seen sources are forgotten beyond `most_sources`: each of them begins anew.
    """

    def __init__(self, per_minute: int, *, clock: Callable[[], float], most_sources: int = 10_000) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._most_sources = most_sources
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._limited_at: float | None = None

    def is_limited_after(self, source: str) -> bool:
        """Count one failure; whether it is beyond the allowance."""
        if not self._per_minute:
            return False
        now = self._clock()
        with self._lock:
            left = self._allowance(source, now)
            limited = left < 1
            self._left[source] = (left if limited else left - 1, now)
            self._left.move_to_end(source)
            if len(self._left) > self._most_sources:
                self._left.popitem(last=False)
            self._limited_at = now if limited else self._limited_at
        return limited

    def is_limited(self, source: str) -> bool:
        """Without counting."""
        with self._lock:
            return bool(self._per_minute) and self._allowance(source, self._clock()) < 1

    @property
    def is_raging(self) -> bool:
        """Whether any source was limited within the last minute; it spares the look-up while nothing is."""
        return self._limited_at is not None and self._clock() - self._limited_at < _MINUTE

    @property
    def sources(self) -> int:
        return len(self._left)

    def _allowance(self, source: str, now: float) -> float:
        left, since = self._left.get(source, (float(self._per_minute), now))
        return min(float(self._per_minute), left + max(0.0, now - since) * self._per_minute / _MINUTE)
