"""Settings of the doors: what could let anybody say where they come from, or sign in unseen, stops the start."""

import pytest

from shared.config import SettingsError, load

REFUSED = [
    ("CARELANE_TRUSTED_PROXIES", "0.0.0.0/0"),
    ("CARELANE_TRUSTED_PROXIES", "10.0.0.0/8,::/0"),
    ("CARELANE_TRUSTED_PROXIES", "10.0.0.1/8"),
    ("CARELANE_TRUSTED_PROXIES", "nginx"),
    ("CARELANE_CONSOLE_URL", "http://console.example.org"),
    ("CARELANE_CONSOLE_URL", "https://console.example.org/console"),
    ("CARELANE_CONSOLE_URL", "console.example.org"),
    ("CARELANE_CONSOLE_URL", "https://console.example.org@evil.example"),
    ("CARELANE_SOURCES_MODE", "off"),
    ("CARELANE_UNSIGNED_PER_MINUTE", "-1"),
    ("CARELANE_SESSION_IDLE_MINUTES", "0"),
    ("CARELANE_SESSION_HOURS", "25"),
]


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_what_would_open_a_door_is_refused(name, text):
    with pytest.raises(SettingsError, match=name):
        load({name: text})


@pytest.mark.parametrize(
    "text", ["https://console.example.org", "HTTPS://Console.example.org:8443/", "http://[::1]:8001"]
)
def test_an_origin_is_kept_as_browsers_write_it(text):
    assert load({"CARELANE_CONSOLE_URL": text}).console_url == text.lower().rstrip("/")


def test_proxies_are_networks_of_either_kind():
    found = load({"CARELANE_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7,fd00::/8"}).trusted_proxies
    assert [str(network) for network in found] == ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8"]
