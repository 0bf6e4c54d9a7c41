"""One more process beside those of `carelane up`, as on a second machine of the same deployment."""

import subprocess
import sys
from contextlib import contextmanager

from tests.running import ROOT, until


@contextmanager
def process(scene, name, *command, under=()):
    """It has the settings of the others; `under` is a program that runs it, as faketime."""
    environ = scene.carelane.environ | scene.carelane.settings() | {"CARELANE_PROCESS": name}
    log = scene.carelane.home / "logs" / f"{name}.log"
    with log.open("wb") as file:
        started = subprocess.Popen(
            [*under, sys.executable, "-m", *command],
            cwd=ROOT,
            env=environ,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        until(lambda: (scene.carelane.home / "run" / "ready" / name).exists() or started.poll() is not None)
        assert started.poll() is None, log.read_text()
        yield started
    finally:
        started.terminate()
        started.wait(30)
