"""What others have of us: the endpoints that Stripe delivers to, and Flower, which must not be open."""

import http.client
from collections.abc import Iterator

from shared.checks.finding import Finding, fault, ok, warning
from shared.config import Settings
from shared.errors import StripeAway, StripeRefuses
from shared.own_address import reachable
from shared.stripe_api import endpoints
from shared.stripe_api.building import build_or_raise
from shared.stripe_api.client import Limits

_TIMEOUT_SECONDS = 3.0
_LIMITS = Limits(connect_seconds=2.0, read_seconds=3.0, tries=1)
_NEEDS_PASSWORD = (401, 403)
_OK = 200


def stripe(settings: Settings) -> Iterator[Finding]:
    """The endpoints that Carelane made; nothing without an API key."""
    if settings.stripe_api_key is None:
        return
    try:
        told = [(one["url"], endpoints.amiss(one)) for one in endpoints.ours(build_or_raise(settings, _LIMITS))]
    except StripeAway as error:
        yield warning("stripe", f"Stripe could not be asked: {error.code}.", "Nothing is lost meanwhile; ask again.")
        return
    except StripeRefuses as error:
        action = "Allow it to read webhook endpoints, or ignore this."
        yield warning("stripe", f"The key may not list webhook endpoints: {error.code}.", action)
        return
    if not told:
        action = "If Stripe delivers to an endpoint that was made by hand, look at its version and its types there."
        yield warning("stripe", "Carelane has made no webhook endpoint in this account.", action)
    for url, faults in told:
        if faults:
            action = "Stripe's Dashboard shows why it was switched off; `carelane endpoint roll` makes a right one."
            yield fault("stripe", f"The endpoint {url} {', and '.join(faults)}.", action)
        else:
            yield ok("stripe", f"The endpoint {url} delivers what is acted on, in the right version.")


def flower(settings: Settings) -> Iterator[Finding]:
    """Whoever reads Flower sees our workers, and whoever may post to it stops them."""
    connection = http.client.HTTPConnection(
        reachable(settings.flower_host), settings.flower_port, timeout=_TIMEOUT_SECONDS
    )
    try:
        # A page: its API refuses whoever asks it, even where its pages are open to everybody.
        connection.request("GET", "/workers")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        yield ok("flower", "It does not run here.")
        return
    finally:
        connection.close()
    if status == _OK:
        action = "Start it with `carelane run flower`, which gives it its password, or set FLOWER_BASIC_AUTH."
        yield fault("flower", f"Flower answers anybody at port {settings.flower_port}.", action)
    elif status in _NEEDS_PASSWORD:
        yield ok("flower", "It asks for a password.")
    else:
        yield warning("flower", f"What answers at Flower's port says {status}.", "See what runs there.")
