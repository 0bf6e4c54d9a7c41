"""Opening what helps from the page: with a press, with a code, never for another, and said when it cannot be."""

from datetime import timedelta

import pytest

from shared import emergency
from shared.emergency import Terms
from shared.rules.emergency import EmergencyRule
from tests.integration.account.conftest import Browser
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.people.conftest import POLICY

TERMS = Terms(policy=POLICY, rule=EmergencyRule(), lookup_key=LOOKUP_KEY)


@pytest.fixture
def opened(conn):
    def found():
        return [(row["user_id"], row["reason"]) for row in conn.execute("SELECT user_id, reason FROM emergency_access")]

    return found


def test_one_press_opens_all_that_helps_also_for_who_was_not_known(signed_in, opened):
    signed_in.open()
    answer = signed_in.send("/account/emergency")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "All that can help you now is open until" in signed_in.open().text
    assert opened() == [("p", "crisis_detected")]


def test_pressed_twice_it_opens_once(signed_in, opened, app):
    signed_in.open()
    signed_in.send("/account/emergency")
    signed_in.send("/account/emergency")
    assert len(opened()) == 1


def test_a_code_opens_it_and_a_wrong_one_is_told_beside_its_field(signed_in, link, pool, opened):
    link()
    with pool.transaction() as conn:
        code = emergency.issue_code(conn, "p", actor="staff:ann", terms=TERMS).code
    signed_in.open("/account/parts/emergency")
    answer = signed_in.send("/account/emergency", code="00000-00000")
    assert answer.status_code == 422
    assert 'aria-describedby="problem"' in answer.text
    assert "We do not know this code." in answer.text
    answer = signed_in.send("/account/emergency", code=code.lower())
    assert answer.headers["Location"] == "/account/parts/emergency"
    assert opened() == [("p", "code")]


def test_after_too_many_wrong_codes_the_button_still_opens_it(signed_in, opened):
    for _ in range(5):
        signed_in.open()
        assert signed_in.send("/account/emergency", code="00000-00000").status_code == 422
    signed_in.open()
    answer = signed_in.send("/account/emergency", code="00000-00000")
    assert answer.status_code == 429
    assert "You can still use the button above." in answer.text
    assert signed_in.send("/account/emergency").status_code == 303
    assert opened() == [("p", "crisis_detected")]


def test_from_the_page_of_a_failed_payment_it_opens_for_that(signed_in, link, subscribed, opened):
    link()
    subscribed(("active", 30), ("past_due", 2))
    signed_in.open("/account/parts/recovery")
    assert signed_in.send("/account/emergency").headers["Location"] == "/account/parts/emergency"
    assert opened() == [("p", "payment_failure")]


def test_another_site_cannot_press_it(signed_in, opened):
    for origin in ("https://evil.example", "https://app.example.org", "null"):
        signed_in.open()
        assert signed_in.send("/account/emergency", origin=origin).status_code == 403
    signed_in.open()
    assert signed_in.send("/account/emergency", form="0" * 64).status_code == 403
    assert opened() == []


def test_a_form_of_another_session_is_refused(signed_in, app, opened):
    other = Browser(app)
    other.hand_over()
    other.open()
    signed_in.page = other.page
    assert signed_in.send("/account/emergency").status_code == 403
    assert opened() == []


def test_without_a_session_one_is_told_where_to_go(signed_in, clock, opened):
    signed_in.open()
    clock.ahead = timedelta(minutes=31)
    answer = signed_in.send("/account/emergency")
    assert (answer.status_code, "open this page from there" in answer.text) == (401, True)
    assert opened() == []


def test_while_the_database_is_away_it_is_said_with_988(signed_in, stores, opened):
    signed_in.open()
    stores.is_away = True
    answer = signed_in.send("/account/emergency")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "In the app your safety tools are open." in answer.text
    assert "You can call or text 988" in answer.text


def test_it_is_written_down_as_the_persons_own_act(signed_in, conn):
    signed_in.open()
    signed_in.send("/account/emergency")
    rows = conn.execute("SELECT actor FROM audit WHERE act = 'emergency_access.opened'").fetchall()
    assert [row["actor"] for row in rows] == ["person:p"]
