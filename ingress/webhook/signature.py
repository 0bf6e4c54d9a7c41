"""Whether Stripe signed these bytes, and lately: HMAC-SHA256 over `t.body` (https://docs.stripe.com/webhooks/signature)."""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.config import SIGNATURE_TOLERANCE_SECONDS
from shared.setting_values import WebhookSecret

# Room for some fifty signatures while secrets are rolled; it bounds the comparisons an unsigned caller can cause.
_LONGEST_HEADER = 4096
# ASCII digits only: int() also reads signs, blanks, underscores and the digits of every script.
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Verified:
    secret_name: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """`code` is MISSING_SIGNATURE, INVALID_SIGNATURE or REPLAY_ATTACK."""

    code: str


def verify(header: str | None, body: bytes, *, secrets: Sequence[WebhookSecret], now: int) -> Verified | Refused:
    """Judge the signature first and its age after: `now` is in Unix seconds, 300 either way are allowed."""
    if header is None:
        return Refused("MISSING_SIGNATURE")
    timestamp, signatures = _read(header)
    if timestamp is None:
        return Refused("INVALID_SIGNATURE")
    # Every secret and signature is compared, whichever matches: the time taken tells nothing.
    matching = [secret.name for secret in secrets if _signed_with(secret, timestamp, body, signatures)]
    if not matching:
        return Refused("INVALID_SIGNATURE")
    if abs(now - int(timestamp)) > SIGNATURE_TOLERANCE_SECONDS:
        return Refused("REPLAY_ATTACK")
    return Verified(matching[0], datetime.fromtimestamp(int(timestamp), UTC))


def may_be(header: str | None) -> bool:
    """Whether it has a signature's form; without it the body need not even be held."""
    return header is not None and all(_read(header))


def _read(header: str) -> tuple[str | None, list[str]]:
    """The one `t`, as it was sent, and every well-formed `v1`; other schemes are weaker and count for nothing."""
    if len(header) > _LONGEST_HEADER:
        return None, []
    pairs = [part.partition("=") for part in header.split(",")]
    timestamps = [value for key, _, value in pairs if key == "t"]
    signatures = [value for key, _, value in pairs if key == "v1" and _SIGNATURE.fullmatch(value)]
    if len(timestamps) != 1 or not _TIMESTAMP.fullmatch(timestamps[0]):
        return None, []
    return timestamps[0], signatures


def _signed_with(secret: WebhookSecret, timestamp: str, body: bytes, signatures: Sequence[str]) -> bool:
    expected = hmac.digest(secret.value.encode(), b"%s.%s" % (timestamp.encode(), body), "sha256").hex().encode()
    return any([hmac.compare_digest(expected, signature.encode()) for signature in signatures])  # noqa: C419 - no early end
