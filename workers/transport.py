"""Where a worker here needs Celery's consumer or kombu's Redis transport to behave otherwise."""

import time
from typing import Any

from celery import Celery
from celery.worker.consumer import Consumer
from kombu.connection import Connection
from kombu.transport import redis, virtual


class PatientConnection(Connection):
    """Looks for a broker that is away every two seconds: kombu would come to wait half a minute between two looks."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        wanted = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 2} | kwargs
        return super().ensure_connection(*args, **wanted)  # type: ignore[no-untyped-call]


class ForgivingQoS(redis.QoS):
    """A message whose acknowledgement fails is in nobody's hand any more.

    kombu counts it as in hand for ever; a worker that takes one at a time then takes up nothing again, deaf and alive.
    The message lies among the broker's unacknowledged, comes again, and finds its event done.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]
        except Exception:
            virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]
            raise


class CalmConsumer(Consumer):  # type: ignore[misc]
    """Tells Flower of its tasks twice a second: Celery does at once, which takes longer than a short task itself."""

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc]
        # At RabbitMQ one step would make dozens of queues for countdowns, which nobody here uses.
        default_steps = [step for step in Consumer.Blueprint.default_steps if "DelayedDelivery" not in step]  # noqa: RUF012

    _TELL_SECONDS = 0.5
    _told_at = 0.0

    def on_send_event_buffered(self) -> None:
        now = time.monotonic()
        if self.hub and now >= self._told_at:
            self._told_at = now + self._TELL_SECONDS
            self.hub.call_later(self._TELL_SECONDS, self._flush_events)


def _kept_client(channel: Any, asynchronous: bool = False) -> Any:  # noqa: FBT001, FBT002 - kombu's own signature
    """The channel's client for these connections: kombu makes one for each command, which takes longer than most."""
    pool = channel.async_pool if asynchronous else channel.pool
    if asynchronous:  # each of them keeps a connection to itself
        return channel.Client(connection_pool=pool)
    kept = channel.__dict__.get("_kept_client")
    if kept is None or kept.connection_pool is not pool:
        kept = channel.__dict__["_kept_client"] = channel.Client(connection_pool=pool)
    return kept


def install(celery: Celery) -> None:
    celery.amqp.Connection = PatientConnection
    redis.Channel.QoS = ForgivingQoS
    redis.Channel._create_client = _kept_client  # type: ignore[method-assign] # noqa: SLF001 - no other way in
    celery.conf.worker_consumer = f"{__name__}:{CalmConsumer.__name__}"
