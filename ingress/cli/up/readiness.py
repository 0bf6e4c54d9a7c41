"""How a process of the Procfile shows that it is ready, by an answer or a file; how long it may then show no life."""

import http.client
from collections.abc import Callable, Mapping
from pathlib import Path

from ingress.cli import exits
from ingress.cli.up.failure import StartFailed
from shared.own_address import reachable

_TIMEOUT_SECONDS = 1.0
_OK, _PASSWORD_WANTED = 200, 401
_TOUCHES_A_FILE = frozenset({"crisis", "standard", "steady", "relay", "deliver", "beat"})
_STALE_SECONDS = 15
_LEAST_STALE_SECONDS, _MOST_STALE_SECONDS = 3, 3600
# Waits of the relay inside one sweep, for a database or a broker that hangs, add up.
_TIMES_LONGER = {"relay": 2}


def answers(host: str, port: int, path: str, *, statuses: frozenset[int] = frozenset({_OK})) -> bool:
    """Whether GET on that path gives one of these statuses."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status in statuses
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def ready_file(instance: str, values: Mapping[str, str]) -> Path:
    return Path(values["CARELANE_HOME"], "run", "ready", instance)


def readiness_of(instance: str, values: Mapping[str, str]) -> Callable[[], bool]:
    """What to ask about this process; one that the table does not know is ready as long as it lives."""
    process = instance.partition(".")[0]
    if process in _TOUCHES_A_FILE:
        return ready_file(instance, values).exists
    host = values["CARELANE_HOST"]
    doors: dict[str, Callable[[], bool]] = {
        "webhook": lambda: answers(host, int(values["CARELANE_WEBHOOK_PORT"]), "/readyz"),
        "app": lambda: answers(host, int(values["CARELANE_APP_PORT"]), "/readyz"),
        "stream": lambda: answers(host, int(values["CARELANE_STREAM_PORT"]), "/readyz"),
        "flower": lambda: answers(
            "127.0.0.1", int(values["CARELANE_FLOWER_PORT"]), "/", statuses=frozenset({_OK, _PASSWORD_WANTED})
        ),
    }
    return doors.get(process, lambda: True)


def stale_seconds_of(process: str, values: Mapping[str, str]) -> float | None:
    """How long a process that was ready may go without a pulse before it is killed; None where none is looked for."""
    text = values.get("CARELANE_STALE_SECONDS", "").strip() or str(_STALE_SECONDS)
    if not text.isdecimal() or not _LEAST_STALE_SECONDS <= int(text) <= _MOST_STALE_SECONDS:
        wanted = f"a whole number from {_LEAST_STALE_SECONDS} to {_MOST_STALE_SECONDS}"
        raise StartFailed(f"CARELANE_STALE_SECONDS is not {wanted}", exit_code=exits.USAGE)
    # Flower shows none, and nothing rests on it.
    return None if process == "flower" else float(text) * _TIMES_LONGER.get(process, 1)
