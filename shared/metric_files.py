"""The files in which the processes of one folder count (PROMETHEUS_MULTIPROC_DIR), summed, and kept from growing.

prometheus-client gives each process files of its own and never takes one away. A worker's child is replaced after a
thousand tasks, so in a year they would be hundreds of thousands, each read at every scrape. What dead processes counted
is added up in one file; under a lock, so that no scrape sees it twice or not at all.
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SUMMED = "summed"
# Counters and histograms add up. What a dead process last said of itself by a live gauge is of no interest.
_ADDED = re.compile(r"(counter|histogram)_(\d+)\.db")
_DROPPED = re.compile(r"gauge_live\w*_(\d+)\.db")
_MOST_FILES = 64


class Summed(Collector):
    """All that the folder's processes count, the dead ones too."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def collect(self) -> Iterator[Metric]:
        with _locked(self._folder):
            if sum(1 for _ in self._folder.glob("*.db")) > _MOST_FILES:
                _gather(self._folder)
            collector = MultiProcessCollector(None, str(self._folder))  # type: ignore[no-untyped-call]
            yield from collector.collect()  # type: ignore[no-untyped-call]


def gather(folder: Path) -> int:
    """Add up what dead processes counted; how many files that took away."""
    with _locked(folder):
        return _gather(folder)


def _gather(folder: Path) -> int:
    gone = 0
    for path in sorted(folder.iterdir()):
        added, dropped = _ADDED.fullmatch(path.name), _DROPPED.fullmatch(path.name)
        if added and _is_gone(int(added[2])):
            _add(path, folder / f"{added[1]}_{_SUMMED}.db")
        elif not (dropped and _is_gone(int(dropped[1]))):
            continue
        path.unlink()
        gone += 1
    return gone


def _add(path: Path, to: Path) -> None:
    """Into a copy that then takes the place of the sum, so that a death in the middle spoils nothing.

    Between that and taking the file away it would be counted twice; no more than a figure rests on it.
    """
    copy = to.with_suffix(".new")
    copy.unlink(missing_ok=True)
    if to.exists():
        copy.write_bytes(to.read_bytes())
    held = MmapedDict(str(copy))  # type: ignore[no-untyped-call]
    for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path)):  # type: ignore[no-untyped-call]
        before, stamp = held.read_value(key)  # type: ignore[no-untyped-call]
        held.write_value(key, before + value, stamp)  # type: ignore[no-untyped-call]
    held.close()  # type: ignore[no-untyped-call]
    copy.replace(to)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # another user's, and alive
        return False
    return False


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Whoever scrapes another door of this folder waits; those who count do not."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
