"""How a process of the Procfile shows that it is ready: an answer on its port, or a file that it touches."""

import http.client
from collections.abc import Callable, Mapping
from pathlib import Path

from ingress.cli.up.ports import reachable

_TIMEOUT_SECONDS = 1.0
_OK, _PASSWORD_WANTED = 200, 401
_TOUCHES_A_FILE = frozenset({"crisis", "standard", "steady", "relay", "beat"})


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
        "flower": lambda: answers(
            "127.0.0.1", int(values["CARELANE_FLOWER_PORT"]), "/", statuses=frozenset({_OK, _PASSWORD_WANTED})
        ),
    }
    return doors.get(process, lambda: True)
