"""Hearing that the process is asked to stop, while answers that do not end by themselves are still being sent."""

import signal
from collections.abc import Callable


def on_stopping(stop: Callable[[], object]) -> None:
    """Hear of the wish itself: granian tells the application after all answers, and streams do not end by themselves.

    Its own handlers stay: the event loop hears of a signal by its wake-up descriptor, whatever Python's handler does.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())
        signal.siginterrupt(number, False)
