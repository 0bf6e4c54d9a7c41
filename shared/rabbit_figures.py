"""What RabbitMQ tells of itself at a scrape, as `shared/broker_figures.py` tells it of Redis."""

from dataclasses import replace

from shared.broker_figures import BrokerFigures, BrokerReader
from shared.errors import TransientError
from shared.rabbit import Channel

_TIMEOUT_SECONDS = 0.5


class RabbitReader:
    """With a connection for each look: scrapes come seldom, and from any thread. The breaker's state stays at Redis."""

    def __init__(self, broker_url: str, beside: BrokerReader | None) -> None:
        self._broker_url = broker_url
        self._beside = beside

    def read(self) -> BrokerFigures:
        channel = Channel(self._broker_url, timeout_seconds=_TIMEOUT_SECONDS)
        try:
            found = BrokerFigures(is_up=True, messages=channel.lengths())
        except TransientError:
            found = BrokerFigures(is_up=False)
        finally:
            channel.close()
        return found if self._beside is None else replace(found, breaker=self._beside.read().breaker)
