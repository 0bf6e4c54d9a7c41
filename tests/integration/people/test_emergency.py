"""Emergency access opens, ends on time, and its codes work once, for one person, and cannot be guessed by trying."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import access, emergency
from shared.emergency import Opened, Refused, Terms
from shared.errors import NotFound
from shared.inbox import Inbox
from shared.rules.emergency import EmergencyRule
from tests.factories.arrivals import arrival
from tests.integration.conftest import LOOKUP_KEY
from tests.running import until

RULE = EmergencyRule(wrong_codes=3)


@pytest.fixture
def terms(policy):
    return Terms(policy=policy, rule=RULE, lookup_key=LOOKUP_KEY)


@pytest.fixture
def begin(pool, terms):
    def begin(reason="payment_failure", user_id="p"):
        with pool.transaction() as own:
            return emergency.begin(own, user_id, reason, actor="p", terms=terms)

    return begin


@pytest.fixture
def redeem(pool, terms):
    def redeem(code, user_id="p"):
        with pool.transaction() as own:
            return emergency.redeem(own, user_id, code, actor="p", terms=terms)

    return redeem


@pytest.fixture
def issued(pool, terms):
    def issue(user_id="p", level="full"):
        with pool.transaction() as own:
            return emergency.issue_code(own, user_id, actor="clinician:1", terms=terms, level=level).code

    return issue


def level(pool, policy):
    with pool.transaction() as own:
        return access.read(own, "p").decide(policy).level


def test_it_opens_for_a_reason_and_ends_on_time(link, begin, pool, policy, conn, audited):
    link()
    opened = begin("crisis_detected")
    assert (opened.level, level(pool, policy)) == ("full", "full")
    conn.execute("UPDATE emergency_access SET ends_at = now()")
    assert level(pool, policy) == "essential"
    assert audited("emergency_access.") == ["emergency_access.opened"]


def test_asking_again_does_not_prolong_it(link, begin):
    link()
    first = begin()
    again = begin()
    assert (again.is_new, again.ends_at) == (False, first.ends_at)
    assert begin("system_error").is_new


def test_of_two_who_ask_at_once_one_opens_it(link, begin, pool, terms, conn):
    link()
    waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as threads:
        with pool.transaction() as own:
            first = emergency.begin(own, "p", "payment_failure", actor="p", terms=terms)
            second = threads.submit(begin)
            until(lambda: second.done() or conn.execute(waits).fetchone())
        assert (second.result(30).is_new, second.result().ends_at) == (False, first.ends_at)
    assert conn.execute("SELECT count(*) AS n FROM emergency_access").fetchone()["n"] == 1


def test_it_brings_the_persons_waiting_events_to_the_front(link, begin, pool, private_key):
    link()
    inbox = Inbox(pool, public_key=private_key, lookup_key=LOOKUP_KEY)
    kept = inbox.keep(arrival(), nudged=True)
    assert begin().waiting == (kept.row_id,)


def test_a_person_nobody_knows_is_refused(begin, redeem, issued):
    for act in (lambda: begin(user_id="nobody"), lambda: redeem("x", "nobody"), lambda: issued("nobody")):
        with pytest.raises(NotFound):
            act()


def test_a_code_works_once_and_for_one_person_only(link, issued, redeem, audited):
    link()
    link("other", customer="cus_2")
    code = issued()
    assert redeem(code, "other") == Refused("wrong_code")
    assert isinstance(redeem(code.lower().replace("-", " ")), Opened)
    assert redeem(code) == Refused("wrong_code")
    assert audited("emergency_code.") == [
        "emergency_code.issued", "emergency_code.refused", "emergency_code.used", "emergency_code.refused",
    ]  # fmt: skip


def test_a_code_gives_what_it_was_made_for(link, issued, redeem):
    link()
    assert redeem(issued(level="essential")).level == "essential"


def test_a_code_that_is_past_its_time_is_wrong(link, issued, redeem, conn):
    link()
    code = issued()
    conn.execute("UPDATE emergency_codes SET valid_until = now()")
    assert redeem(code) == Refused("wrong_code")


def test_of_two_who_use_a_code_at_once_one_gets_in(link, issued, redeem):
    link()
    code, gate = issued(), threading.Barrier(3)

    def use(_):
        gate.wait(10)
        return redeem(code)

    with ThreadPoolExecutor(3) as threads:
        results = list(threads.map(use, range(3)))
    assert sum(isinstance(one, Opened) for one in results) == 1


def test_after_a_few_wrong_codes_no_code_is_looked_at_for_a_while(link, issued, redeem, begin, audited, conn):
    link()
    code = issued()
    for wrong in ("00000-00000", "not a code", ""):
        assert redeem(wrong) == Refused("wrong_code")
    refused = redeem(code)
    assert refused.code == "too_many_codes"
    assert 0 < refused.retry_after_seconds <= RULE.window_minutes * 60
    assert audited("emergency_code.refused") == ["emergency_code.refused"] * 3, "what is over the limit writes nothing"
    assert audited("emergency_code.shut") == ["emergency_code.shut"]
    assert begin().is_new, "help without a code is never shut"
    conn.execute("UPDATE wrong_emergency_codes SET tried_at = tried_at - interval '1 hour'")
    assert isinstance(redeem(code), Opened)
    assert conn.execute("SELECT count(*) AS n FROM wrong_emergency_codes").fetchone()["n"] == 0


def test_many_wrong_codes_at_once_are_each_counted(link, redeem):
    link()
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: redeem("00000-00000"), range(12)))
    assert [one.code for one in results].count("wrong_code") == RULE.wrong_codes


def test_no_code_can_be_read_from_the_database(link, issued, conn):
    link()
    code = issued()
    kept = str(
        conn.execute("SELECT * FROM emergency_codes").fetchall() + conn.execute("SELECT * FROM audit").fetchall()
    )
    assert code not in kept
    assert code.replace("-", "") not in kept
