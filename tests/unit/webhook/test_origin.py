"""Where a request came from cannot be made up by whoever sends it."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.origin import Peer, named, source

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def told(client, forwarded=None, trusted=TRUSTED):
    return str(source(Peer(client, forwarded), trusted))


@pytest.mark.parametrize(
    ("client", "forwarded", "found"),
    [
        ("203.0.113.9:4000", None, "203.0.113.9"),
        ("203.0.113.9:4000", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1:4000", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1:4000", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1:4000", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1:4000", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1:4000", "198.51.100.1:80", "10.0.0.1"),
        ("10.0.0.1:4000", "", "10.0.0.1"),
        ("10.0.0.1:4000", "10.0.0.3", "10.0.0.3"),
        ("[fd00::1]:4000", "2001:db8::5", "2001:db8::5"),
        ("::ffff:10.0.0.1:4000", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1:4000", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.1:4000", "x" * 100_000, "10.0.0.1"),
        ("unix:", "198.51.100.1", "None"),
    ],
)
def test_forwarding_is_believed_only_from_our_own_proxies(client, forwarded, found):
    assert told(client, forwarded) == found


def test_without_proxies_of_ours_nothing_is_believed():
    assert told("10.0.0.1:4000", "198.51.100.1", trusted=[]) == "10.0.0.1"


@given(st.text(max_size=60), st.lists(st.sampled_from(["198.51.100.1", "10.0.0.9", "nonsense", ""]), max_size=20))
def test_nothing_a_caller_writes_changes_what_our_proxy_says_of_it(text, more):
    theirs = ",".join([text, *more])
    assert told("10.0.0.1:4000", f"{theirs}, 203.0.113.9") == "203.0.113.9"
    assert told("203.0.113.9:4000", theirs) == "203.0.113.9"


def test_who_has_one_address_of_an_ipv6_network_counts_as_one():
    first, second, other = (named(ip_address(f"2001:db8:0:{net}::{host}")) for net, host in [(1, 1), (1, 2), (2, 1)])
    assert first == second != other
    assert named(None) == "unknown"
