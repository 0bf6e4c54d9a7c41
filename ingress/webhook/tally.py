"""What was refused, by code and source, gathered for the audit trail: a flood becomes a few lines with counts."""

import threading
from collections import Counter
from collections.abc import Mapping

OTHERS = "others"


class Tally:
    """Bounded: beyond `most` pairs the sources of a code are counted together."""

    def __init__(self, most: int = 50) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, code: str, source: str) -> None:
        with self._lock:
            self._add((code, source), 1)

    def take(self) -> Mapping[tuple[str, str], int]:
        """What has gathered since the last time."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken

    def put_back(self, taken: Mapping[tuple[str, str], int]) -> None:
        """What could not be written down is told later."""
        with self._lock:
            for pair, count in taken.items():
                self._add(pair, count)

    def _add(self, pair: tuple[str, str], count: int) -> None:
        if pair not in self._counts and len(self._counts) >= self._most:
            pair = (pair[0], OTHERS)
        self._counts[pair] += count
