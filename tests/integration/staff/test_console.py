"""The console's way in, as a browser goes it: enrol, sign in, break the glass, leave; and what it refuses."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask

from ingress.console.blueprint import console
from ingress.console.guarding import guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import staff
from shared.errors import TransientError
from shared.rules.staff_limits import MOST_TRIES
from shared.rules.staff_roles import ACTS, ROLES, may
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.staff.conftest import PASSWORD, TERMS, Person

ORIGIN = "https://console.example.org"
COOKIE = "__Host-carelane"


class Telephone:
    """The clock of the console, and of whoever reads codes off at that time."""

    def __init__(self, person):
        self.person = person

    def __call__(self):
        return self.person.now


class Browser:
    """Keeps cookies, reads the hidden fields of a page, and sends forms as a browser of today does."""

    def __init__(self, app):
        self.client = app.test_client()
        self.hidden = {}

    def open(self, path):
        return self._read(self.client.get(path, base_url=ORIGIN))

    def send(self, path, origin=ORIGIN, site="same-origin", **fields):
        headers = {name: value for name, value in {"Origin": origin, "Sec-Fetch-Site": site}.items() if value}
        return self._read(self.client.post(path, base_url=ORIGIN, data=self.hidden | fields, headers=headers))

    def cookie(self, name=COOKIE):
        return self.client.get_cookie(name, domain="console.example.org")

    def _read(self, answer):
        answer.get_data()
        answer.close()
        found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text)
        self.hidden = {name: unescape(value) for name, value in found} or self.hidden
        return answer


@pytest.fixture
def ann(pool):
    with pool.transaction() as conn:
        setup = staff.add(conn, "ann", "operator", actor="cli:test", lookup_key=LOOKUP_KEY)
    person = Person(pool, "ann")
    person.setup = setup
    return person


@pytest.fixture
def house(pool, ann):
    return House(transaction=pool.transaction, terms=TERMS, origins=[ORIGIN], clock=Telephone(ann))


@pytest.fixture
def app(house):
    made = Flask(__name__, static_folder=None)
    blueprint = console(house)
    for act in ACTS:  # a page for each act, as the console will have them
        view = guarded(house, act)(lambda: page("message.html", title="Done", text="done"))
        blueprint.add_url_rule(f"/try/{act}", act.replace(".", "_"), view, methods=["GET"])
    made.register_blueprint(blueprint)
    return made


@pytest.fixture
def browser(app):
    return Browser(app)


@pytest.fixture
def enrolled(browser, ann):
    browser.open("/console/enrol")
    answer = browser.send("/console/enrol", name="ann", setup=ann.setup)
    ann.secret = re.search(r'id="secret">(\w+)<', answer.text)[1]
    answer = browser.send("/console/enrol/finish", password=PASSWORD, code=ann.code())
    ann.recovery_codes = re.findall(r"<li><code>([^<]+)</code>", answer.text)
    assert (answer.status_code, len(ann.recovery_codes)) == (200, 10)
    return ann


def sign_in(browser, person, **changes):
    browser.open("/console/sign-in")
    fields = {"name": "ann", "password": PASSWORD} | changes
    return browser.send("/console/sign-in", **{"code": person.code()} | fields)


def test_a_person_enrols_is_at_work_leaves_and_comes_back(browser, enrolled):
    assert "Signed in as <strong>ann</strong>, operator" in browser.open("/console").text
    assert browser.send("/console/sign-out").headers["Location"] == "/console/sign-in"
    assert browser.open("/console").status_code == 303
    assert sign_in(browser, enrolled).headers["Location"] == "/console"
    assert browser.open("/console").status_code == 200


def test_who_signs_in_comes_back_to_where_they_wanted_to_go(browser, enrolled):
    browser.client.delete_cookie(COOKIE, domain="console.example.org")
    to_sign_in = browser.open("/console/try/events.see?type=payout.*&who=a%20b").headers["Location"]
    wanted = "/console/try/events.see?type=payout.*&amp;who=a%20b"
    assert f'href="{wanted}"' in browser.open(to_sign_in).text
    proofs = {"name": "ann", "password": PASSWORD}
    assert f'value="{wanted}"' in browser.send("/console/sign-in", code="000000", **proofs).text
    assert browser.send("/console/sign-in", code=enrolled.code(), **proofs).headers["Location"] == unescape(wanted)


def test_a_form_sent_after_the_session_ended_is_told_to_be_lost(browser, enrolled):
    browser.client.delete_cookie(COOKIE, domain="console.example.org")
    here = {"base_url": ORIGIN, "headers": {"Origin": ORIGIN, "Referer": f"{ORIGIN}/console/try/events.see?who=a"}}
    to_sign_in = browser.client.post("/console/break-glass", **here).headers["Location"]
    page = browser.open(to_sign_in).text
    assert "What you sent just now was not done" in page
    assert 'href="/console/try/events.see?who=a"' in page


def test_nobody_is_sent_elsewhere_after_they_signed_in(browser, enrolled):
    browser.open("/console/sign-in?back=//evil.example")
    assert "evil.example" not in browser.open("/console/sign-in?back=https://evil.example/console").text
    fields = {"name": "ann", "password": PASSWORD, "code": enrolled.code(), "back": "/console/..//evil.example"}
    assert browser.send("/console/sign-in", **fields).headers["Location"] == "/console"


def test_a_session_planted_before_the_sign_in_opens_nothing_after_it(browser, enrolled, app):
    before = browser.cookie().value
    sign_in(browser, enrolled)
    assert browser.cookie().value != before
    thief = Browser(app)
    thief.client.set_cookie(COOKIE, before, domain="console.example.org")
    assert thief.open("/console").status_code == 303


def test_cookies_are_kept_from_scripts_and_from_other_sites(browser, enrolled):
    sign_in(browser, enrolled)
    for name in (COOKIE, "__Host-carelane-form"):
        cookie = browser.cookie(name)
        assert (cookie.secure, cookie.http_only, cookie.same_site, cookie.path) == (True, True, "Strict", "/")


def test_every_answer_carries_the_headers_that_bind_the_browser(browser, enrolled):
    for path in ("/console", "/console/sign-in", "/console/enrol", "/console/static/console.css", "/console/try/x"):
        headers = browser.open(path).headers
        policy = headers.get("Content-Security-Policy", "")
        if path != "/console/try/x":  # no route: the door's own answer, which is no page
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Cache-Control"] == "no-store"
            assert headers["Strict-Transport-Security"].startswith("max-age=")


def test_no_page_needs_what_the_policy_forbids(browser, enrolled):
    for path in ("/console", "/console/sign-in", "/console/enrol"):
        assert not re.search(
            r"<script(?! src=./console/static/)|<style|\sstyle=|\son\w+=|javascript:|//", browser.open(path).text
        )


FORGED = {
    "from another site": {"origin": "https://evil.example"},
    "from nowhere": {"origin": "null"},
    "by a browser that says so": {"site": "cross-site"},
    "from a neighbour": {"site": "same-site"},
    "without the token": {"csrf": ""},
    "with a token of another browser": {"csrf": "0" * 64},
    "with a token that is not ASCII": {"csrf": "é" * 64},
}


def test_a_forged_form_does_nothing(browser, enrolled):
    code, done = enrolled.code(), {}
    for name, change in FORGED.items():
        browser.open("/console")
        answers = [browser.send("/console/sign-out", **change)]
        browser.open("/console")
        glass = {"reason": "a person in danger, they say", "code": code}
        answers.append(browser.send("/console/break-glass", **glass | change))
        browser.open("/console/sign-in")
        proofs = {"name": "ann", "password": PASSWORD, "code": code}
        answers.append(browser.send("/console/sign-in", **proofs | change))
        done[name] = [answer.status_code for answer in answers]
    assert done == dict.fromkeys(FORGED, [403] * 3)
    assert "The glass is broken" not in browser.open("/console").text


def test_the_token_of_one_session_is_not_anothers(browser, enrolled, app):
    browser.open("/console")
    foreign = browser.hidden["csrf"]
    other = Browser(app)
    sign_in(other, enrolled)
    assert other.send("/console/sign-out", csrf=foreign).status_code == 403


def test_wrong_proofs_get_one_answer_and_too_many_another(browser, enrolled):
    answers = [sign_in(browser, enrolled, code="000000") for _ in range(MOST_TRIES["name and source"])]
    assert {(answer.status_code, answer.text.split("csrf")[0]) for answer in answers} == {
        (403, answers[0].text.split("csrf")[0])
    }
    assert (sign_in(browser, enrolled, name="nobody").text.split("csrf")[0]) == answers[0].text.split("csrf")[0]
    last = sign_in(browser, enrolled)
    assert (last.status_code, last.headers["Retry-After"]) == (429, "900")


def test_what_is_typed_comes_back_as_text(browser, ann):
    browser.open("/console/enrol")
    name = "<script>alert(1)</script>"
    browser.send("/console/enrol", name=name, setup=ann.setup)
    answer = browser.send("/console/enrol/finish", name='"><b>x', setup="<i>", password="<u>", code="<s>")
    assert not re.search(r"<(script|b|i|u|s)>", answer.text)


def test_each_role_reaches_what_it_may_and_nothing_else(browser, enrolled, conn):
    seen = {}
    for role in ROLES:
        conn.execute("UPDATE staff SET role = %s", [role])
        seen |= {(role, act): browser.open(f"/console/try/{act}").status_code for act in ACTS}
    assert seen == {(role, act): 200 if may(role, act) else 403 for role in ROLES for act in ACTS}
    refused = conn.execute("SELECT count(*) AS n FROM audit WHERE act = 'staff.act_refused'").fetchone()["n"]
    assert refused == list(seen.values()).count(403)


def test_nobody_reaches_anything_without_a_session(browser):
    assert {browser.open(f"/console/try/{act}").status_code for act in ACTS} == {303}
    browser.client.set_cookie(COOKIE, "guessed", domain="console.example.org")
    assert browser.open("/console").status_code == 303


# What a page must be to be open to who is not signed in: part of signing in.
OPEN = {"sign_in", "sign_in_now", "enrol", "enrol_now", "enrol_finish", "static", "look.static", "nothing"}
# What stands in an address, for whoever builds one.
PARTS = {"uuid": "00000000-0000-0000-0000-000000000007"}


def test_every_other_page_there_is_sends_away_who_is_not_signed_in(app, browser):
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.removeprefix("console.") not in OPEN]
    assert len(rules) >= 3 + len(ACTS)
    for rule in rules:
        method = "POST" if "POST" in rule.methods else "GET"
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda part: PARTS.get(part[1], "7"), rule.rule)
        answer = browser.client.open(path, method=method, base_url=ORIGIN)
        assert (answer.status_code, urlsplit(answer.headers["Location"]).path) == (303, "/console/sign-in"), rule
        answer.close()


def test_the_glass_is_broken_with_reason_and_code(browser, enrolled):
    browser.open("/console")
    assert browser.send("/console/break-glass", reason="because", code=enrolled.code()).status_code == 422
    assert browser.open("/console/try/payloads.open").status_code == 403
    answer = browser.send("/console/break-glass", reason="asked for by the clinic", code=enrolled.code())
    assert answer.headers["Location"] == "/console"
    assert "The glass is broken until" in browser.open("/console").text
    assert browser.open("/console/try/payloads.open").status_code == 200


def test_a_recovery_code_serves_in_place_of_the_telephone(browser, enrolled):
    assert sign_in(browser, enrolled, code=enrolled.recovery_codes[3]).status_code == 303
    assert sign_in(browser, enrolled, code=enrolled.recovery_codes[3]).status_code == 403


def test_without_the_database_the_console_says_so_and_does_nothing(browser, enrolled, house, monkeypatch):
    def away():
        raise TransientError("the database is away", code="database_away")

    monkeypatch.setattr(type(house), "transaction", property(lambda _: away), raising=False)
    answer = browser.open("/console")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_page_is_not_found_and_a_method_not_taken_in_plain_words(browser, enrolled):
    assert browser.client.put("/console/sign-in", base_url=ORIGIN).status_code == 405
    enrolled.now += timedelta(minutes=1)
