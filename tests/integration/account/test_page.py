"""What a person sees on their page: kind words, nothing of payments in danger, and 988 whatever happens."""

import itertools
import re

from ingress.account.words import PARTS
from tests.integration.account.conftest import Browser

LINE = "You can call or text 988 at any time."


def shows_988(answer):
    return LINE in answer.text and 'href="tel:988"' in answer.text and 'href="sms:988"' in answer.text


def test_who_is_not_signed_in_is_shown_988_and_how_to_come_in(browser):
    answer = browser.open()
    assert (answer.status_code, shows_988(answer)) == (200, True)
    assert "open this page from the app" in answer.text
    assert "<form" not in answer.text


def test_a_plan_that_runs_is_told_with_its_day(signed_in, link, subscribed, conn):
    link()
    subscribed(("active", 3))
    assert "renews" not in signed_in.open().text  # on a day that is past, as the event has it
    conn.execute(
        "UPDATE subjects SET state = state || jsonb_build_object('current_period_end', now() + interval '9 days')"
    )
    text = signed_in.open().text
    assert "Your plan is open." in text
    assert re.search(r"It renews by itself on \w+ \d+, \d{4}", text)
    assert "What you can do" not in text


def test_in_grace_the_days_are_told_without_blame_and_with_a_way_on(signed_in, link, subscribed):
    link()
    subscribed(("active", 30), ("past_due", 2))
    text = signed_in.open().text
    assert "You can use your main tools for 5 more days." in text
    assert re.search(r"Your main tools stay open until \w+ \d+, \d{4}", text)
    assert "You do not have to do this today." in text
    assert 'href="https://app.example.org/plan"' in text


def test_in_danger_nothing_is_said_of_payments_until_it_is_asked_for(signed_in, link, subscribed, browser):
    link()
    subscribed(("active", 30), ("past_due", 2))
    browser.open()
    assert browser.send("/account/emergency").status_code == 303
    text = browser.open().text
    assert "All that can help you now is open to you." in text
    assert "renew" not in text
    assert "Your last payment" not in text
    assert "We could not renew" in browser.open("/account?payments=yes").text


def test_each_part_stands_alone_with_988_on_it(signed_in, link, subscribed, app):
    link()
    for states in ((("active", 30), ("past_due", 2)), (("active", 30),)):
        subscribed(*states)
        for name, browser in itertools.product(PARTS, (signed_in, Browser(app))):
            answer = browser.open(f"/account/parts/{name}")
            assert (answer.status_code, shows_988(answer), answer.text.count("<h1")) == (200, True, 1), name


def test_while_the_database_is_away_the_page_shows_what_was_known(signed_in, link, subscribed, stores):
    link()
    subscribed(("active", 30), ("past_due", 2))
    signed_in.open()
    stores.is_away = True
    answer = signed_in.open()
    assert (answer.status_code, shows_988(answer)) == (200, True)
    assert "for 5 more days" in answer.text
    assert "This is what we knew on" in answer.text
    assert "We cannot see your plan right now." in answer.text


def test_while_the_database_is_away_somebody_unknown_gets_their_safety_tools(signed_in, stores):
    stores.is_away = True
    answer = signed_in.open()
    assert (answer.status_code, shows_988(answer)) == (200, True)
    assert "Your safety tools are open to you." in answer.text
    assert "Safety plan" in answer.text


def test_what_fails_on_our_side_is_told_kindly_and_with_988(signed_in, house, monkeypatch):
    monkeypatch.setattr("ingress.account.desk.shown", lambda known, now: 1 / 0)
    answer = signed_in.open()
    assert (answer.status_code, shows_988(answer)) == (500, True)
    assert "You did nothing wrong" in answer.text


def test_there_is_no_bare_error_page_under_the_address(browser):
    for path in ("/account/nothing", "/account/parts/nothing", "/account/session"):
        answer = browser.open(path)
        assert (answer.status_code in {404, 405}, shows_988(answer)) == (True, True)


def test_the_language_is_the_browsers_or_the_chosen_one(app):
    browser = Browser(app, languages="es-MX,es;q=0.9,en;q=0.5")
    answer = browser.open()
    assert 'lang="es"' in answer.text
    assert "Puedes llamar o escribir al 988 a toda hora." in answer.text
    assert 'href="sms:988?body=AYUDA"' in answer.text
    assert LINE in browser.open("/account?lang=en").text
    assert LINE in browser.open().text
    assert LINE in Browser(app, languages="tlh").open("/account?lang=../../etc").text


def test_markup_in_what_stripe_told_is_inert(signed_in, link, subscribed, conn):
    link()
    subscribed(("active", 3))
    conn.execute("UPDATE subjects SET status = '<script>alert(1)</script>'")
    text = signed_in.open().text
    assert "<script" not in text
    assert "We know of a plan of yours" in text
