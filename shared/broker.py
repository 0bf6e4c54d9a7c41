"""The doorbell: tells Celery a row's id through Redis. It may fail at any time without harm; PostgreSQL is the queue.

Messages are written as kombu's Redis transport would (protocol 2), but by one LPUSH with time-outs of our own: Celery's
publisher retries for seconds when the broker is gone and waits for ever when it is frozen.
docs/decisions/0007-doorbell-written-by-hand.md
"""

import base64
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson
import redis
from redis.sentinel import Sentinel

from shared import sentinels, task_messages
from shared.config import Settings
from shared.rules.lanes import LANES, MESSAGE_PRIORITY, OPEN_CRISIS, STANDARD, URGENCIES, Lane
from shared.sentinels import Watched
from shared.task_messages import WORKERS_OWN, Task, TimeLimits

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


def message(nudge: Nudge, limits: TimeLimits = WORKERS_OWN) -> tuple[str, bytes]:
    """The Redis list to push to, and the message that a Celery worker understands."""
    priority = MESSAGE_PRIORITY[nudge.urgency]
    return list_name(nudge.lane, priority), _written(task_messages.of_rows(nudge.row_ids, limits), nudge.lane, priority)


def wish(task: str, row_id: str) -> tuple[str, bytes]:
    """For a standard worker."""
    priority = MESSAGE_PRIORITY[STANDARD]
    return list_name("standard", priority), _written(task_messages.of_wish(task, row_id), "standard", priority)


def _written(task: Task, lane: str, priority: int) -> bytes:
    task_id, body, headers = task
    document = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers,
        "properties": {
            "correlation_id": task_id,
            "reply_to": "",
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": lane},
            "priority": priority,
            "body_encoding": "base64",
            "delivery_tag": str(uuid.uuid4()),
        },
    }
    return orjson.dumps(document)


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
            pipeline.lpush(*message(nudge, self._limits.get(nudge.lane, WORKERS_OWN)))
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

    def ask(self, task: str, row_id: str) -> bool:
        """At the end that workers take from: somebody sits and waits, whatever the backlog. Raises nothing."""
        try:
            self._client.rpush(*wish(task, row_id))
        except (redis.RedisError, OSError):
            return False
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
