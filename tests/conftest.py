"""Where tests keep what they make: in memory, where there is room. A cluster for each is a matter of the disk alone."""

import os
import shutil
from pathlib import Path

_IN_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 6 * 2**30


def pytest_configure() -> None:
    has_room = os.access(_IN_MEMORY, os.W_OK) and shutil.disk_usage(_IN_MEMORY).free > _ROOM_BYTES
    if has_room:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_IN_MEMORY))
