"""How much of the processor a process may have while others want it too."""

import contextlib
import os
from pathlib import Path

# A tenth of the share of a process that gives way to nobody.
_NICENESS = 10
_AUTOGROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Let others go first: this process, what it starts from now on, and on Linux its whole session.

    Where Linux shares the processor out among sessions first, niceness counts only within each; and every process of a
    Procfile has a session of its own.
    """
    os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    with contextlib.suppress(OSError):  # no Linux, or one without groups: then niceness is all there is
        _AUTOGROUP.write_text(str(_NICENESS))
