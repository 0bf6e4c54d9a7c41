"""Stripe's list of networks, fetched and put in place of the one before: by command, and on beat."""

import os
import shutil
import time
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from shared import audit, source_list
from shared.db import Connection
from shared.source_list import Network

STRIPE = "https://stripe.com/files/ips/ips_webhooks.json"
# Of silence, and of the whole: together less than a task of a worker's may take.
_SILENT_SECONDS, _WHOLE_SECONDS = 3, 6
_AT_ONCE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Renewed:
    networks: int
    is_changed: bool


def fetch(url: str) -> bytes:
    """What is published there; who calls judges the address. Raises OSError; ValueError for what is too long."""
    ends = time.monotonic() + _WHOLE_SECONDS
    found = b""
    try:
        with urllib.request.urlopen(url, timeout=_SILENT_SECONDS) as answer:  # noqa: S310 - a constant, or judged
            while part := answer.read1(_AT_ONCE_BYTES):
                found += part
                if len(found) > source_list.MOST_BYTES:
                    raise ValueError("the list is too long")
                if time.monotonic() > ends:
                    raise TimeoutError("the list comes too slowly")
    except HTTPException as error:
        raise OSError("no answer that HTTP knows") from error
    return found


def put(conn: Connection, target: Path, found: bytes, *, actor: str) -> Renewed:
    """In the caller's transaction, for a change is audited. Raises OSError or ValueError, and has then changed nothing.

    A list that is as before takes the old one's place too: by the file's age one sees since when nobody has looked.
    """
    after, before = source_list.parse(found), _known(target)
    if after != before:
        audit.record(
            conn,
            actor=actor,
            act="sources.changed",
            object="sources:stripe",
            before={"gone": _less(before, after)},
            after={"new": _less(after, before)},
        )
    _replace(target, found)
    return Renewed(len(after), after != before)


def _replace(target: Path, found: bytes) -> None:
    fresh = target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        fresh.write_bytes(found)
        if target.exists():
            shutil.copymode(target, fresh)  # the door, perhaps another user, may read it as before
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _known(target: Path) -> tuple[Network, ...]:
    try:
        return source_list.read(target)
    except (OSError, ValueError):
        return ()


def _less(some: tuple[Network, ...], others: tuple[Network, ...]) -> list[str]:
    return sorted(map(str, set(some) - set(others)))
