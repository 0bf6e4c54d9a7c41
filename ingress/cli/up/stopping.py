"""Ctrl-C, SIGTERM and a closed terminal, turned into a wish that the supervisor looks at."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(Exception):
    """A person asked to stop before start-up was through."""


class StopWish:
    """Counts the wishes: the first asks for an orderly stop, a second for a quick one."""

    def __init__(self) -> None:
        self.count = 0
        self._raises = False

    @property
    def is_made(self) -> bool:
        return self.count > 0

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # under nohup a closed terminal is to change nothing
            signal.signal(number, self._note)

    def check(self) -> None:
        if self.is_made:
            raise Stopped

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Within, a wish raises at once: for calls that block and hold no process of ours."""
        self.check()
        self._raises = True
        try:
            yield
        finally:
            self._raises = False

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self._raises:
            self._raises = False
            raise Stopped
