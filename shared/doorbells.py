"""Which doorbell a process rings: at RabbitMQ where CARELANE_BROKER_URL names one, else at Redis."""

from collections.abc import Sequence
from typing import Protocol

from shared import broker
from shared.broker import Nudge
from shared.config import Settings, SettingsError
from shared.rules.lanes import Lane

# A confirm comes when most nodes have the message on disk. Whoever rings does so aside, and holds up nobody with that.
_CONFIRMED_SECONDS = 0.5


class Doorbell(Protocol):
    """Each wait ends within the time that it was made with."""

    def length(self, urgency: int) -> int: ...
    def expects_to_ring(self, urgency: int) -> bool: ...
    def ring(self, nudges: Sequence[Nudge]) -> bool: ...
    def ask(self, task: str, row_id: str) -> bool: ...
    def waiting(self) -> dict[tuple[Lane, int], int]: ...
    def close(self) -> None: ...


def required(settings: Settings, *, timeout_seconds: float) -> Doorbell:
    """Raises SettingsError where no broker is named."""
    found = of(settings, timeout_seconds=timeout_seconds)
    if found is None:
        raise SettingsError(["neither REDIS_URL nor CARELANE_BROKER_URL is set"])
    return found


def of(settings: Settings, *, timeout_seconds: float) -> Doorbell | None:
    """None where no broker is named."""
    limits = broker.limits_of(settings)
    if settings.broker_url is not None:
        # Its client is of no use to whoever rings at Redis.
        from shared.rabbit import Channel, RabbitDoorbell  # noqa: PLC0415

        channel = Channel(settings.broker_url, timeout_seconds=max(timeout_seconds, _CONFIRMED_SECONDS))
        return RabbitDoorbell(channel, most_waiting=settings.nudge_depth, limits=limits)
    if settings.redis_url is None:
        return None
    client = broker.connect(settings.redis_url, timeout_seconds=timeout_seconds)
    return broker.Doorbell(client, most_waiting=settings.nudge_depth, limits=limits)
