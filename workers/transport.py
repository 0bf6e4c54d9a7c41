"""Where a worker here needs kombu's Redis transport to behave otherwise."""

from typing import Any

from celery import Celery
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


def install(celery: Celery) -> None:
    celery.amqp.Connection = PatientConnection
    redis.Channel.QoS = ForgivingQoS
