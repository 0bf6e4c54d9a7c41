"""How the text of a setting becomes a value; each raises ValueError with what is wrong, worded to follow its name."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from shared import sentinels


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """One endpoint secret; `name` is what the records say of which secret matched."""

    name: str
    value: str = field(repr=False)


# Reject what an empty or half-set variable turns into ("", "None", a stray blank): a guessable secret is no secret.
_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{16,}")
_KEY_BYTES = 32
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def secrets(text: str) -> tuple[WebhookSecret, ...]:
    found = []
    for position, part in enumerate(filter(None, (piece.strip() for piece in text.split(","))), start=1):
        name, separator, value = part.partition("=") if not part.startswith("whsec_") else ("", "", part)
        if not separator:
            name, value = f"secret-{position}", part
        if not _NAME.fullmatch(name) or not _SECRET.fullmatch(value):
            raise ValueError(f"entry {position} is not whsec_… (16 characters or more) or name=whsec_…")
        found.append(WebhookSecret(name, value))
    if not found:
        raise ValueError("is empty: unset it, or give at least one whsec_… secret")
    if len({secret.name for secret in found}) != len(found):
        raise ValueError("two entries have the same name")
    return tuple(found)


def key(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error:
        found = b""
    if len(found) != _KEY_BYTES:
        raise ValueError("is not 32 bytes in base64")
    return found


def key_or_file(text: str) -> bytes:
    """`file:PATH` names a file that holds the key: what a secret store or a KMS agent mounts need be no variable."""
    if not text.startswith("file:"):
        return key(text)
    try:
        return key(Path(text.removeprefix("file:")).read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError("names a file that cannot be read") from error


def keys(text: str) -> tuple[bytes, ...]:
    return tuple(key_or_file(part) for part in filter(None, (piece.strip() for piece in text.split(","))))


def number(low: float, high: float) -> Callable[[str], int]:
    def parse(text: str) -> int:
        found = int(text) if re.fullmatch(r"-?\d{1,12}", text) else None
        if found is None or not low <= found <= high:
            raise ValueError(f"is not a whole number from {low:g} to {high:g}")
        return found

    return parse


def flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError("is neither true nor false")
    return text.lower() == "true"


def shared_secret(text: str) -> str:
    """As Supabase gives it out; a shorter one could be found by trying (RFC 7518, 3.2)."""
    if len(text.encode()) < _KEY_BYTES:
        raise ValueError(f"is shorter than {_KEY_BYTES} bytes")
    return text


def stripe_key(text: str) -> str:
    """A secret or restricted key; a publishable one (pk_) can read nothing that is asked for here."""
    if not re.fullmatch(r"(sk|rk)_[A-Za-z0-9_]+", text):
        raise ValueError("is neither sk_… nor rk_…")
    return text


def one_of(*known: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in known:
            raise ValueError(f"is none of {' '.join(known)}")
        return text

    return parse


def label(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("is not 1 to 64 letters, digits or _ . -")
    return text


def absolute_path(text: str) -> Path:
    """One that means the same wherever a command is called."""
    if not Path(text).is_absolute():
        raise ValueError("is no absolute path")
    return Path(text)


def words(text: str) -> frozenset[str]:
    return frozenset(filter(None, (word.strip() for word in text.split(","))))


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        found = tuple(ip_network(part) for part in filter(None, (piece.strip() for piece in text.split(","))))
    except ValueError as error:
        raise ValueError("is no list of networks such as 10.20.0.0/16,192.0.2.7,fd00::/8") from error
    if any(network.prefixlen == 0 for network in found):
        raise ValueError("names all addresses")
    return found


def origin(text: str) -> str:
    """A scheme, a host and perhaps a port: what browsers call an origin."""
    found = re.fullmatch(r"(https?)://([a-z0-9.-]{1,253}|\[[0-9a-f:]+\])(:[0-9]{1,5})?/?", text.lower())
    if found is None or (found[1] == "http" and found[2] not in _LOOPBACK):
        raise ValueError("is not https://host or https://host:port (http on this machine alone)")
    return text.lower().rstrip("/")


def origins(text: str) -> tuple[str, ...]:
    return tuple(origin(part) for part in filter(None, (piece.strip() for piece in text.split(","))))


def redis_url(text: str) -> str:
    """One server, or the Sentinels that watch several."""
    if sentinels.is_watched(text):
        sentinels.read(text)
        return text
    return url("redis", "rediss", "unix", sentinels.SCHEME)(text)


def url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not text.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return text

    return parse
