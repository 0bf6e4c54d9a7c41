"""A small process that outlives the supervisor by seconds and ends what it left: run as a file, standard library only.

It holds the reading end of a pipe of which only the supervisor holds the writing end. Lines: `+PID SIGNAL` watches the
process group that this process leads, `-PID` forgets it. When the pipe ends the supervisor is gone, however it went.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

_PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.05


def watched(lines: Iterable[str]) -> dict[int, int]:
    """What is left to end after these lines: group by group, the signal that asks it to stop."""
    left: dict[int, int] = {}
    for line in lines:
        words = line.split()
        if line.startswith("+") and len(words) > 1:
            left[int(words[0][1:])] = int(words[1])
        elif line.startswith("-") and words:
            left.pop(int(words[0][1:]), None)
    return left


def exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group of zombies
        return False
    return True


def ask(leader: int, number: int) -> None:
    """Signal the leader, which knows how to end its own; the whole group where the leader has gone."""
    for send in (os.kill, os.killpg):
        try:
            send(leader, number)
        except (ProcessLookupError, PermissionError):
            continue
        return


def end(left: dict[int, int], *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
    """Ask every group to stop, wait a little, kill what remains."""
    for leader, number in left.items():
        ask(leader, number)
    deadline = time.monotonic() + patience_seconds
    remaining = [group for group in left if exists(group)]
    while remaining and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
        remaining = [group for group in remaining if exists(group)]
    for group in remaining:
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    end(watched(sys.stdin))
    return 0


if __name__ == "__main__":
    sys.exit(main())
