"""How Stripe stood when a worker last asked, for whoever holds no key: as their breaker keeps it in the broker."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pybreaker
import redis

from shared.stripe_api.breaker import KEY


@dataclass(frozen=True, slots=True)
class Standing:
    """`away_since`: it failed several times in a row, and is not asked. `held_until`: it wishes to be left alone."""

    away_since: datetime | None = None
    held_until: datetime | None = None


def read(client: "redis.Redis", *, now: datetime) -> Standing | None:
    """None while the broker does not answer."""
    try:
        kept = client.hgetall(KEY)
    except (redis.RedisError, OSError):
        return None
    told = {_text(name): _text(value) for name, value in kept.items()}
    is_away = told.get("state") == pybreaker.STATE_OPEN and "opened_at" in told
    held_until = datetime.fromtimestamp(float(told.get("held_until", 0)), UTC)
    return Standing(
        away_since=datetime.fromisoformat(told["opened_at"]) if is_away else None,
        held_until=held_until if held_until > now else None,
    )


def _text(word: bytes | str) -> str:
    return word.decode() if isinstance(word, bytes) else word
