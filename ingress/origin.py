"""Where a request came from: the address of the connection, or what our own proxies say of it.

X-Forwarded-For is believed only from the right, hop by hop, for as long as the hop that wrote it is one of ours: what a
caller wrote there itself stands further left, and is never reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_MOST_HOPS = 16
_LONGEST = 45  # of an IPv6 address
UNKNOWN = "unknown"
# Whoever has one address of such a network has all of them.
_ONE_OWNER_BITS = 64


@dataclass(frozen=True, slots=True)
class Peer:
    """`client` is host:port of the connection, `forwarded` its X-Forwarded-For, several joined by commas."""

    client: str
    forwarded: str | None = None


def source(peer: Peer, trusted: Sequence[Network]) -> Address | None:
    """None when the connection itself has no address, as that of a Unix socket."""
    found = _address(peer.client.rpartition(":")[0].strip("[]"))
    if found is None or not trusted or peer.forwarded is None:
        return found
    hops = peer.forwarded.rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]
    while hops and within(found, trusted):
        said = _address(hops.pop().strip())
        if said is None:
            break  # our proxy passed on what is no address: then it is all we know
        found = said
    return found


def named(address: Address | None) -> str:
    """By whom one counts: an IPv6 address by its /64."""
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((int(address), _ONE_OWNER_BITS), strict=False))


def within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _address(text: str) -> Address | None:
    if len(text) > _LONGEST:
        return None
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
