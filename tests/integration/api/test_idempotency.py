"""A write that is sent again is answered as the first time, and done once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

BUTTON = {"userId": "p", "source": "button", "severity": "severe"}


def test_the_same_again_is_answered_as_the_first_time(backend, known, conn):
    first = backend.post("/api/crisis", BUTTON, key="k-1")
    assert first[0] == 201
    assert "Idempotent-Replayed" not in backend.last.headers
    assert backend.post("/api/crisis", BUTTON, key="k-1") == first
    assert backend.last.headers["Idempotent-Replayed"] == "true"
    assert conn.execute("SELECT count(*) AS n FROM audit WHERE act LIKE 'crisis.%%'").fetchone()["n"] == 1


@pytest.mark.parametrize("changes", [{"severity": "moderate"}, {"userId": "q"}])
def test_another_body_under_the_same_key_is_a_conflict(backend, known, changes):
    backend.post("/api/crisis", BUTTON, key="k-1")
    status, problem = backend.post("/api/crisis", BUTTON | changes, key="k-1")
    assert (status, problem["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")


def test_another_call_under_the_same_key_is_a_conflict(backend, known):
    backend.put("/api/people/q", {}, key="k-1")
    assert backend.put("/api/people/r", {}, key="k-1")[1]["code"] == "IDEMPOTENCY_KEY_REUSED"


def test_a_key_is_its_callers_own(service, known):
    body = {"userId": "p", "reason": "system_error"}
    one, other = service("access"), service("access")
    assert one.post("/api/emergency-access", body, key="k-1")[0] == 201
    assert other.post("/api/emergency-access", body, key="k-1")[0] == 200


def test_what_was_refused_leaves_its_key_free(backend):
    assert backend.post("/api/crisis", BUTTON, key="k-1")[0] == 404
    backend.put("/api/people/p", {})
    assert backend.post("/api/crisis", BUTTON, key="k-1")[0] == 201


def test_a_wrong_code_that_is_sent_again_counts_once(backend, known, conn):
    body = {"userId": "p", "code": "00000-00000"}
    first = backend.post("/api/emergency-access", body, key="k-1")
    assert backend.post("/api/emergency-access", body, key="k-1") == first
    assert backend.last.content_type == "application/problem+json"
    assert conn.execute("SELECT count(*) AS n FROM wrong_emergency_codes").fetchone()["n"] == 1


def test_of_many_at_the_same_moment_one_is_done(backend, known, conn):
    together = threading.Barrier(4)

    def press(_):
        together.wait()
        answer = backend._client.application.test_client().post(
            "/api/crisis", json=BUTTON, headers=backend.headers | {"Idempotency-Key": "k-1"}
        )
        return answer.status_code, answer.get_json(force=True)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(press, range(4)))
    assert answers == [answers[0]] * 4
    assert conn.execute("SELECT count(*) AS n FROM audit WHERE act LIKE 'crisis.%%'").fetchone()["n"] == 1


def test_neither_the_key_nor_what_was_asked_is_kept(backend, known, conn):
    backend.put("/api/people/p", {"safetyPlanRef": "canary-ref"}, key="canary-key")
    kept = conn.execute("SELECT name, request FROM idempotency_keys").fetchall()
    assert "canary" not in repr(kept)


def test_bulk_acts_answer_alike_too(backend, bury):
    bury("evt_1")
    body = {"ids": ["evt_1"], "reason": "the cause is mended"}
    first = backend.post("/api/admin/dead-letters/requeue", body, key="k-1")
    assert first[1]["outcomes"] == [{"id": "evt_1", "outcome": "requeued"}]
    assert backend.post("/api/admin/dead-letters/requeue", body, key="k-1") == first
    assert backend.post("/api/admin/dead-letters/requeue", body)[1]["outcomes"][0]["outcome"] == "already_running"
