"""Events as Stripe would post them, from our own payloads, each with ids of its own."""

import hashlib
import hmac
import json
import secrets
import time
import urllib.error
import urllib.request

from tests.factories.events import event
from tests.running import SECRET


def fresh(name, **changes):
    """One of our payloads under a new event id and about a new object, unless said otherwise."""
    return event(name, **({"id": f"evt_{secrets.token_hex(12)}"} | changes))


def sign(body, *, secret=SECRET, at=None):
    timestamp = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def post(carelane, event, *, headers=None, timeout=20):
    """The status and the document of the answer."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    request = urllib.request.Request(carelane.webhook_url, body, headers or {"Stripe-Signature": sign(body)})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error) | {"retryAfter": error.headers.get("Retry-After")}
