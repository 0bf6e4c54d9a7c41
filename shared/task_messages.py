"""Tasks written by hand as Celery's workers read them (protocol 2): the same with every broker."""

import socket
import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import orjson

PROCESS = "carelane.process"
# What somebody sits and waits for; each is about one row of a table of its own.
LOOK, COMPARE = "carelane.look", "carelane.compare"


class TimeLimits(NamedTuple):
    """Seconds after which a task is killed, and after which it is asked to stop: in Celery's order."""

    hard: int | None
    soft: int | None


WORKERS_OWN = TimeLimits(None, None)


class Task(NamedTuple):
    """Its id, and what of it is the message's body and its headers."""

    id: str
    body: bytes
    headers: dict[str, Any]


def of_rows(row_ids: Sequence[int], limits: TimeLimits = WORKERS_OWN) -> Task:
    return _written(PROCESS, [list(row_ids)], limits)


def of_wish(task: str, row_id: str) -> Task:
    """It carries an id and nothing else, as every message does."""
    return _written(task, [row_id], WORKERS_OWN)


def _written(name: str, arguments: list[Any], limits: TimeLimits) -> Task:
    task_id = str(uuid.uuid4())
    body = orjson.dumps([arguments, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    headers = {
        "lang": "py",
        "task": name,
        "id": task_id,
        "root_id": task_id,
        "parent_id": None,
        "group": None,
        "retries": 0,
        "timelimit": list(limits),
        "argsrepr": repr(tuple(arguments)),
        "kwargsrepr": "{}",
        "origin": _origin(),
        "ignore_result": True,
    }
    return Task(task_id, body, headers)


@cache
def _origin() -> str:
    return f"doorbell@{socket.gethostname()}"
