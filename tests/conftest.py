"""For all tests: where they keep what they make, and how logs and logged exceptions are told."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback

# A cluster for each test is a matter of the disk alone.
_IN_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 6 * 2**30


def pytest_configure() -> None:
    for step in structlog.get_config()["processors"]:
        if isinstance(step, ConsoleRenderer):
            # One with the values of all variables takes longer than many a limit that is tested.
            step.exception_formatter = plain_traceback
    has_room = os.access(_IN_MEMORY, os.W_OK) and shutil.disk_usage(_IN_MEMORY).free > _ROOM_BYTES
    if has_room:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_IN_MEMORY))


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """A command that is called in this process sets where logs go; the next test finds them where they were."""
    before = dict(structlog.get_config())
    yield
    structlog.configure(**before)
