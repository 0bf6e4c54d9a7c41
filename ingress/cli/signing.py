"""Signs a body the way Stripe does (docs.stripe.com/webhooks/signature), or wrongly on purpose."""

import hashlib
import hmac
import json
import secrets
from typing import Any, Literal

Flaw = Literal["none", "bad", "missing"]


def body_of(event: Any) -> bytes:
    """The bytes of an event, indented as Stripe's deliveries are."""
    return json.dumps(event, indent=2, ensure_ascii=False).encode()


def signature(body: bytes, *, secret: str, signed_at: int) -> str:
    """The `Stripe-Signature` header: HMAC-SHA256 over `<t>.<body>`, the secret used whole, prefix and all."""
    digest = hmac.new(secret.encode(), b"%d." % signed_at + body, hashlib.sha256).hexdigest()
    return f"t={signed_at},v1={digest}"


def header(body: bytes, *, secret: str, signed_at: int, flaw: Flaw = "none") -> str | None:
    """The header with this flaw; None where it is to be missing."""
    if flaw == "missing":
        return None
    return signature(body, secret=secret if flaw == "none" else f"whsec_{secrets.token_hex(16)}", signed_at=signed_at)
