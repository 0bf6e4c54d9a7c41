"""How a person's session comes to their page, what it opens, and when it ends."""

import re
from datetime import timedelta

import pytest

from tests.factories.identities import token
from tests.integration.account.conftest import APPLICATION, ORIGIN, Browser

PLAN = "You have no plan right now."


def test_the_application_hands_a_session_over_and_no_address_holds_it(browser):
    answer = browser.hand_over()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    cookie = answer.headers["Set-Cookie"]
    for word in (
        "__Host-carelane-account=",
        "Secure",
        "HttpOnly",
        "SameSite=None",
        "Partitioned",
        "Path=/",
        "Max-Age=1800",
    ):
        assert word in cookie
    assert PLAN in browser.open().text


def test_where_no_application_may_frame_it_the_cookie_stays_at_home(house, app, browser):
    object.__setattr__(house, "application", ())
    answer = browser.hand_over(origin=ORIGIN)
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert "Partitioned" not in answer.headers["Set-Cookie"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_it_goes_on_to_a_part_in_the_applications_language(browser):
    answer = browser.hand_over(part="grace", lang="es")
    assert answer.headers["Location"] == "/account/parts/grace?lang=es"
    for sent in ("https://evil.example", "//evil.example", "../session"):
        assert browser.hand_over(part=sent).headers["Location"] == "/account"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://app.example.org.evil.example"])
def test_no_other_page_hands_a_session_over(browser, origin):
    assert browser.hand_over(origin=origin).status_code == 403
    assert browser.cookie() is None


def test_what_is_no_browser_may_hand_it_over_too(browser):
    assert browser.hand_over(origin=None).status_code == 303


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        "é",
        token(exp=1),
        token(aud="another"),
        token(key="another secret of 32 bytes or more, yes"),
        "clt_0000000000000000000000000000000000000000000",
    ],
)
def test_a_token_that_is_not_good_opens_nothing_and_is_told_kindly(browser, given):
    answer = browser.hand_over(given)
    assert answer.status_code == 401
    assert "We could not see that it is you" in answer.text
    assert "You can call or text 988" in answer.text
    assert browser.cookie() is None


def test_the_token_in_a_header_opens_the_page_too(browser):
    assert PLAN in browser.open(authorization=f"Bearer {token()}").text
    assert PLAN in browser.open().text


def test_a_session_ends_by_itself_and_the_page_still_shows_988(signed_in, clock):
    clock.ahead = timedelta(minutes=31)
    text = signed_in.open().text
    assert "To see your plan, open this page from the app." in text
    assert "You can call or text 988" in text


def test_signing_out_ends_it_in_this_browser(signed_in):
    signed_in.open()
    assert "You are signed out" in signed_in.send("/account/leave").text
    assert signed_in.cookie() is None


def test_a_cookie_that_was_changed_or_made_up_opens_nothing(signed_in, app):
    sealed = signed_in.cookie().value
    for changed in (sealed[:-2] + ("AA" if sealed[-2:] != "AA" else "BB"), "x", "", "A" * 3000, sealed + "é"):
        other = Browser(app)
        other.client.set_cookie("__Host-carelane-account", changed, domain="care.example.org", secure=True)
        assert PLAN not in other.open().text


def test_nobody_sees_another(browser, link, subscribed):
    link("q")
    subscribed(("active", 3))
    browser.hand_over(token(sub="p"))
    assert PLAN in browser.open().text


def test_the_page_tells_the_day_where_the_person_is(browser, link, subscribed):
    link()
    subscribed(("active", 30), ("past_due", 2))
    days = set()
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # a day and an hour apart
        browser.hand_over(zone=zone)
        days.add(re.search(r"until (\w+ \d+, \d{4})", browser.open("/account/parts/grace").text)[1])
    assert len(days) == 2
    browser.hand_over(zone="../../etc/passwd")
    assert browser.open().status_code == 200


def test_only_the_applications_pages_may_show_it_in_a_frame(browser):
    policy = browser.open().headers["Content-Security-Policy"]
    assert f"frame-ancestors {APPLICATION}" in policy
    assert "script" not in policy
    assert policy.startswith("default-src 'none'")
    assert browser.open().headers["Cache-Control"] == "no-store"
