"""A person's session at their page, sealed into its cookie: it opens also while PostgreSQL is away.

It is short, since nothing can end it but its time; it can read what is this person's, and open emergency access.
"""

import base64
import binascii
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.crypto import lookup_hash

_NONCE_BYTES = 12
_FOR = b"account session 1"
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Session:
    """`zone`: the person's time zone by its IANA name, as the application told it."""

    user_id: str
    ends_at: datetime
    zone: str = "UTC"


class Seal:
    """One for each process; all processes that hold the lookup key open each other's."""

    def __init__(self, lookup_key: bytes) -> None:
        self._aead = AESGCM(lookup_hash(lookup_key, "account-session", b"key"))

    def close(self, session: Session) -> str:
        told = {"person": session.user_id, "ends": int(session.ends_at.timestamp()), "zone": session.zone}
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._aead.encrypt(nonce, json.dumps(told).encode(), _FOR)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, text: str, *, now: datetime) -> Session | None:
        """None for what we did not seal, and for what is over."""
        if len(text) > _LONGEST:
            return None
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            told = json.loads(self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _FOR))
        except (InvalidTag, ValueError, binascii.Error):
            return None
        session = Session(told["person"], datetime.fromtimestamp(told["ends"], UTC), told["zone"])
        return session if now < session.ends_at else None
