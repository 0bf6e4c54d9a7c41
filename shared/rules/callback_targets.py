"""Where callbacks may go: https, and addresses of the open internet unless a network was allowed by name.

A name can be pointed at anything, the metadata service of a cloud too; so what counts is the address at each sending.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network

LONGEST_URL = 2000
_PORTS = {"https": 443, "http": 80}
# Addresses of this network stand for IPv4 ones (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """`path` with its query; `authority` is what the Host header says."""

    scheme: str
    host: str
    port: int
    path: str
    authority: str


def target_of(url: str, *, allows_http: bool = False) -> Target:
    """Raises ValueError with what is wrong, worded to follow "the URL"."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"is longer than {LONGEST_URL} characters, or holds some that no URL has")
    parts = urlsplit(url)
    if parts.scheme not in ({"https", "http"} if allows_http else {"https"}):
        raise ValueError("does not begin with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("holds a password or a fragment")
    if not parts.hostname:
        raise ValueError("names no host")
    port = _PORTS[parts.scheme] if parts.port is None else parts.port  # `port` itself raises ValueError
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, path, parts.netloc)


def is_allowed(address: str, networks: Sequence[Network]) -> bool:
    """Whether that address is public, or in a network that was allowed."""
    found = ip_address(address.partition("%")[0])
    if any(found in network for network in networks):
        return True
    inner = _embedded(found) if isinstance(found, IPv6Address) else None
    if inner is not None:
        return is_allowed(str(inner), networks)
    return found.is_global and not found.is_multicast


def _embedded(found: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one is only another way to reach."""
    if found in _NAT64:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
