"""What Celery is told of the broker, by what that is: Redis, Redis behind Sentinels, or RabbitMQ."""

from collections.abc import Iterable, Mapping
from typing import Any

from kombu.entity import Exchange, Queue

from shared import sentinels
from shared.broker import PRIORITY_STEPS
from shared.config import Settings, SettingsError
from shared.rabbit import QUEUE_ARGUMENTS
from shared.rules.lanes import LANES

_SOCKET_SECONDS, _CONNECT_SECONDS = 5, 2


def of(settings: Settings) -> dict[str, Any]:
    """Each setting for a reason that was measured or read in Celery's and kombu's source."""
    if settings.broker_url is not None:
        return _rabbit(settings.broker_url)
    if settings.redis_url is None:
        raise SettingsError(["neither REDIS_URL nor CARELANE_BROKER_URL is set"])
    options = _redis_options(settings)
    if sentinels.is_watched(settings.redis_url):
        options |= sentinels.celery_options(settings.redis_url, timeout_seconds=_CONNECT_SECONDS)
        url = sentinels.celery_url(settings.redis_url)
    else:
        url = settings.redis_url
    return {"broker_url": url, "broker_transport_options": options, "task_queues": _queues({})}


def lanes_of(settings: Settings, lanes: Iterable[str]) -> list[str]:
    """What a worker serves that was told to serve these, in order.

    At RabbitMQ it holds a message of every lane it serves while it works on another: one of a person in danger would
    lie in its hands, out of reach of a worker that has nothing to do. So whoever serves the standard lane serves that
    alone.
    """
    wanted = list(lanes)
    return wanted if settings.broker_url is None or "standard" not in wanted else ["standard"]


def _rabbit(url: str) -> dict[str, Any]:
    return {
        "broker_url": url,
        "task_queues": _queues(QUEUE_ARGUMENTS),
        "broker_connection_timeout": _CONNECT_SECONDS,
        # A half-open connection would otherwise be noticed after two minutes.
        "broker_heartbeat": 10,
        "broker_transport_options": {},
    }


def _redis_options(settings: Settings) -> dict[str, Any]:
    return {
        # Beyond the longest task; nothing rests on it, since a lost message is nudged again.
        "visibility_timeout": max(90, settings.hard_limit_seconds * 2),
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # A half-open connection would otherwise never be noticed.
        "socket_timeout": _SOCKET_SECONDS,
        "socket_connect_timeout": _CONNECT_SECONDS,
        "socket_keepalive": True,
        "health_check_interval": 10,
        # Strictly in the order of -Q, and by these steps inside it (shared/rules/lanes.py).
        "queue_order_strategy": "priority",
        "priority_steps": PRIORITY_STEPS,
    }


def _queues(arguments: Mapping[str, str]) -> list[Any]:
    """Each bound to an exchange of its own: what is published for one lane never reaches the other."""
    return [
        Queue(lane, Exchange(lane), routing_key=lane, queue_arguments=dict(arguments) or None)  # type: ignore[no-untyped-call]
        for lane in LANES
    ]
