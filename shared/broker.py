"""The doorbell: tells Celery a row's id through Redis. It may fail at any time without harm; PostgreSQL is the queue.

Messages are written as kombu's Redis transport would (protocol 2), but by one LPUSH with time-outs of our own: Celery's
publisher retries for seconds when the broker is gone and waits for ever when it is frozen.
docs/decisions/0007-doorbell-written-by-hand.md
"""

import base64
import socket
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import redis
from redis.sentinel import Sentinel

from shared import sentinels
from shared.config import Settings
from shared.rules.lanes import LANES, MESSAGE_PRIORITY, OPEN_CRISIS, URGENCIES, Lane
from shared.sentinels import Watched

TASK = "carelane.process"
# In one message: enough that what Celery does for each is shared by many, few enough that none waits long for another.
MOST_IDS = 50
PRIORITY_STEPS = sorted(set(MESSAGE_PRIORITY.values()))
# kombu's own separator between a queue's name and a priority step.
PRIORITY_SEPARATOR = "\x06\x16"


@dataclass(frozen=True, slots=True)
class Nudge:
    """Rows to be taken up, all of one lane and urgency."""

    row_ids: tuple[int, ...]
    lane: str
    urgency: int


class TimeLimits(NamedTuple):
    """Seconds after which a task is killed, and after which it is asked to stop: in Celery's order."""

    hard: int | None
    soft: int | None


_WORKERS_OWN = TimeLimits(None, None)


def limits_of(settings: Settings) -> Mapping[str, TimeLimits]:
    """By lane; they travel in the message, for a standard worker serves both lanes."""
    return {"crisis": TimeLimits(settings.crisis_hard_limit_seconds, settings.crisis_soft_limit_seconds)}


def connect(redis_url: str, *, timeout_seconds: float) -> "redis.Redis":
    """A client that neither retries nor waits longer than this for anything; each Sentinel is asked within it too."""
    never_again: dict[str, Any] = {"retry": None, "retry_on_error": []}
    if sentinels.is_watched(redis_url):
        return _primary(sentinels.read(redis_url), timeout_seconds, never_again)
    return redis.Redis.from_url(
        redis_url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry_on_timeout=False,
        **never_again,
    )


def _primary(watched: Watched, timeout_seconds: float, options: dict[str, Any]) -> "redis.Redis":
    """A connection that breaks, or turns out to lead to a replica, asks the Sentinels anew."""
    asked = sentinels.limits(watched, timeout_seconds=timeout_seconds) | options
    found = Sentinel(watched.sentinels, sentinel_kwargs=asked)  # type: ignore[no-untyped-call]
    client: redis.Redis = found.master_for(  # type: ignore[no-untyped-call]
        watched.service,
        db=watched.database,
        username=watched.username,
        password=watched.password,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        **options,
    )
    return client


def message(nudge: Nudge, limits: TimeLimits = _WORKERS_OWN) -> tuple[str, bytes]:
    """The Redis list to push to, and the message that a Celery worker understands."""
    priority = MESSAGE_PRIORITY[nudge.urgency]
    task_id, body, headers = task_of(nudge, limits)
    document = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers,
        "properties": {
            "correlation_id": task_id,
            "reply_to": "",
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": nudge.lane},
            "priority": priority,
            "body_encoding": "base64",
            "delivery_tag": str(uuid.uuid4()),
        },
    }
    return list_name(nudge.lane, priority), orjson.dumps(document)


def task_of(nudge: Nudge, limits: TimeLimits = _WORKERS_OWN) -> tuple[str, bytes, dict[str, Any]]:
    """Its id, its body, and its headers by Celery's protocol 2: the same with every broker."""
    task_id = str(uuid.uuid4())
    arguments = [list(nudge.row_ids)]
    body = orjson.dumps([arguments, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    headers = {
        "lang": "py",
        "task": TASK,
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
    return task_id, body, headers


@cache
def _origin() -> str:
    return f"doorbell@{socket.gethostname()}"


def list_name(lane: str, priority: int) -> str:
    return f"{lane}{PRIORITY_SEPARATOR}{priority}" if priority else lane


class Doorbell:
    """Rings for one process. After a failure it stays quiet for a moment: a dead broker costs next to nothing."""

    _QUIET_SECONDS = 1.0

    def __init__(
        self,
        client: "redis.Redis",
        *,
        most_waiting: int,
        limits: Mapping[str, TimeLimits] = MappingProxyType({}),
    ) -> None:
        self._client = client
        self._limits = limits
        self._most_waiting = most_waiting
        self._down_until = 0.0
        self._full_until = dict.fromkeys(MESSAGE_PRIORITY, 0.0)
        self._lengths = dict.fromkeys(MESSAGE_PRIORITY, 0)

    def length(self, urgency: int) -> int:
        """How many messages lay in the list of this urgency after it was last rung; costs nothing to ask."""
        return self._lengths[urgency]

    def expects_to_ring(self, urgency: int) -> bool:
        """Whether ringing is worth trying now; otherwise the relay will. A full list holds up its own urgency only."""
        return time.monotonic() >= max(self._down_until, self._full_until[urgency])

    def ring(self, nudges: Sequence[Nudge]) -> bool:
        """Push them all in one round trip; False when the broker did not take them. Raises nothing."""
        pipeline = self._client.pipeline(transaction=False)
        for nudge in nudges:
            pipeline.lpush(*message(nudge, self._limits.get(nudge.lane, _WORKERS_OWN)))
        try:
            lengths = pipeline.execute()
        except (redis.RedisError, OSError):
            self._down_until = time.monotonic() + self._QUIET_SECONDS
            return False
        for nudge, length in zip(nudges, lengths, strict=True):
            self._lengths[nudge.urgency] = length
            # The relay feeds what the list does not hold: the broker's memory stays small whatever the backlog.
            # A person in danger is never kept waiting for that.
            if length >= self._most_waiting and nudge.urgency != OPEN_CRISIS:
                self._full_until[nudge.urgency] = time.monotonic() + self._QUIET_SECONDS
        return True

    def waiting(self) -> dict[tuple[Lane, int], int]:
        """How many messages lie in each lane, by urgency; raises redis.RedisError when the broker is away."""
        lists = [(lane, urgency) for lane in LANES for urgency in URGENCIES[lane]]
        pipeline = self._client.pipeline(transaction=False)
        for lane, urgency in lists:
            pipeline.llen(list_name(lane, MESSAGE_PRIORITY[urgency]))
        return dict(zip(lists, pipeline.execute(), strict=True))

    def close(self) -> None:
        self._client.close()
