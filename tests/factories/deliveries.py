"""Stripe's side of a delivery: a signed header, written apart from the code that checks it."""

import hashlib
import hmac

from shared.setting_values import WebhookSecret

SECRET = WebhookSecret("current", "whsec_a_secret_that_only_tests_know")
PREVIOUS = WebhookSecret("previous", "whsec_the_one_that_is_rolled_out")


def signature(body: bytes, at: int | str, secret: WebhookSecret = SECRET) -> str:
    return hmac.new(secret.value.encode(), b"%s.%s" % (str(at).encode(), body), hashlib.sha256).hexdigest()


def header(body: bytes, at: int | str, secret: WebhookSecret = SECRET) -> str:
    return f"t={at},v1={signature(body, at, secret)}"
