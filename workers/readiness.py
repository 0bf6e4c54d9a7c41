"""How a process without a port says that it is ready: a file under CARELANE_HOME/run/ready, named for the process."""

import os
from pathlib import Path


def announce(home: Path) -> None:
    name = os.environ.get("CARELANE_PROCESS")
    if name:
        folder = home / "run" / "ready"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
