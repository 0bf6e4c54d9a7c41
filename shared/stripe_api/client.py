"""Asks Stripe: the official library, with time-outs, a bounded rate, a second try in the same breath, and a breaker.

Stripe's limits (docs.stripe.com/rate-limits): 100 requests a second live, 25 in a sandbox, 25 for each kind of object.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import stripe
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from shared.errors import StripeAway
from shared.stripe_api.breaker import Breaker
from shared.stripe_api.bucket import Bucket
from shared.stripe_api.trouble import garbage, translated

# What Stripe asks us to wait is waited for in the same breath up to here; what takes longer is for a later try.
_MOST_PATIENCE_SECONDS = 1.0
_NOT_AT_ONCE = frozenset({"stripe_breaker_open", "stripe_held", "stripe_key_refused"})
_short_wait = wait_random_exponential(multiplier=0.1, max=_MOST_PATIENCE_SECONDS)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one try may take, and how many there are; `read_seconds` is between two bytes."""

    connect_seconds: float = 1.0
    read_seconds: float = 4.0
    tries: int = 2


@dataclass(frozen=True, slots=True)
class Fetched:
    """What Stripe answered, and when it was asked, by Stripe's own clock and to the second below."""

    document: dict[str, Any]
    asked_at: datetime


class StripeApi:
    """One for each process, safe to share between its threads. Every call may raise StripeAway and StripeRefuses."""

    def __init__(  # noqa: PLR0913 - each part is made by the caller, so that tests can give their own
        self,
        key: str,
        *,
        base: str | None,
        bucket: Bucket,
        breaker: Breaker,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._made_of = (key, base, bucket)
        self._limits = limits or Limits()
        self._clock = clock
        self._sleep = sleep
        self._bucket = bucket
        self.breaker = breaker
        timeout = (self._limits.connect_seconds, self._limits.read_seconds)
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": base} if base else None,
            # Tries are counted here, where the breaker and the bucket see each of them.
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=timeout),
        )

    def hurried(self, limits: Limits) -> "StripeApi":
        """The same client for who has less time: the rate and the breaker are one."""
        key, base, bucket = self._made_of
        return StripeApi(key, base=base, bucket=bucket, breaker=self.breaker, limits=limits)

    def get(self, path: str, *, account: str | None = None, context: str | None = None, **params: Any) -> Fetched:
        """As this connected account, or as another of the thin events' contexts; the platform's own without either."""
        return self._call("get", path, {"stripe_account": account, "stripe_context": context}, params)

    def post(self, path: str, **params: Any) -> Fetched:
        """Tried once only: who tries again must know that it changes nothing twice."""
        return self._call("post", path, {}, params, tries=1)

    def _call(
        self, method: str, path: str, options: Mapping[str, str | None], params: Mapping[str, Any], tries: int = 0
    ) -> Fetched:
        given = {name: value for name, value in {**options, **params}.items() if value is not None}
        retrying = Retrying(
            stop=stop_after_attempt(tries or self._limits.tries),
            wait=_wait,
            retry=retry_if_exception(_passes_in_a_moment),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(self._try, method, path, given)

    def _try(self, method: str, path: str, given: Mapping[str, Any]) -> Fetched:
        self._bucket.take()
        try:
            return self.breaker.call(lambda: self._ask(method, path, given))
        except StripeAway as error:
            wish = error.retry_after_seconds if error.code == "stripe_busy" else None
            if wish and wish <= _MOST_PATIENCE_SECONDS:
                self._bucket.pause(wish)
            elif wish:
                self.breaker.hold(wish)
            raise

    def _ask(self, method: str, path: str, given: Mapping[str, Any]) -> Fetched:
        began = self._clock()
        with translated():
            response: Any = self._client.raw_request(method, path, **given)
        if not isinstance(response.data, dict):
            raise garbage()
        return Fetched(response.data, self._asked_at(response.headers, began))

    def _asked_at(self, headers: Mapping[str, str], began: float) -> datetime:
        """Our clock may be wrong, and a fact that lies in the future would beat all that really comes later."""
        took = timedelta(seconds=max(0.0, self._clock() - began))
        try:
            answered = parsedate_to_datetime(headers["Date"])
        except (KeyError, TypeError, ValueError):
            answered = datetime.fromtimestamp(began, UTC) + took
        return (answered.astimezone(UTC) - took).replace(microsecond=0)


def _passes_in_a_moment(error: BaseException) -> bool:
    if not isinstance(error, StripeAway) or error.code in _NOT_AT_ONCE:
        return False
    return (error.retry_after_seconds or 0.0) <= _MOST_PATIENCE_SECONDS


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_seconds if isinstance(error, StripeAway) else None
    return max(asked or 0.0, _short_wait(state))
