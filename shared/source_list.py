"""A list of the networks that somebody sends from, as Stripe publishes it: JSON, or an address a line.

https://docs.stripe.com/ips. The webhook door imports this: standard library only.
"""

import json
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

Network = IPv4Network | IPv6Network

MOST_BYTES = 1024 * 1024
_MOST_NETWORKS = 10_000


def read(path: Path) -> tuple[Network, ...]:
    """Raises OSError, and what `parse` raises."""
    with path.open("rb") as file:
        return parse(file.read(MOST_BYTES + 1))


def parse(text: bytes) -> tuple[Network, ...]:
    """Raises ValueError for a list that is empty, too long, or holds anything but networks."""
    if len(text) > MOST_BYTES:
        raise ValueError("the list is too long")
    entries = _entries(text.decode("utf-8-sig"))
    if not 0 < len(entries) <= _MOST_NETWORKS:
        raise ValueError("the list is empty or too long")
    return tuple(ip_network(entry) for entry in entries)


def _entries(text: str) -> Sequence[str]:
    if text.lstrip().startswith(("{", "[")):
        document = json.loads(text)
        found = next(iter(document.values()), []) if isinstance(document, dict) else document
        if not isinstance(found, list) or not all(isinstance(entry, str) for entry in found):
            raise ValueError("the list is not one of networks")
        return found
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]
