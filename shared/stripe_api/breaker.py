"""The circuit breaker before Stripe: after some failures in a row nobody asks for a while, then one looks again.

Its state is shared over Redis, so that what one process learns spares the others; while Redis is away each has its own.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pybreaker
import redis

from shared.errors import StripeAway

T = TypeVar("T")

KEY = "carelane:breaker:stripe"
_QUIET_SECONDS = 5.0
# A state that nobody has touched for so long says nothing any more.
_KEPT_SECONDS = 3600
_LONGEST_HOLD_SECONDS = 300.0


class SharedState(pybreaker.CircuitBreakerStorage):
    """What the breaker remembers: in Redis, and beside it in memory for as long as Redis is away."""

    def __init__(self, client: "redis.Redis | None") -> None:
        super().__init__("carelane")
        self._client = client
        self._memory = pybreaker.CircuitMemoryStorage(pybreaker.STATE_CLOSED)
        self._away_until = 0.0
        self._held_until = 0.0

    @property
    def state(self) -> str:
        return self._read("state") or self._memory.state

    @state.setter
    def state(self, state: str) -> None:
        self._memory.state = state
        self._write("state", state)

    @property
    def counter(self) -> int:
        return int(self._read("failures") or self._memory.counter)

    def increment_counter(self) -> None:
        self._memory.increment_counter()
        self._add("failures")

    def reset_counter(self) -> None:
        # Called after each success: nothing is written where nothing had failed.
        if self.counter:
            self._memory.reset_counter()
            self._write("failures", "0")

    @property
    def success_counter(self) -> int:
        return int(self._read("successes") or self._memory.success_counter)

    def increment_success_counter(self) -> None:
        self._memory.increment_success_counter()
        self._add("successes")

    def reset_success_counter(self) -> None:
        self._memory.reset_success_counter()
        self._write("successes", "0")

    @property
    def opened_at(self) -> datetime | None:
        told = self._read("opened_at")
        return datetime.fromisoformat(told) if told else self._memory.opened_at

    @opened_at.setter
    def opened_at(self, moment: datetime) -> None:
        self._memory.opened_at = moment
        self._write("opened_at", moment.isoformat())

    @property
    def held_until(self) -> float:
        """Unix seconds, until which Stripe asked to be left alone."""
        return max(self._held_until, float(self._read("held_until") or 0))

    @held_until.setter
    def held_until(self, moment: float) -> None:
        self._held_until = moment
        self._write("held_until", str(moment))

    def _read(self, name: str) -> str | None:
        found = self._ask(lambda client: client.hget(KEY, name))
        return found.decode() if isinstance(found, bytes) else None

    def _write(self, name: str, value: str) -> None:
        self._ask(lambda client: client.hset(KEY, name, value))
        self._ask(lambda client: client.expire(KEY, _KEPT_SECONDS))

    def _add(self, name: str) -> None:
        self._ask(lambda client: client.hincrby(KEY, name, 1))
        self._ask(lambda client: client.expire(KEY, _KEPT_SECONDS))

    def _ask(self, question: Callable[["redis.Redis"], object]) -> object:
        if self._client is None or time.monotonic() < self._away_until:
            return None
        try:
            return question(self._client)
        except redis.RedisError:
            self._away_until = time.monotonic() + _QUIET_SECONDS
            return None


class Breaker:
    """Only `StripeAway` counts as a failure: an answer that refuses shows that Stripe is there."""

    def __init__(self, client: "redis.Redis | None", *, failures: int, rest_seconds: float) -> None:
        self._state = SharedState(client)
        self._rest_seconds = rest_seconds
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failures,
            reset_timeout=rest_seconds,
            exclude=[lambda error: not isinstance(error, StripeAway)],
            state_storage=self._state,
            throw_new_error_on_trip=False,
        )

    @property
    def state(self) -> str:
        return self._breaker.current_state

    def call(self, ask: Callable[[], T]) -> T:
        """Ask, unless it is known to be in vain: then StripeAway at once, with the time until the next look."""
        held = self._state.held_until - time.time()
        if held > 0:
            raise StripeAway("Stripe asked to be left alone for a while", code="stripe_held", retry_after_seconds=held)
        try:
            return self._breaker.call(ask)
        except pybreaker.CircuitBreakerError as error:
            message = "Stripe failed several times in a row: it is not asked for a while"
            left = self.rests_seconds()
            raise StripeAway(message, code="stripe_breaker_open", retry_after_seconds=left) from error

    def hold(self, seconds: float) -> None:
        """Nobody asks for so long, of whichever process: it was Stripe's wish, within reason."""
        self._state.held_until = time.time() + min(seconds, _LONGEST_HOLD_SECONDS)

    def rests_seconds(self) -> float:
        """How long nobody is going to ask; 0 when the breaker is not open."""
        opened_at = self._state.opened_at
        if self.state != pybreaker.STATE_OPEN or opened_at is None:
            return 0.0
        left = opened_at + timedelta(seconds=self._rest_seconds) - datetime.now(UTC)
        return max(0.0, left.total_seconds())
