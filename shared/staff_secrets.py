"""What staff know and hold: passwords (argon2id), one-time codes (RFC 6238), recovery and setup codes."""

import hmac
import os
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from threading import BoundedSemaphore

import argon2
import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.crypto import lookup_hash
from shared.errors import IntegrityError
from shared.rules.emergency import ALPHABET, CODE_LENGTH, normal, readable

# OWASP's least for argon2id; each hashing takes 19 MiB, so only so many are made at once.
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = BoundedSemaphore(4)
_STEP_SECONDS = 30
_STEPS_OFF = (0, -1, 1)  # clocks of telephones are a little off
_NONCE_BYTES = 12
_CODE_DIGITS = 6
ISSUER = "Carelane"


def hash_password(password: str) -> str:
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_password(password_hash: str | None, password: str) -> bool:
    """Takes as long for an account that does not exist: what a stranger measures tells no names."""
    with _AT_ONCE:
        try:
            _HASHER.verify(password_hash or _of_nobody(), password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    return _HASHER.check_needs_rehash(password_hash)


@cache
def _of_nobody() -> str:
    return _HASHER.hash(secrets.token_hex())


def new_totp_secret() -> str:
    return pyotp.random_base32()


def totp_uri(secret: str, name: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step that a code belongs to, now or one step off; None when it is none of them."""
    typed = code.replace(" ", "")
    if len(typed) != _CODE_DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    current = int(now.timestamp()) // _STEP_SECONDS
    one_time = pyotp.HOTP(secret)
    found = [step for step in (current + off for off in _STEPS_OFF) if hmac.compare_digest(one_time.at(step), typed)]
    return found[0] if found else None


def seal(lookup_key: bytes, staff_id: uuid.UUID, secret: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _sealing(lookup_key).encrypt(nonce, secret.encode(), staff_id.bytes)


def unseal(lookup_key: bytes, staff_id: uuid.UUID, sealed: bytes) -> str:
    """Raises IntegrityError for one that was changed, or moved from another account."""
    try:
        return _sealing(lookup_key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], staff_id.bytes).decode()
    except InvalidTag as error:
        raise IntegrityError("the sealed secret of an account was changed or belongs to another") from error


def _sealing(lookup_key: bytes) -> AESGCM:
    return AESGCM(lookup_hash(lookup_key, "staff-totp", b"key"))


def new_recovery_codes(count: int) -> Sequence[str]:
    return [readable("".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))) for _ in range(count)]


def recovery_hash(lookup_key: bytes, staff_id: uuid.UUID, typed: str) -> bytes | None:
    """None for what cannot be a recovery code."""
    code = normal(typed)
    return None if code is None else lookup_hash(lookup_key, "staff-recovery", staff_id.bytes + code.encode())


def new_token() -> str:
    """A setup code or a session's token: 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(lookup_key: bytes, purpose: str, token: str) -> bytes:
    return lookup_hash(lookup_key, f"staff-{purpose}", token.encode())
