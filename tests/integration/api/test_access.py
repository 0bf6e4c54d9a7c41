"""The access call: what a person may use, to whom it is told, and that nobody is unknown to it."""

import pytest

from shared.rules.tiers import BASE, CRISIS_SET
from tests.running import until


def computed(caller, user_id="p"):
    """The answer as it is computed; a machine that is slow for a moment may give a degraded one before."""

    def ask():
        status, document = caller.get(f"/api/access/{user_id}")
        assert status == 200
        return None if document["degraded"] else document

    return until(ask)


def test_a_subscriber_is_told_all_of_it(backend, known, subscribed):
    subscribed(("active", 3))
    document = computed(backend)
    assert (document["userId"], document["accessLevel"], document["tier"]) == ("p", "full", "premium")
    assert document["subscriptionStatus"] == "active"
    assert set(CRISIS_SET) <= set(document["features"])
    assert document["hotline"]["phone"] == "988"


STRANGERS = ["stranger", "a/b/c", "x" * 5000, "%00", "%0a", "a%0ab", "é", "..", "%ff", "' OR 1=1 --"]


def test_nobody_is_unknown(backend):
    for user_id in STRANGERS:
        status, document = backend.get(f"/api/access/{user_id}")
        assert status == 200, user_id
        assert set(BASE) <= set(document["features"])


def test_a_person_is_told_of_themself_and_of_nobody_else(person, known):
    assert computed(person("p"))["userId"] == "p"
    status, document = person("q").get("/api/access/p")
    assert (status, document["code"]) == (403, "NOT_YOURS")


def test_a_person_nobody_told_us_of_has_what_everybody_has(person):
    assert computed(person("new"), "new")["accessLevel"] == "essential"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": 1_000_000_000}, "EXPIRED_TOKEN"),
        ({"aud": "elsewhere"}, "FOREIGN_TOKEN"),
        ({"key": "x" * 40}, "INVALID_TOKEN"),
    ],
)
def test_a_token_that_is_not_good_is_refused_precisely(person, changes, code):
    status, document = person("p", **changes).get("/api/access/p")
    assert (status, document["code"]) == (401, code)


def test_without_a_token_or_its_scope_nothing_is_told(nobody, service):
    assert nobody.get("/api/access/p")[1]["code"] == "MISSING_TOKEN"
    assert service("people").get("/api/access/p")[1]["code"] == "MISSING_SCOPE"


def test_every_answer_bears_its_request_id(backend):
    backend.get("/api/access/p")
    given = backend.last.headers["X-Request-Id"]
    backend.get("/api/access/p")
    assert len(given) > 8
    assert backend.last.headers["X-Request-Id"] != given


def test_a_database_without_our_tables_is_no_reason_not_to_answer(backend, conn):
    conn.execute("DROP TABLE service_tokens")
    status, document = backend.get("/api/access/p")
    assert (status, document["degraded"], document["userId"]) == (200, True, None)
    assert set(CRISIS_SET) <= set(document["features"])
