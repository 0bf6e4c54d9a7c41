"""What Stripe's library raises, translated in one place; its words stay out, for they may quote what was asked."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from shared.errors import CarelaneError, StripeAway, StripeRefuses

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _BUSY, _SERVER = 401, 403, 404, 409, 429, 500
_LONGEST_WISH_SECONDS = 3600.0


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except stripe.APIConnectionError as error:
        raise StripeAway("Stripe does not answer", code="stripe_away") from error
    except stripe.StripeError as error:
        raise _translate(error) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # Stripe's library takes an error's shape for granted, and what stands in between may answer anything.
        raise garbage() from error


def garbage() -> StripeAway:
    return StripeAway("Stripe's answer cannot be read", code="stripe_garbage")


def _translate(error: stripe.StripeError) -> CarelaneError:  # noqa: PLR0911 - a table of answers
    status = error.http_status or 0
    if status == _BUSY:
        return StripeAway("Stripe is asked too often", code="stripe_busy", retry_after_seconds=_wish(error))
    if status == _CONFLICT:
        return StripeAway("Stripe is at that object", code="stripe_locked", retry_after_seconds=_wish(error))
    if status >= _SERVER:
        return StripeAway(f"Stripe answered {status}", code="stripe_5xx", retry_after_seconds=_wish(error))
    if status == _UNAUTHORIZED:
        # A person must mend the setting; until then nothing is lost that waits.
        return StripeAway("Stripe does not know the API key (STRIPE_API_KEY)", code="stripe_key_refused")
    if isinstance(error, stripe.APIError):
        # The library's word for a body without an error of Stripe's in it: whoever answered so knows of no object.
        return garbage()
    if status == _NOT_FOUND or error.code == "resource_missing":
        return StripeRefuses("Stripe knows no such object", code="stripe_gone")
    if status == _FORBIDDEN:
        return StripeRefuses("the API key has no right to this at Stripe", code="stripe_forbidden")
    return StripeRefuses(f"Stripe answered {status}", code="stripe_refuses")


def _wish(error: stripe.StripeError) -> float | None:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_WISH_SECONDS)
