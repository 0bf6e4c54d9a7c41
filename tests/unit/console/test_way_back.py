"""After signing in one comes back to a page of the console, whatever an address claims."""

import pytest

from ingress.console.way_back import checked

OURS = (
    "/console", "/console/events?type=payout.*&who=a%20b&since=2026-11-21T14:00", "/console/people/a%2Fb@c+d",
    "/console/acts/00000000-0000-0000-0000-000000000007?outcome=not_found", "/console/events/evt_1.5",
)  # fmt: skip
ELSEWHERE = (
    "", "/", "/account", "/consoles", "console", "//evil.example/console", "https://evil.example/console",
    "/console//evil.example", "/console/../account", "/console/..", "/console/./events", "/console/..?a=b",
    "/console\\evil.example", "/console/events\r\nSet-Cookie: a=b", "/console/events\n", "/console/\u0663",
    "/console?next=https://evil.example", "/console/events#here", "/console/events?a=" + "b" * 1000, None,
)  # fmt: skip


@pytest.mark.parametrize("address", OURS)
def test_a_page_of_ours_is_gone_back_to(address):
    assert checked(address) == address


@pytest.mark.parametrize("address", ELSEWHERE)
def test_what_is_no_page_of_ours_is_not(address):
    assert checked(address) is None
