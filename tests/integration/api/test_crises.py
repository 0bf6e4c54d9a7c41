"""Crises, assessments and emergency access through the door."""

import uuid

import pytest

from shared import emergency
from shared.emergency import Terms
from shared.rules.emergency import EmergencyRule
from shared.rules.standing import Policy
from tests.integration.api.test_access import computed
from tests.integration.conftest import LOOKUP_KEY

BUTTON = {"userId": "p", "source": "button", "severity": "severe"}
SEVERE = {"userId": "p", "instrument": "PHQ-9", "total": 21, "item9": 0}


@pytest.fixture
def code(pool, known):
    terms = Terms(policy=Policy(), rule=EmergencyRule(), lookup_key=LOOKUP_KEY)
    with pool.transaction() as own:
        return emergency.issue_code(own, "p", actor="staff", terms=terms).code


def test_a_crisis_is_opened_once_and_seen_at_once(backend, known):
    status, opened = backend.post("/api/crisis", BUTTON)
    assert status == 201
    assert backend.post("/api/crisis", BUTTON | {"severity": "imminent"}) == (
        200,
        {"crisisId": opened["crisisId"], "severity": "imminent"},
    )
    assert computed(backend)["crisis"] == {"active": True, "severity": "imminent"}


def test_bills_that_cannot_be_read_stand_between_nobody_and_the_button(backend, person, known, subscribed, conn):
    subscribed(("active", 30))
    conn.execute("UPDATE subjects SET state = state - 'status'")
    assert person("p").post("/api/crisis", BUTTON)[0] == 201
    assert person("p").post("/api/emergency-access", {"userId": "p", "reason": "crisis_detected"})[0] == 201
    assert backend.get("/api/access/p")[0] == 200


def test_a_crisis_is_resolved_by_whoever_may_and_only_once(backend, known, person, conn):
    path = f"/api/crisis/{backend.post('/api/crisis', BUTTON)[1]['crisisId']}/resolve"
    assert person("p").post(path, {"note": "I am fine"})[1]["code"] == "MISSING_SCOPE"
    clinician = person("c", app_metadata={"role": "clinician"})
    status, document = clinician.post(path, {"note": "canary: talked for an hour"})
    assert (status, document["userId"]) == (200, "p")
    assert backend.post(path, {"note": "again"})[1]["code"] == "ALREADY_RESOLVED"
    assert computed(backend)["crisis"] == {"active": False, "severity": None}
    assert "canary" not in repr(conn.execute("SELECT * FROM crises").fetchall())


def test_a_crisis_nobody_opened_is_not_found(backend):
    for crisis_id in ("x", str(uuid.uuid4()), "%00"):
        status, document = backend.post(f"/api/crisis/{crisis_id}/resolve", {"note": "over"})
        assert (status, document["code"]) == (404, "NOT_FOUND")


def test_a_person_presses_the_button_for_themself_alone(person, known):
    assert person("q").post("/api/crisis", BUTTON)[1]["code"] == "NOT_YOURS"
    assert person("p").post("/api/crisis", BUTTON | {"source": "clinician"})[1]["code"] == "MISSING_SCOPE"
    assert person("p").post("/api/crisis", BUTTON)[0] == 201


def test_a_person_nobody_told_us_of_is_not_sent_away(person, backend):
    assert person("new").post("/api/crisis", BUTTON | {"userId": "new"})[0] == 201
    assert computed(backend, "new")["crisis"]["active"]
    assert backend.post("/api/crisis", BUTTON | {"userId": "stranger"})[1]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("given", "opens"),
    [
        (SEVERE, True),
        (SEVERE | {"total": 19}, False),
        (SEVERE | {"total": 5, "item9": 1}, True),
        ({"userId": "p", "instrument": "GAD-7", "total": 15}, True),
        ({"userId": "p", "instrument": "GAD-7", "total": 14}, False),
    ],
)
def test_an_assessment_opens_a_crisis_from_its_threshold_on(backend, known, given, opens):
    status, outcome = backend.post("/api/assessments", given)
    assert (status, outcome["crisis"], "crisisId" in outcome) == (200, opens, opens)
    assert computed(backend)["crisis"]["active"] is opens


IMPOSSIBLE = [
    ({"instrument": "GAD-7", "total": 22, "item9": None}, "total"),
    ({"instrument": "GAD-7", "total": 7, "item9": 1}, "item9"),
    ({"total": 0, "item9": 1}, "item9"),
]


def test_scores_that_cannot_be_are_refused_by_field(backend, known):
    for changes, field in IMPOSSIBLE:
        status, problem = backend.post("/api/assessments", SEVERE | changes)
        assert (status, problem["code"], list(problem["errors"])) == (422, "INVALID_FIELDS", [field])


def test_of_an_assessment_that_shows_no_danger_nothing_is_kept(backend, known, conn):
    before = conn.execute("SELECT count(*) AS n FROM audit").fetchone()
    backend.post("/api/assessments", SEVERE | {"total": 3})
    assert conn.execute("SELECT count(*) AS n FROM audit").fetchone() == before


def test_the_scores_are_kept_nowhere(backend, known, conn, caplog):
    assert backend.post("/api/assessments", SEVERE, key="assessment-1")[1]["crisis"]
    kept = caplog.text
    for table in ("crises", "audit", "notices", "idempotency_keys", "access_told"):
        kept += repr(conn.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608 - names of our own
    for word in ("total", "item9", "PHQ", "instrument"):
        assert word not in kept


def test_emergency_access_opens_for_a_reason_and_is_not_prolonged(backend, known):
    status, opened = backend.post("/api/emergency-access", {"userId": "p", "reason": "crisis_detected"})
    assert (status, opened["level"]) == (201, "full")
    assert backend.post("/api/emergency-access", {"userId": "p", "reason": "crisis_detected"}) == (200, opened)
    document = computed(backend)
    assert document["emergencyAccess"] == {"active": True, "level": "full", "endsAt": opened["endsAt"]}
    assert document["emergencyFeatures"]["crisisButtonHighlighted"]


def test_a_code_works_once_and_for_its_person(person, code):
    given = {"userId": "p", "code": code.lower()}
    assert person("q").post("/api/emergency-access", given | {"userId": "q"})[1]["code"] == "WRONG_CODE"
    assert person("p").post("/api/emergency-access", given)[0] == 201
    assert person("p").post("/api/emergency-access", given)[1]["code"] == "WRONG_CODE"


def test_wrong_codes_count_and_then_none_is_looked_at(person, code, known):
    for _ in range(5):
        assert person("p").post("/api/emergency-access", {"userId": "p", "code": "00000-00000"})[0] == 403
    caller = person("p")
    status, problem = caller.post("/api/emergency-access", {"userId": "p", "code": code})
    assert (status, problem["code"]) == (429, "TOO_MANY_CODES")
    assert 0 < int(caller.last.headers["Retry-After"]) <= 900
    assert caller.post("/api/emergency-access", {"userId": "p", "reason": "system_error"})[0] == 201
