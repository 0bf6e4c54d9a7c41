"""Whose a token is: told precisely where it is not good, remembered for a while where it cannot be asked."""

from datetime import UTC, datetime, timedelta

import pytest

from ingress.api.credentials import Credentials
from ingress.api.identities import Identities
from ingress.api.problems import Problem
from shared.errors import TransientError
from shared.tokens import Grant, Refused
from tests.factories.identities import SECRET, token

TODAY = datetime(2026, 3, 10, tzinfo=UTC)
SERVICE = "Bearer clt_secret"
GRANT = Grant("backend", frozenset({"access"}))


class Memory(dict):
    def keep(self, user_id, document):
        self[user_id] = document

    def find(self, user_id):
        return self.get(user_id)


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
    def check(header, *, days_later=0, anew=False):
        if anew or not hasattr(check, "credentials"):
            today = TODAY + timedelta(days=days_later)
            check.credentials = Credentials(b"k" * 32, Identities(secret=SECRET), memory, today=lambda: today)
        return check.credentials.check(header, database.ask, wait_seconds=0)

    return check


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "clt_secret"])
def test_without_a_bearer_token_there_is_no_caller(check, header):
    with pytest.raises(Problem) as caught:
        check(header)
    assert caught.value.code == "MISSING_TOKEN"


@pytest.mark.parametrize("header", [SERVICE, "bearer clt_secret", "  BEARER   clt_secret "])
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
    assert check(SERVICE, anew=True, days_later=1).scopes == {"access"}
    with pytest.raises(TransientError):
        check(SERVICE, anew=True, days_later=2)


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


def test_the_memory_holds_no_token(check, memory):
    check(SERVICE)
    assert "clt_secret" not in repr(memory)
