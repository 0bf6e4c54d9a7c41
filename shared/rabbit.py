"""The doorbell at RabbitMQ: a quorum queue for each lane, and publishes that the broker confirms in a bounded time.

It is `shared.broker.Doorbell` for another broker, and as little rests on it. One thread may ring.
docs/decisions/0029-rabbitmq-by-url.md
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp

from shared import task_messages
from shared.broker import Nudge
from shared.errors import TransientError
from shared.rules.lanes import ACCESS_CRITICAL, LANES, MESSAGE_PRIORITY, OPEN_CRISIS, STANDARD, URGENCIES, Lane
from shared.task_messages import WORKERS_OWN, Task, TimeLimits

QUEUE_ARGUMENTS = MappingProxyType({"x-queue-type": "quorum"})
# A queue here has no urgencies; its length counts as that of the one that most of its messages are of.
_COUNTED_AS: Mapping[Lane, int] = MappingProxyType({"crisis": ACCESS_CRITICAL, "standard": STANDARD})


def addresses(url: str) -> tuple[dict[str, Any], ...]:
    """How to reach each node of `amqp://user:password@host:5672/vhost;amqp://…`, the first one first."""
    return tuple(_address(part) for part in url.split(";") if part)


def _address(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    is_secured = parts.scheme == "amqps"
    return {
        "host": f"{parts.hostname or '127.0.0.1'}:{parts.port or (5671 if is_secured else 5672)}",
        "userid": unquote(parts.username or "guest"),
        "password": unquote(parts.password or "guest"),
        "virtual_host": unquote(parts.path[1:]) or "/",
        "ssl": {"server_hostname": parts.hostname} if is_secured else False,
    }


class Channel:
    """One connection, opened when it is needed: to the first node that answers."""

    def __init__(self, url: str, *, timeout_seconds: float) -> None:
        self._addresses = addresses(url)
        self._timeout_seconds = timeout_seconds
        self._connection: Any = None
        self._channel: Any = None
        self._sent = self._confirmed = 0

    def publish(self, messages: Sequence[tuple[str, "amqp.Message"]]) -> None:
        """Until all of them are confirmed; raises TransientError when that takes too long, or anything else fails."""
        with self._trouble():
            channel = self._open()
            for queue, message in messages:
                self._sent += 1
                channel.basic_publish(message, routing_key=queue, timeout=self._timeout_seconds)
            deadline = time.monotonic() + self._timeout_seconds
            while self._confirmed < self._sent:
                self._connection.drain_events(timeout=max(0.001, deadline - time.monotonic()))

    def lengths(self) -> dict[Lane, int]:
        """How many messages lie in each queue that no worker has in hand."""
        with self._trouble():
            channel = self._open()
            return {lane: channel.queue_declare(lane, passive=True).message_count for lane in LANES}

    def close(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(Exception):  # what is broken is dropped
                connection.close()

    @contextlib.contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            # Whatever it is, this connection's state is unknown; and the library tells of a lost one by many errors.
            self._drop()
            raise TransientError("the broker did not confirm", code="broker_away") from error

    def _drop(self) -> None:
        """Without a word to the broker, which may be frozen."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.collect()

    def _open(self) -> Any:
        if self._channel is None:
            self._connection = self._reach()
            self._channel = self._prepare(self._connection)
        return self._channel

    def _reach(self) -> Any:
        seconds = self._timeout_seconds
        for position, address in enumerate(self._addresses):
            connection = amqp.Connection(
                **address, connect_timeout=seconds, read_timeout=seconds, write_timeout=seconds
            )
            try:
                connection.connect()
            except Exception:
                connection.collect()
                if position == len(self._addresses) - 1:
                    raise
            else:
                return connection
        raise TransientError("no node is named", code="broker_away")

    def _prepare(self, connection: Any) -> Any:
        channel = connection.channel()
        for lane in LANES:  # as the workers declare them: whoever comes first makes them
            channel.queue_declare(lane, durable=True, auto_delete=False, arguments=dict(QUEUE_ARGUMENTS))
        self._sent = self._confirmed = 0
        channel.events["basic_ack"].add(self._note_confirmed)
        channel.confirm_select()
        return channel

    def _note_confirmed(self, delivery_tag: int, _multiple: bool) -> None:  # noqa: FBT001 - the library's own call
        self._confirmed = max(self._confirmed, delivery_tag)


class RabbitDoorbell:
    """Rings for one process. After a failure it stays quiet for a moment, as the one at Redis does."""

    _QUIET_SECONDS = 1.0
    _COUNT_SECONDS = 0.5  # how old a count of what lies in the queues may be

    def __init__(self, channel: Channel, *, most_waiting: int, limits: Mapping[str, TimeLimits]) -> None:
        self._channel = channel
        self._limits = limits
        self._most_waiting = most_waiting
        self._down_until = self._counted_until = 0.0
        self._lengths = dict.fromkeys(MESSAGE_PRIORITY, 0)

    def length(self, urgency: int) -> int:
        """How many messages lay in its queue when that was last asked."""
        return self._lengths[urgency]

    def expects_to_ring(self, urgency: int) -> bool:
        is_full = urgency != OPEN_CRISIS and self._lengths[urgency] >= self._most_waiting
        now = time.monotonic()
        return now >= self._down_until and not (is_full and now < self._counted_until)

    def ring(self, nudges: Sequence[Nudge]) -> bool:
        """Publish them all and wait until the broker has them; False when it did not take them. Raises nothing."""
        try:
            self._channel.publish([(nudge.lane, self._message(self._task(nudge))) for nudge in nudges])
            if time.monotonic() >= self._counted_until:
                self.waiting()
        except TransientError:
            self._down_until = time.monotonic() + self._QUIET_SECONDS
            return False
        return True

    def ask(self, task: str, row_id: str) -> bool:
        """Behind what waits: a queue here has one end. Raises nothing."""
        try:
            self._channel.publish([("standard", self._message(task_messages.of_wish(task, row_id)))])
        except TransientError:
            return False
        return True

    def waiting(self) -> dict[tuple[Lane, int], int]:
        """How many messages lie in each lane; raises TransientError when the broker is away."""
        lengths = self._channel.lengths()
        self._counted_until = time.monotonic() + self._COUNT_SECONDS
        self._lengths |= {_COUNTED_AS[lane]: length for lane, length in lengths.items()}
        counted = {(lane, _COUNTED_AS[lane]): length for lane, length in lengths.items()}
        return {(lane, urgency): counted.get((lane, urgency), 0) for lane in LANES for urgency in URGENCIES[lane]}

    def close(self) -> None:
        self._channel.close()

    def _task(self, nudge: Nudge) -> Task:
        return task_messages.of_rows(nudge.row_ids, self._limits.get(nudge.lane, WORKERS_OWN))

    @staticmethod
    def _message(task: Task) -> "amqp.Message":
        return amqp.Message(
            task.body,
            content_type="application/json",
            content_encoding="utf-8",
            application_headers=task.headers,
            correlation_id=task.id,
            reply_to="",
            delivery_mode=2,
        )
