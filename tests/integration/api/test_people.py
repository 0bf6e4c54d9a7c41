"""Linking people through the door."""

import pytest

from tests.factories.arrivals import arrival
from tests.integration.conftest import LOOKUP_KEY


def test_a_person_is_made_known_once_and_changed_after_that(backend, audited):
    assert backend.put("/api/people/p", {"creatorId": "c", "graceDays": 14}) == (
        201,
        {"userId": "p", "creatorId": "c", "safetyPlanRef": None, "emergencyContactsRef": None, "graceDays": 14},
    )
    status, document = backend.put("/api/people/p", {"safetyPlanRef": "plan-1", "creatorId": None})
    assert (status, document["creatorId"], document["safetyPlanRef"]) == (200, "c", "plan-1")
    assert audited("person.") == [
        ("token:service-1", "person.linked", "person:p"),
        ("token:service-1", "person.changed", "person:p"),
    ]


@pytest.mark.parametrize("field", ["stripeCustomerId", "creatorId"])
def test_what_is_another_persons_is_a_conflict_and_changes_nothing(backend, conn, field):
    backend.put("/api/people/p", {field: "x_1"})
    status, document = backend.put("/api/people/q", {field: "x_1", "graceDays": 9})
    assert (status, document["code"]) == (409, "ALREADY_LINKED")
    assert conn.execute("SELECT user_id FROM people").fetchall() == [{"user_id": "p"}]


def test_an_id_that_cannot_be_one_is_refused(backend):
    for user_id in ("%0a", "%00", "x" * 201):
        assert backend.put(f"/api/people/{user_id}", {})[1]["code"] == "INVALID_FIELDS"


def test_only_who_has_the_scope_may_link(service, person):
    assert service("access").put("/api/people/p", {})[1]["code"] == "MISSING_SCOPE"
    assert person("p").put("/api/people/p", {"graceDays": 365})[1]["code"] == "MISSING_SCOPE"


def test_the_customers_id_is_kept_nowhere(backend, known, conn):
    for table in ("people", "customers", "audit", "notices", "idempotency_keys"):
        rows = conn.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - names of our own
        assert "cus_1" not in repr(rows)


def test_waiting_events_of_a_person_in_danger_are_rung_for_once_they_are_linked(backend, pool, settings, rung, conn):
    from shared.inbox import Inbox

    Inbox(pool, public_key=settings.seal_public_key, lookup_key=LOOKUP_KEY).keep(
        arrival(customer_id="cus_1"), nudged=True
    )
    backend.put("/api/people/p", {})
    backend.post("/api/crisis", {"userId": "p", "source": "button", "severity": "severe"})
    assert rung == []
    backend.put("/api/people/p", {"stripeCustomerId": "cus_1"})
    row = conn.execute("SELECT id FROM events").fetchone()
    assert rung == [((row["id"],), 30)]
