from ipaddress import ip_network

import pytest

from shared.rules.callback_targets import is_allowed, is_inside

PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1",
    "239.255.255.250", "255.255.255.255", "240.0.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1",
    "ff0e::1",
    # The same once more, in the clothes of IPv6.
    "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1", "fec0::1", "192.88.99.1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:102:304::f5ff:fffe",
)  # fmt: skip
PUBLIC = ("1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101")


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused(address):
    assert not is_allowed(address, ())


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_allowed(address):
    assert is_allowed(address, ())


def test_a_network_that_was_allowed_is_and_no_other():
    networks = [ip_network("10.20.0.0/16"), ip_network("fd00:1::/32")]
    for address in ("10.20.3.4", "::ffff:10.20.3.4", "fd00:1::5"):
        assert is_allowed(address, networks)
    for address in ("10.21.0.1", "127.0.0.1", "fd00:2::1"):
        assert not is_allowed(address, networks)


def test_inside_such_a_network_only_its_own_addresses_count():
    assert is_inside("10.20.3.4", [ip_network("10.20.0.0/16")])
    assert not is_inside("1.1.1.1", [ip_network("10.20.0.0/16")])
