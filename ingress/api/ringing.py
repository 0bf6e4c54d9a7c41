"""Rings for rows that now go first, aside: no caller waits for a broker that is frozen or gone."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from shared import doorbells
from shared.broker import MOST_IDS, Nudge
from shared.config import Settings

_TIMEOUT_SECONDS = 0.5
_LANE = "crisis"


class Ringing:
    """One for each process; without a broker it rings for nobody, and the relay finds the rows within half a second."""

    def __init__(self, settings: Settings) -> None:
        self._doorbell = doorbells.of(settings, timeout_seconds=_TIMEOUT_SECONDS)
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="ring")

    def ring(self, rows: Sequence[int], urgency: int) -> None:
        doorbell = self._doorbell
        if doorbell is not None and doorbell.expects_to_ring(urgency):
            nudges = [
                Nudge(tuple(rows[start : start + MOST_IDS]), _LANE, urgency) for start in range(0, len(rows), MOST_IDS)
            ]
            self._aside.submit(doorbell.ring, nudges)

    def ask(self, task: str, row_id: str) -> None:
        """Without a broker nobody is asked, and who waits is told so."""
        if self._doorbell is not None:
            self._aside.submit(self._doorbell.ask, task, row_id)

    def close(self) -> None:
        self._aside.shutdown(wait=True)
        if self._doorbell is not None:
            self._doorbell.close()
