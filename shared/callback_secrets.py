"""Secrets of endpoints, sealed at rest: AES-256-GCM under a key that none but the process that signs needs to have."""

import os
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import IntegrityError

_NONCE_BYTES = 12


def seal(key: bytes, endpoint_id: uuid.UUID, secret: str) -> bytes:
    """Nonce and ciphertext, bound to the endpoint: moved to another one it does not open."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret.encode(), _bound_to(endpoint_id))


def unseal(key: bytes, endpoint_id: uuid.UUID, sealed: bytes) -> str:
    """Raises IntegrityError."""
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, _bound_to(endpoint_id)).decode()
    except (InvalidTag, ValueError) as error:
        raise IntegrityError("a secret was changed, moved, or sealed under another CARELANE_CALLBACK_KEY") from error


def _bound_to(endpoint_id: uuid.UUID) -> bytes:
    return b"carelane callback secret 1" + endpoint_id.bytes
