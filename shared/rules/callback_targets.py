"""Which addresses callbacks may go to: those of the open internet, and of networks that were allowed by name.

A name can be pointed at anything, the metadata service of a cloud too; so what counts is the address at each sending.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

# Addresses of this network stand for IPv4 ones (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
# Python's releases do not agree that these are not of the open internet: IPv4 ones in other clothes, a translation
# into a network's own, what once was local to a site, and relays of 6to4.
_NEVER = (
    IPv6Network("::/96"),
    IPv6Network("::ffff:0:0:0/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("fec0::/10"),
    IPv4Network("192.88.99.0/24"),
)


def is_allowed(address: str, networks: Sequence[Network]) -> bool:
    """Whether that address is public, or in a network that was allowed."""
    if is_inside(address, networks):
        return True
    found = ip_address(address.partition("%")[0])
    inner = _embedded(found) if isinstance(found, IPv6Address) else None
    if inner is not None:
        return is_allowed(str(inner), networks)
    return found.is_global and not found.is_multicast and not any(found in network for network in _NEVER)


def is_inside(address: str, networks: Sequence[Network]) -> bool:
    """Whether it is in a network that was allowed, where nothing need be encrypted."""
    found = ip_address(address.partition("%")[0])
    return any(found in network for network in networks)


def _embedded(found: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one is only another way to reach."""
    if found in _NAT64:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
