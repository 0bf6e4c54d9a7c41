"""Whose a token is: told precisely where it is not good, remembered for a while where it cannot be asked."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingress.api.credentials import Credentials
from ingress.api.identities import Identities
from ingress.api.problems import Problem
from shared import tokens
from shared.errors import TransientError
from shared.tokens import Grant, Refused
from tests.factories.identities import SECRET, token

TODAY = datetime(2026, 3, 10, tzinfo=UTC)
KEY = b"k" * 32
SECRET_OF_SERVICE = tokens.new_secret(KEY)
SERVICE = f"Bearer {SECRET_OF_SERVICE}"
GRANT = Grant("backend", frozenset({"access"}))


class Memory(dict):
    def keep(self, subject, document, *, as_of):
        self[subject] = json.loads(json.dumps(document))

    def find(self, subject):
        return self.get(subject)


class Database:
    """Answers each question with what it holds, or is away."""

    def __init__(self, found=GRANT):
        self.found, self.away, self.asked = found, False, 0

    def ask(self, _check):
        self.asked += 1
        if self.away:
            raise TransientError("away", code="database_away")
        return self.found


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def check(memory, database):
    def check(header, *, hours_later=0, anew=False):
        if anew or not hasattr(check, "credentials"):
            check.credentials = Credentials(KEY, Identities(secret=SECRET), memory, clock=lambda: check.now)
        check.now = TODAY + timedelta(hours=hours_later)
        return check.credentials.check(header, database.ask, wait_seconds=0)

    return check


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", SECRET_OF_SERVICE], ids=range(6)
)
def test_without_a_bearer_token_there_is_no_caller(check, header):
    with pytest.raises(Problem) as caught:
        check(header)
    assert caught.value.code == "MISSING_TOKEN"


@pytest.mark.parametrize(
    "header", [SERVICE, f"bearer {SECRET_OF_SERVICE}", f"  BEARER   {SECRET_OF_SERVICE} "], ids=range(3)
)
def test_a_service_is_known_by_its_token(check, header):
    principal = check(header)
    assert (principal.actor, principal.scopes, principal.user_id) == ("token:backend", {"access"}, None)


def test_a_person_is_known_without_asking_the_database(check, database):
    database.away = True
    assert check(f"Bearer {token(sub='u-1')}").user_id == "u-1"


@pytest.mark.parametrize(
    ("refused", "code"), [("unknown", "INVALID_TOKEN"), ("expired", "EXPIRED_TOKEN"), ("revoked", "REVOKED_TOKEN")]
)
def test_why_a_token_is_refused_is_told(check, database, refused, code):
    database.found = Refused(refused)
    with pytest.raises(Problem) as caught:
        check(SERVICE)
    assert caught.value.code == code


def test_a_token_that_is_not_ascii_is_refused(check):
    with pytest.raises(Problem) as caught:
        check("Bearer clt_é")
    assert caught.value.code == "INVALID_TOKEN"


def test_a_token_that_was_just_checked_is_not_asked_again(check, database):
    check(SERVICE)
    check(SERVICE)
    assert database.asked == 1


def test_a_token_that_cannot_be_checked_is_not_refused(check, database):
    database.away = True
    with pytest.raises(TransientError):
        check(SERVICE)


def test_a_token_that_was_known_serves_on_after_a_restart_while_the_database_is_away(check, database):
    check(SERVICE)
    database.away = True
    assert check(SERVICE, anew=True, hours_later=24).scopes == {"access"}
    with pytest.raises(TransientError):
        check(SERVICE, anew=True, hours_later=24.1)


def test_a_token_that_has_expired_meanwhile_is_refused_also_while_the_database_is_away(check, database):
    database.found = replace(GRANT, expires_at=TODAY + timedelta(hours=1))
    check(SERVICE)
    database.away = True
    assert check(SERVICE, anew=True, hours_later=0.9).scopes == {"access"}
    with pytest.raises(Problem) as caught:
        check(SERVICE, anew=True, hours_later=1)
    assert caught.value.code == "EXPIRED_TOKEN"


def test_a_token_that_was_just_checked_is_asked_again_when_its_time_is_over(check, database):
    database.found = replace(GRANT, expires_at=TODAY + timedelta(hours=1))
    check(SERVICE)
    check(SERVICE, hours_later=1)
    assert database.asked == 2


def test_a_token_that_was_revoked_is_not_remembered(check, database):
    check(SERVICE)
    database.found = Refused("revoked")
    with pytest.raises(Problem):
        check(SERVICE, anew=True)
    database.away = True
    with pytest.raises(TransientError):
        check(SERVICE, anew=True)


def test_a_token_nobody_made_leaves_nothing_behind(check, database, memory):
    database.found = Refused("unknown")
    with pytest.raises(Problem):
        check(SERVICE)
    assert not memory


@pytest.mark.parametrize(
    "made_up",
    ["clt_", "clt_secret", SECRET_OF_SERVICE[:-1], f"{SECRET_OF_SERVICE}A", tokens.new_secret(b"x" * 32)],
    ids=["no secret", "a word", "one letter less", "one letter more", "another key's"],
)
def test_a_token_that_was_made_up_is_refused_without_asking(check, database, made_up):
    with pytest.raises(Problem) as caught:
        check(f"Bearer {made_up}")
    assert (caught.value.code, database.asked) == ("INVALID_TOKEN", 0)


def test_the_memory_holds_no_token(check, memory):
    check(SERVICE)
    assert SECRET_OF_SERVICE not in repr(memory)
