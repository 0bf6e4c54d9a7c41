"""Sealing: bodies are closed by one key of this process and hour, which only the readers' private key can unwrap.

The writer holds a public key, so the front door can open nothing but what it wrote itself within the hour. Wrapping is
HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM); bodies are AES-256-GCM over zlib, bound to their row's identity.
"""

import hashlib
import hmac
import os
import uuid
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import IntegrityError, KeyElsewhere

DATA_KEY_SECONDS = 3600
_WRAPPING = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_PURPOSE = b"carelane data key 1"
_FASTEST = 1  # zlib level: the higher ones cost a third more time for a thirtieth less space on Stripe's events
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Identity:
    """What a sealed body belongs to; a body moved to another row does not open."""

    account: str | None
    livemode: bool | None
    event_id: str

    def associated_data(self, key_id: uuid.UUID) -> bytes:
        """Length-prefixed, so that no two identities give the same bytes."""
        parts = (self.account or "", {None: "", True: "live", False: "test"}[self.livemode], self.event_id, "body")
        texts = [part.encode() for part in parts] + [key_id.bytes]
        return b"".join(len(text).to_bytes(4, "big") + text for text in texts)


@dataclass(frozen=True, slots=True)
class DataKey:
    """A 256-bit key for bodies, and itself wrapped for the readers."""

    id: uuid.UUID
    secret: AESGCM = field(repr=False)
    wrapped: bytes
    recipient: str


@dataclass(frozen=True, slots=True)
class Sealed:
    data_key_id: uuid.UUID
    nonce: bytes
    sealed: bytes


def new_private_key() -> bytes:
    """32 bytes, X25519."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_key_of(private_key: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def fingerprint(public_key: bytes) -> str:
    """How a public key is named in rows and logs."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def new_data_key(public_key: bytes) -> DataKey:
    secret = AESGCM.generate_key(256)
    wrapped = _WRAPPING.encrypt(secret, X25519PublicKey.from_public_bytes(public_key), info=_PURPOSE)
    return DataKey(uuid.uuid4(), AESGCM(secret), wrapped, fingerprint(public_key))


def rewrap(wrapped: bytes, private_key: bytes, public_key: bytes) -> bytes:
    """The same data key for another reader; no body is touched. Raises IntegrityError when it is not for this one."""
    try:
        secret = _WRAPPING.decrypt(wrapped, X25519PrivateKey.from_private_bytes(private_key), info=_PURPOSE)
    except InvalidTag as error:
        raise IntegrityError("the wrapped data key was changed") from error
    return _WRAPPING.encrypt(secret, X25519PublicKey.from_public_bytes(public_key), info=_PURPOSE)


def seal(key: DataKey, body: bytes, identity: Identity) -> Sealed:
    """Close one body. A random nonce serves: a key lives an hour, far below 2**32 uses."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = key.secret.encrypt(nonce, zlib.compress(body, _FASTEST), identity.associated_data(key.id))
    return Sealed(key.id, nonce, sealed)


def lookup_hash(lookup_key: bytes, purpose: str, value: bytes) -> bytes:
    """HMAC-SHA256 for look-ups: equal values are found, and without the key none can be guessed and checked."""
    return hmac.digest(lookup_key, purpose.encode() + b"\0" + value, "sha256")


class Reader:
    """Opens bodies; unwrapped data keys are kept by id. `fetch_wrapped` gives (wrapped, recipient) for a key's id.

    `earlier` private keys open what is not wrapped for the present one yet, while keys are rotated.
    """

    _MOST_KEYS = 1024

    def __init__(
        self,
        private_key: bytes,
        fetch_wrapped: Callable[[uuid.UUID], tuple[bytes, str] | None],
        *,
        earlier: Sequence[bytes] = (),
    ) -> None:
        self._private_keys = {
            fingerprint(public_key_of(raw)): X25519PrivateKey.from_private_bytes(raw) for raw in (*earlier, private_key)
        }
        self._recipient = fingerprint(public_key_of(private_key))
        self._fetch_wrapped = fetch_wrapped
        self._opened: dict[uuid.UUID, AESGCM] = {}

    def open(self, sealed: Sealed, identity: Identity) -> bytes:
        """The body as it was received; IntegrityError when it was changed, moved, or its key is not ours."""
        secret = self._opened.get(sealed.data_key_id) or self._unwrap(sealed.data_key_id)
        try:
            packed = secret.decrypt(sealed.nonce, sealed.sealed, identity.associated_data(sealed.data_key_id))
            return zlib.decompress(packed)
        except (InvalidTag, zlib.error) as error:
            raise IntegrityError("the sealed body was changed or belongs to another row") from error

    def _unwrap(self, key_id: uuid.UUID) -> AESGCM:
        found = self._fetch_wrapped(key_id)
        if found is None:
            raise IntegrityError("the data key of this body is missing")
        wrapped, recipient = found
        if recipient not in self._private_keys:
            raise KeyElsewhere(recipient, reads_as=self._recipient)
        try:
            secret = AESGCM(_WRAPPING.decrypt(wrapped, self._private_keys[recipient], info=_PURPOSE))
        except InvalidTag as error:
            raise IntegrityError("the wrapped data key was changed") from error
        if len(self._opened) >= self._MOST_KEYS:
            self._opened.clear()
        self._opened[key_id] = secret
        return secret
