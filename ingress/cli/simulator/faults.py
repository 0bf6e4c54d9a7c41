"""How the stand-in misbehaves: by a script, one fault a request, or by chance with a seed."""

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal

# `busy` answers 429, `refused` 403, `half` cuts an answer short, `broken` the connection in the middle of one, `silent`
# gives none until the caller has gone.
Fault = Literal["busy", "refused", "error", "silent", "slow", "garbage", "half", "broken"]


@dataclass
class Faults:
    """`script` goes first, None in it is a good answer; then each fault by its share. `asked` counts requests."""

    script: Iterable[Fault | None] = ()
    shares: Mapping[Fault, float] = field(default_factory=dict)
    retry_after: str | None = "1"
    slow_seconds: float = 0.3
    silent_seconds: float = 30.0
    seed: int = 1
    asked: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._random = Random(self.seed)  # noqa: S311 - chance with a seed, no secret
        self._left: deque[Fault | None] = deque(self.script)

    def then(self, script: Iterable[Fault | None]) -> None:
        """What comes next, after what is still to come."""
        with self._lock:
            self._left.extend(script)

    def forget(self) -> None:
        """Behave from now on."""
        with self._lock:
            self._left.clear()
            self.shares = {}

    def draw(self) -> Fault | None:
        with self._lock:
            self.asked += 1
            if self._left:
                return self._left.popleft()
            for fault, share in self.shares.items():
                if self._random.random() < share:
                    return fault
            return None
