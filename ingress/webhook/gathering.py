"""Which nudges go out now, and in how many messages. Pure: the time comes in."""

from collections.abc import Sequence

from shared.broker import MOST_IDS, Nudge
from shared.rules.lanes import STANDARD

WINDOW_SECONDS = 0.01

# While messages lie unread, one more of a few rows is read no sooner; what Celery does for each is then saved up.
LAGGING_WINDOW_SECONDS = 0.1
_LAGGING = 3  # messages in the list, the last one counted: each of the two workers that serve it has one before it


class Gathering:
    """Rows of the crisis lane go out at once, each in its own message.

    Of the others the first goes out at once too; what follows within the window goes out together at its end.
    """

    def __init__(self) -> None:
        self._at_once: list[Nudge] = []
        self._gathered: dict[tuple[str, int], list[int]] = {}
        self._opens_at = 0.0
        self._taken_at = 0.0

    def add(self, row_id: int, lane: str, urgency: int) -> None:
        if (lane, urgency) == ("standard", STANDARD):
            self._gathered.setdefault((lane, urgency), []).append(row_id)
        else:
            self._at_once.append(Nudge((row_id,), lane, urgency))

    def due_in(self, now: float) -> float | None:
        """Seconds until something goes out, None when there is nothing."""
        if self._at_once or any(len(row_ids) >= MOST_IDS for row_ids in self._gathered.values()):
            return 0.0
        return max(0.0, self._opens_at - now) if self._gathered else None

    def take(self, now: float) -> list[Nudge]:
        """What goes out now, the most urgent first."""
        nudges = sorted(self._at_once, key=lambda nudge: -nudge.urgency)
        self._at_once = []
        if self._gathered and self.due_in(now) == 0:
            for (lane, urgency), row_ids in self._gathered.items():
                nudges += [Nudge(part, lane, urgency) for part in _parts(row_ids)]
            self._gathered = {}
            self._taken_at = now
            self._opens_at = now + WINDOW_SECONDS
        return nudges

    def note_waiting(self, messages: int) -> None:
        """How many messages the list of the gathered rows held after the last ones went out."""
        if messages >= _LAGGING:
            self._opens_at = self._taken_at + LAGGING_WINDOW_SECONDS


def _parts(row_ids: Sequence[int]) -> list[tuple[int, ...]]:
    return [tuple(row_ids[at : at + MOST_IDS]) for at in range(0, len(row_ids), MOST_IDS)]
