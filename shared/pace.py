"""How fast a long piece of work goes: evenly, never in a burst, and ready to stop."""

from collections.abc import Callable

_MOST_IN_A_BATCH = 500
_BATCHES_PER_SECOND = 4
_LOOK_SECONDS = 0.1  # how long a wish to stop may go unseen while waiting


class Pace:
    """Spreads batches over time; `clock` is monotonic, `stopped` tells of a wish to stop."""

    def __init__(
        self,
        per_second: float | None,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], object],
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._per_second = per_second
        self._clock = clock
        self._sleep = sleep
        self._stopped = stopped
        self._due = clock()

    @property
    def batch_size(self) -> int:
        """Small where the pace is slow, so that it is even; bounded where there is none."""
        if self._per_second is None:
            return _MOST_IN_A_BATCH
        return max(1, min(_MOST_IN_A_BATCH, round(self._per_second / _BATCHES_PER_SECOND)))

    def ready(self, count: int) -> bool:
        """Wait until so many may go; False when a stop was asked for. What was late is not caught up with."""
        while not self._stopped():
            left = self._due - self._clock()
            if left <= 0:
                self._due = self._clock() + (count / self._per_second if self._per_second else 0)
                return True
            self._sleep(min(left, _LOOK_SECONDS))
        return False
