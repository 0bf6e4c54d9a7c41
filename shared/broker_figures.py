"""What the broker tells of itself at a scrape: the messages that lie in its lanes, and the circuit breaker's state."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import redis

from shared import broker
from shared.rules.lanes import LANES, MESSAGE_PRIORITY, URGENCIES, Lane

# Written by shared/stripe_api/breaker.py, which is not imported here: Stripe's library comes with it.
_BREAKER = "carelane:breaker:stripe"
_TIMEOUT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class BrokerFigures:
    """`breaker` is None where nobody has asked Stripe lately."""

    is_up: bool
    messages: Mapping[Lane, int] = field(default_factory=dict)
    breaker: str | None = None


class BrokerReader:
    """One for each process; it waits for the broker some tenths of a second at most."""

    def __init__(self, redis_url: str) -> None:
        self._client = broker.connect(redis_url, timeout_seconds=_TIMEOUT_SECONDS)

    def read(self) -> BrokerFigures:
        lists = [(lane, MESSAGE_PRIORITY[urgency]) for lane in LANES for urgency in URGENCIES[lane]]
        pipeline = self._client.pipeline(transaction=False)
        for lane, priority in lists:
            pipeline.llen(broker.list_name(lane, priority))
        pipeline.hget(_BREAKER, "state")
        try:
            *lengths, breaker = pipeline.execute()
        except (redis.RedisError, OSError):
            return BrokerFigures(is_up=False)
        messages: dict[Lane, int] = dict.fromkeys(LANES, 0)
        for (lane, _), length in zip(lists, lengths, strict=True):
            messages[lane] += length
        return BrokerFigures(is_up=True, messages=messages, breaker=breaker.decode() if breaker else None)

    def close(self) -> None:
        self._client.close()
