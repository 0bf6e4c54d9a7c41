"""Wakes those who read notices, through Redis: a bell that may be missed, for PostgreSQL is asked again all the same.

Two channels: `OWED` says that something was committed and waits for its position, `TOLD` what has been given one.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import orjson
import redis
import structlog

from shared import broker
from shared.outbox import Mark

OWED, TOLD = "carelane:owed", "carelane:told"
MOST_MARKS = 500  # in one message
_TIMEOUT_SECONDS = 0.5
_QUIET_SECONDS = 1.0
# A connection that is dead at the other end only is not told from one on which nothing is said.
_RENEWAL_SECONDS = 30.0

log = structlog.get_logger(__name__)


class Bell:
    """Rings on one channel from a thread of its own: no caller waits for a broker that is frozen or gone.

    Without a broker it rings for nobody. Start it after any fork.
    """

    def __init__(self, redis_url: str | None, channel: str = OWED) -> None:
        self._client = None if redis_url is None else broker.connect(redis_url, timeout_seconds=_TIMEOUT_SECONDS)
        self._channel = channel
        self._rung = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="bell", daemon=True)
        if self._client is not None:
            self._thread.start()

    def ring(self) -> None:
        """That something was committed; several within a moment are one."""
        self._rung.set()

    def close(self) -> None:
        self._closed = True
        self._rung.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2 * _TIMEOUT_SECONDS)

    def _work(self) -> None:
        while not self._closed:
            self._rung.wait()
            self._rung.clear()
            if self._client is not None and not publish(self._client, self._channel, b""):
                time.sleep(_QUIET_SECONDS)  # whoever listens asks PostgreSQL meanwhile


def publish(client: "redis.Redis", channel: str, message: bytes) -> bool:
    """False when the broker did not take it. Raises nothing."""
    try:
        client.publish(channel, message)
    except (redis.RedisError, OSError):
        return False
    return True


def publish_told(client: "redis.Redis", marks: Sequence[Mark]) -> bool:
    """Say what was told, in messages of a bounded size; False when the broker did not take all of them."""
    parts = [marks[start : start + MOST_MARKS] for start in range(0, len(marks), MOST_MARKS)]
    return all(publish(client, TOLD, orjson.dumps([asdict(mark) for mark in part])) for part in parts)


def read_marks(message: bytes) -> tuple[Mark, ...]:
    """What was told, as a message says it; nothing where it cannot be read, for anybody might have sent it."""
    with contextlib.suppress(orjson.JSONDecodeError, TypeError, AttributeError):
        return tuple(Mark(**each) for each in orjson.loads(message))
    return ()


class Waker:
    """Calls `wake` from a thread of its own: with each message, and with b"" at least every so many seconds.

    Also with b"" when it begins to listen, anew too: what was said before nobody heard.
    """

    def __init__(self, redis_url: str | None, channel: str, wake: Callable[[bytes], None], *, every: float) -> None:
        self._redis_url = redis_url
        self._channel = channel
        self._wake = wake
        self._every_seconds = every
        self._closed = threading.Event()
        self._listens_until = 0.0
        self._thread = threading.Thread(target=self._work, name=f"waker {channel}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """It ends within one pause."""
        self._closed.set()

    def _work(self) -> None:
        listening = None
        while not self._closed.is_set():
            listening = listening or self._listen()
            message = self._next(listening)
            if message is None:
                listening = None
                continue
            try:
                self._wake(message)
            except Exception:  # whatever is wrong with one message, the next one wakes
                log.exception("whoever was woken failed", action="waking.failed")
        if listening is not None:
            _stop(listening)

    def _listen(self) -> "redis.client.PubSub | None":
        """None while the broker is away: then there is only the clock."""
        if self._redis_url is None:
            return None
        client = broker.connect(self._redis_url, timeout_seconds=_TIMEOUT_SECONDS)
        listening: redis.client.PubSub = client.pubsub()  # type: ignore[no-untyped-call]
        try:
            listening.subscribe(self._channel)
        except (redis.RedisError, OSError):
            return None
        self._listens_until = time.monotonic() + _RENEWAL_SECONDS
        return listening

    def _next(self, listening: "redis.client.PubSub | None") -> bytes | None:
        """The next message, b"" for the clock; None when the broker is lost."""
        if listening is None:
            self._closed.wait(self._every_seconds)
            return b""
        try:
            found: dict[str, Any] | None = listening.get_message(timeout=self._every_seconds)
        except (redis.RedisError, OSError):
            _stop(listening)
            return None
        if found is None and time.monotonic() > self._listens_until:
            _stop(listening)
            return None
        data = None if found is None or found["type"] != "message" else found["data"]
        return data if isinstance(data, bytes) else b""


def _stop(listening: "redis.client.PubSub") -> None:
    with contextlib.suppress(redis.RedisError, OSError):
        listening.close()
