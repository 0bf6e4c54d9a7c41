"""Single sign-on against a provider of the tests: who it vouches for gets in if linked, and nothing else opens."""

import base64
import hashlib
import io
import json
import time
from dataclasses import replace
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from ingress.console.blueprint import console
from ingress.console.house import House
from ingress.console.provider import Client, Provider
from shared import staff
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.staff.conftest import TERMS

ORIGIN, ISSUER = "https://console.example.org", "https://login.example.org/house"
CLIENT = Client(issuer=ISSUER, client_id="carelane", client_secret="kept", redirect_uri=f"{ORIGIN}/console/oidc/back")


class Login:
    """A provider: gives a code for what was asked, and for the code a token with these claims."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.issued, self.changes, self.away, self.described = {}, {}, False, {}

    def __call__(self, request):
        if self.away:
            raise URLError("away")
        url = request.full_url
        if url == f"{ISSUER}/.well-known/openid-configuration":
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            described = {name: f"{ISSUER}/{name}" for name in names} | {"issuer": ISSUER}
            return json.dumps(described | self.described).encode()
        if url == f"{ISSUER}/jwks_uri":
            public = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
            return json.dumps({"keys": [public | {"kid": "1", "alg": "ES256"}]}).encode()
        assert url == f"{ISSUER}/token_endpoint"
        assert request.get_header("Authorization") == "Basic " + base64.b64encode(b"carelane:kept").decode()
        return self.exchange({name: values[0] for name, values in parse_qs(request.data.decode()).items()})

    def consent(self, place):
        """What the person's browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
        assert (asked["client_id"], asked["redirect_uri"]) == ("carelane", CLIENT.redirect_uri)
        code = f"code-{len(self.issued)}"
        self.issued[code] = asked
        return {"code": code, "state": asked["state"]}

    def exchange(self, given):
        asked = self.issued.pop(given["code"], None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != proof:
            raise HTTPError(ISSUER, 400, "invalid_grant", {}, io.BytesIO(b"{}"))
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": "carelane", "sub": "u-1", "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        made = {name: value for name, value in (claims | self.changes).items() if value is not None}
        return json.dumps({"id_token": jwt.encode(made, self.key, "ES256", {"kid": "1"})}).encode()


@pytest.fixture
def login():
    return Login()


@pytest.fixture
def browser(pool, login):
    provider = Provider(CLIENT, ask=login)
    house = House(transaction=pool.transaction, terms=TERMS, origins=[ORIGIN], provider=provider)
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(console(house))
    return app.test_client()


@pytest.fixture
def linked(pool):
    with pool.transaction() as conn:
        staff.add(conn, "ann", "operator", actor="cli:test", lookup_key=LOOKUP_KEY)
        staff.link(conn, "ann", "u-1", actor="cli:test", reason="asked for by the house")


def start(browser):
    return browser.get("/console/oidc/start", base_url=ORIGIN).headers["Location"]


def come_back(browser, brought):
    return browser.get("/console/oidc/back", base_url=ORIGIN, query_string=brought)


def at_work(browser):
    return browser.get("/console", base_url=ORIGIN).status_code == 200


def test_who_is_vouched_for_and_linked_is_at_work(browser, login, linked, conn):
    assert "Sign in with your organisation" in browser.get("/console/sign-in", base_url=ORIGIN).text
    answer = come_back(browser, login.consent(start(browser)))
    assert (answer.status_code, at_work(browser)) == (200, True)
    assert browser.get_cookie("__Host-carelane", domain="console.example.org").same_site == "Strict"
    row = conn.execute("SELECT actor, after FROM audit WHERE act = 'staff.signed_in'").fetchone()
    assert (row["actor"], row["after"]["by"]) == ("staff:ann", "single sign-on")


CLAIMS = {
    "another audience": {"aud": "another"},
    "another issuer": {"iss": "https://evil.example"},
    "another journey's nonce": {"nonce": "0" * 64},
    "no nonce": {"nonce": None},
    "no end": {"exp": None},
    "over": {"exp": 1},
    "made for another party": {"aud": ["carelane", "another"], "azp": "another"},
    "no subject": {"sub": ""},
}


def test_a_token_that_says_anything_else_opens_nothing(browser, login, linked):
    got = {}
    for name, changes in CLAIMS.items():
        login.changes = changes
        got[name] = (come_back(browser, login.consent(start(browser))).status_code, at_work(browser))
    assert got == dict.fromkeys(CLAIMS, (403, False))


def test_a_token_under_another_key_opens_nothing(browser, login, linked):
    come_back(browser, login.consent(start(browser)))
    assert at_work(browser)
    browser.delete_cookie("__Host-carelane", domain="console.example.org")
    login.key = ec.generate_private_key(ec.SECP256R1())  # the published ones are known for a while
    assert come_back(browser, login.consent(start(browser))).status_code == 403


def test_a_journey_that_another_browser_began_ends_nowhere(browser, login, linked):
    other = browser.application.test_client()
    theirs = login.consent(start(other))
    start(browser)
    assert (come_back(browser, theirs).status_code, at_work(browser)) == (403, False)
    assert come_back(browser, {"code": "code-0"}).status_code == 403
    assert come_back(browser, {"code": "guessed", "state": "é"}).status_code == 403


def test_a_code_serves_once(browser, login, linked):
    brought = login.consent(start(browser))
    cookie = browser.get_cookie("__Host-carelane-journey", domain="console.example.org").value
    assert come_back(browser, brought).status_code == 200
    browser.delete_cookie("__Host-carelane", domain="console.example.org")
    browser.set_cookie("__Host-carelane-journey", cookie, domain="console.example.org", secure=True)
    assert (come_back(browser, brought).status_code, at_work(browser)) == (403, False)


def test_who_is_not_linked_or_disabled_stays_outside_and_is_audited(browser, login, pool, conn):
    answer = come_back(browser, login.consent(start(browser)))
    assert (answer.status_code, "carelane staff link NAME u-1" in answer.text) == (403, True)
    with pool.transaction() as within:
        staff.add(within, "ann", "operator", actor="cli:test", lookup_key=LOOKUP_KEY)
        staff.link(within, "ann", "u-1", actor="cli:test", reason="asked for by the house")
        staff.disable(within, "ann", actor="cli:test", reason="left the house")
    assert come_back(browser, login.consent(start(browser))).status_code == 403
    objects = conn.execute("SELECT object FROM audit WHERE act = 'staff.sign_in_refused' ORDER BY id").fetchall()
    assert [row["object"] for row in objects] == ["staff:unknown", "staff:ann"]


def test_a_subject_is_one_accounts(pool, linked):
    with pool.transaction() as conn:
        staff.add(conn, "bob", "viewer", actor="cli:test", lookup_key=LOOKUP_KEY)
        with pytest.raises(staff.NameTaken):
            staff.link(conn, "bob", "u-1", actor="cli:test", reason="a mistake of somebody")


@pytest.mark.parametrize(
    "described",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "http://login.example.org/token"}, {"jwks_uri": None}],
)
def test_a_provider_that_describes_another_or_is_away_is_not_used(browser, login, described):
    login.described = described
    assert browser.get("/console/oidc/start", base_url=ORIGIN).status_code == 503
    login.described, login.away = {}, True
    assert browser.get("/console/oidc/start", base_url=ORIGIN).status_code == 503
    assert browser.get("/console/sign-in", base_url=ORIGIN).status_code == 200


def test_without_a_provider_there_is_no_such_way(pool):
    house = House(transaction=pool.transaction, terms=TERMS, origins=[ORIGIN])
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(console(replace(house)))
    assert app.test_client().get("/console/oidc/start").status_code == 404
