"""Cursors of devices: a position that was given to one device alone, so that another's is known for what it is."""

import base64
import binascii
import hmac

from ingress.api.problems import Problem
from shared import crypto

_TAG_BYTES = 12
_LONGEST_POSITION = 18


def write(lookup_key: bytes, device: tuple[str, str], position: int) -> str:
    """`device`: its id, and its person's: in another's hands it is another device."""
    whole = str(position).encode() + b"." + _tag(lookup_key, device, position)
    return base64.urlsafe_b64encode(whole).decode().rstrip("=")


def read(lookup_key: bytes, device: tuple[str, str], cursor: str) -> int:
    """Raises Problem for what this device was never given."""
    try:
        whole = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Problem("FOREIGN_CURSOR") from None
    text, _, tag = whole.partition(b".")
    if not (text.isdigit() and len(text) <= _LONGEST_POSITION):
        raise Problem("FOREIGN_CURSOR")
    position = int(text)
    if not hmac.compare_digest(tag, _tag(lookup_key, device, position)):
        raise Problem("FOREIGN_CURSOR")
    return position


def _tag(lookup_key: bytes, device: tuple[str, str], position: int) -> bytes:
    whole = "\0".join([*device, str(position)]).encode()
    return crypto.lookup_hash(lookup_key, "sync-cursor", whole)[:_TAG_BYTES]
