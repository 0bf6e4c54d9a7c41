"""What runs here under `carelane up`: the supervisor's note, believed only as far as its processes still live."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.processes import identity


@dataclass(frozen=True, slots=True)
class Noted:
    """`pid` is None unless that very process lives; `restarts` is how often it came back."""

    name: str
    pid: int | None
    ready: bool
    restarts: int
    is_service: bool


@dataclass(frozen=True, slots=True)
class RollingRestart:
    """The rolling restart in hand or the last one; `now` is what is being replaced, `failed` says why it ended."""

    id: str
    done: tuple[str, ...]
    now: str | None
    left: tuple[str, ...]
    failed: str | None
    over: bool


@dataclass(frozen=True, slots=True)
class Running:
    """`supervisor` is None when it is gone, whatever it left."""

    supervisor: int | None
    processes: tuple[Noted, ...]
    restart: RollingRestart | None


def read(home: Path) -> Running | None:
    """The note in this home, None where there is none that can be read."""
    try:
        noted = json.loads((home / "run" / "processes.json").read_text(encoding="utf-8"))
        restart = noted.get("restart")
        return Running(
            supervisor=_still(noted["supervisor"], noted.get("identity")),
            processes=tuple(_process(entry) for entry in noted["processes"]),
            restart=_restart(restart) if restart else None,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _still(pid: int | None, who: str | None) -> int | None:
    return pid if pid is not None and who is not None and identity(pid) == who else None


def _process(entry: Mapping[str, Any]) -> Noted:
    pid = _still(entry["pid"], entry["identity"])
    return Noted(entry["name"], pid, pid is not None and entry["ready"], entry["restarts"], entry.get("service", False))


def _restart(entry: Mapping[str, Any]) -> RollingRestart:
    done, left = tuple(entry["done"]), tuple(entry["left"])
    return RollingRestart(entry["id"], done, entry["now"], left, entry["failed"], entry["over"])
