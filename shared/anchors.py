"""Anchors of the audit trail: where the chain stood, signed, in a file outside the database that only grows.

One JSON document a line. The relay holds the signing key (Ed25519) and writes; whoever checks needs the public one.
After a restore the chain goes on from an earlier position, which is a line of its own: `restored`.
"""

import base64
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.config import Settings
from shared.rules.trail import Fault
from shared.trail import Head

_PURPOSE = "carelane audit anchor 1"
_RESTORED = "carelane audit anchor 1, where a restored chain goes on"


def path_of(settings: Settings) -> Path:
    return settings.audit_anchors or settings.home / "audit-anchors.jsonl"


def new_signing_key() -> bytes:
    """32 bytes, Ed25519."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def verify_key_of(signing_key: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(signing_key).public_key().public_bytes_raw()


@dataclass(frozen=True, slots=True)
class Anchor:
    position: int
    link: bytes
    at: str
    signature: bytes
    restored: bool = False

    def signed_text(self) -> bytes:
        return f"{_RESTORED if self.restored else _PURPOSE}\n{self.position}\n{self.link.hex()}\n{self.at}".encode()

    def to_json(self) -> dict[str, Any]:
        signature = base64.b64encode(self.signature).decode()
        told = {"position": self.position, "link": self.link.hex(), "at": self.at, "signature": signature}
        return told | ({"restored": True} if self.restored else {})


def make(head: Head, signing_key: bytes, now: datetime, *, restored: bool = False) -> Anchor:
    at = now.astimezone(UTC).isoformat(timespec="seconds")
    bare = Anchor(head.position, head.link, at, b"", restored)
    return replace(bare, signature=Ed25519PrivateKey.from_private_bytes(signing_key).sign(bare.signed_text()))


def is_genuine(anchor: Anchor, verify_key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(verify_key).verify(anchor.signature, anchor.signed_text())
    except InvalidSignature:
        return False
    return True


def append(path: Path, anchor: Anchor) -> None:
    """Add one line and see it to the disk; a line that a loss of power tore stays by itself."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        torn = b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""
        os.write(descriptor, torn + json.dumps(anchor.to_json()).encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path, verify_key: bytes) -> tuple[dict[int, bytes], list[Fault]]:
    """What genuine anchors have seen, by position, and the faults of the others; both empty without a file."""
    return believed(_lines(path), verify_key)


def believed(lines: Iterable[tuple[int, Anchor | None]], verify_key: bytes) -> tuple[dict[int, bytes], list[Fault]]:
    """As `read`, of these. What was seen beyond where a restored chain goes on was lost then, and holds no more."""
    seen: dict[int, bytes] = {}
    faults: list[Fault] = []
    latest = ""
    for number, anchor in lines:
        if anchor is None or not is_genuine(anchor, verify_key):
            faults.append(Fault("forged", f"line {number} of the anchors is not one that our key has signed"))
            continue
        if anchor.restored and anchor.at < latest:
            # Said again, it would take back what was seen since.
            faults.append(Fault("forged", f"line {number} of the anchors tells of a restore that is over"))
            continue
        if anchor.restored:
            seen = {position: link for position, link in seen.items() if position <= anchor.position}
        latest = max(latest, anchor.at)
        if seen.setdefault(anchor.position, anchor.link) != anchor.link:
            faults.append(
                Fault("rewritten", f"line {number} of the anchors contradicts an earlier one", anchor.position)
            )
    return seen, faults


def _lines(path: Path) -> Iterator[tuple[int, Anchor | None]]:
    try:
        file = path.open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    with file:
        for number, line in enumerate(file, start=1):
            yield number, _parse(line)


def restores(path: Path, verify_key: bytes) -> list[Anchor]:
    """Where the chain went on after each restore."""
    return [one for one in kept(path) if one.restored and is_genuine(one, verify_key)]


def kept(path: Path) -> list[Anchor]:
    """Every line that can be read, genuine or not."""
    return [anchor for _, anchor in _lines(path) if anchor is not None]


def of(told: Mapping[str, Any]) -> Anchor:
    """Raises ValueError, KeyError or TypeError where it is no anchor."""
    signature = base64.b64decode(told["signature"], validate=True)
    restored = told.get("restored") is True
    return Anchor(int(told["position"]), bytes.fromhex(told["link"]), str(told["at"]), signature, restored)


def _parse(line: str) -> Anchor | None:
    try:
        return of(json.loads(line))
    except (ValueError, KeyError, TypeError):
        return None
