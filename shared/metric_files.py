"""The files in which the processes of one folder count (PROMETHEUS_MULTIPROC_DIR), summed, and kept from growing.

prometheus-client gives each process files of its own and never takes one away. Every restart and every
replaced child would leave some for ever, each read at every scrape. What dead processes counted
is put together in one file of each sort; under a lock, so that no scrape sees it twice or not at all.
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_TOGETHER = "together"
_MOST_FILES = 64
_FILE = re.compile(r"(counter|histogram|gauge_\w+?)_(\d+)\.db")

# A value with the time at which it was set, which only some gauges know.
Value = tuple[float, float]


def _added(one: Value, other: Value) -> Value:
    return one[0] + other[0], max(one[1], other[1])


def _newest(one: Value, other: Value) -> Value:
    return max(one, other, key=lambda value: value[1])


# How what the dead counted is put together, by the sort of file. What they last said of themselves by a live gauge is
# of no interest; of other gauges each process is told apart, so those files stay.
_PUT_TOGETHER: Mapping[str, Callable[[Value, Value], Value]] = MappingProxyType({
    "counter": _added,
    "histogram": _added,
    "gauge_sum": _added,
    "gauge_max": max,
    "gauge_min": min,
    "gauge_mostrecent": _newest,
})  # fmt: skip


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
    """Put together what dead processes counted; how many files that took away."""
    with _locked(folder):
        return _gather(folder)


def _gather(folder: Path) -> int:
    gone = 0
    for path in sorted(folder.iterdir()):
        found = _FILE.fullmatch(path.name)
        if found is None or not _is_gone(int(found[2])):
            continue
        sort = found[1]
        if sort in _PUT_TOGETHER:
            _put(path, folder / f"{sort}_{_TOGETHER}.db", _PUT_TOGETHER[sort])
        elif not sort.startswith("gauge_live"):
            continue
        path.unlink()
        gone += 1
    return gone


def _put(path: Path, to: Path, together: Callable[[Value, Value], Value]) -> None:
    """Written anew, it then takes the place of what was there, so that a death in the middle spoils nothing.

    Between that and taking the file away it would be counted twice; no more than a figure rests on it.
    """
    held = dict(_values(to)) if to.exists() else {}
    for key, found in _values(path):
        held[key] = together(held[key], found) if key in held else found
    copy = to.with_suffix(".new")
    copy.unlink(missing_ok=True)
    written = MmapedDict(str(copy))  # type: ignore[no-untyped-call]
    for key, (value, stamp) in held.items():
        written.write_value(key, value, stamp)  # type: ignore[no-untyped-call]
    written.close()  # type: ignore[no-untyped-call]
    copy.replace(to)


def _values(path: Path) -> Iterator[tuple[str, Value]]:
    for key, value, stamp, _ in MmapedDict.read_all_values_from_file(str(path)):  # type: ignore[no-untyped-call]
        yield key, (value, stamp)


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
