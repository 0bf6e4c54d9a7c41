"""The demonstration at the end of start-up: `carelane demo` as a process of its own, on a short leash."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from ingress.cli.up.report import Report
from ingress.cli.up.stopping import StopWish
from ingress.cli.up.supervisor import Supervisor

_LONGEST_SECONDS = 60.0
_COMMAND = (sys.executable, "-m", "ingress.cli.main", "demo")


def play(
    values: Mapping[str, str],
    *,
    supervisor: Supervisor,
    wish: StopWish,
    report: Report,
    command: Sequence[str] = _COMMAND,
) -> None:
    """Its output goes to the terminal; whatever becomes of it, Carelane runs on."""
    process = subprocess.Popen(
        command, env=dict(os.environ) | dict(values), stdin=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + _LONGEST_SECONDS
    while process.poll() is None and time.monotonic() < deadline and not wish.is_made:
        supervisor.step()
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if not wish.is_made:
            report.trouble(f"The demonstration took longer than {_LONGEST_SECONDS:.0f} s and was ended.")
    elif process.returncode:
        report.trouble(f"The demonstration ended with code {process.returncode}; Carelane runs on.")
