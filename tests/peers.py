"""Programs of the system that some tests run against; `.ci/packages.txt` lists their Debian packages."""

import os
import shutil
from pathlib import Path

import pytest


def need(program: str, *, package: str) -> Path:
    """Where the program is; without it the test skips and says what to install, but in CI it fails."""
    found = shutil.which(program) or (program if Path(program).exists() else None)
    if found is None:
        told = f"{program} is not here; Debian has it in {package}"
        if os.environ.get("CARELANE_TESTS_MUST_NOT_SKIP"):
            pytest.fail(told)
        pytest.skip(told)
    return Path(found)
