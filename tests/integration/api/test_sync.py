"""Devices: who registers which, what each has missed, and what it is told when it holds something else."""

import pytest

from workers.placing import Placing


@pytest.fixture
def place(pool):
    return Placing(pool, None).place_all


@pytest.fixture
def device(person, known):
    """The person's telephone, and their state as it read it first."""
    mine = person("p")
    assert mine.put("/api/devices/phone", {"userId": "p", "platform": "ios"})[0] == 201
    return mine


def read(caller, **query):
    status, document = caller.get("/api/sync", deviceId="phone", **query)
    assert status == 200, document
    return document


def entities(document):
    return [one["entity"] for one in document["operations"]]


def test_a_first_reading_is_everything_as_it_is(device):
    document = read(device)
    assert (document["snapshot"], document["snapshotReason"]) == (True, "first")
    assert entities(document) == ["crisis", "safety_plan", "emergency_contacts", "access", "devices"]
    assert document["operations"][3]["payload"]["tier"] == "none"
    assert document["pace"]["frequency"] == "background"


def test_weeks_of_changes_are_one_state_of_each_entity_and_crisis_goes_first(device, backend, person, place):
    cursor = read(device)["cursor"]
    for number in range(5):
        backend.put("/api/people/p", {"safetyPlanRef": f"plan-{number}"})
        place()
    status, opened = person("p").post("/api/crisis", {"userId": "p", "source": "button", "severity": "severe"})
    assert status == 201, opened
    place()
    document = read(device, after=cursor)
    assert document["snapshot"] is False
    told = {one["entity"]: one for one in document["operations"]}
    assert set(told) == {"safety_plan", "crisis", "access"}
    assert told["safety_plan"]["payload"] == {"ref": "plan-4"}
    assert told["crisis"] == told["crisis"] | {"type": "set", "priority": "crisis_emergency", "targets": "all"}
    assert {one["priority"] for one in document["operations"]} == {"crisis_emergency"}
    assert document["pace"]["pollSeconds"] == 5
    assert read(device, after=document["cursor"])["operations"] == []


def test_what_goes_to_devices_says_nothing_of_who_it_is_about(device, backend, place, conn):
    backend.put("/api/people/p", {"emergencyContactsRef": "contacts-1"})
    place()
    rows = conn.execute("SELECT data::text AS data FROM notices WHERE kind = 'sync:operation'").fetchall()
    assert rows
    assert not any('"p"' in row["data"] or "cus_1" in row["data"] for row in rows)


def test_nothing_is_owed_to_a_person_without_a_device(backend, known, conn):
    backend.put("/api/people/p", {"safetyPlanRef": "plan"})
    assert conn.execute("SELECT FROM notices WHERE kind = 'sync:operation'").fetchall() == []


def test_the_other_devices_are_told_of_a_new_one(device, place):
    cursor = read(device)["cursor"]
    assert device.put("/api/devices/tablet", {"userId": "p", "platform": "android"})[0] == 201
    place()
    [told] = read(device, after=cursor)["operations"]
    assert (told["entity"], told["targets"], told["payload"]) == ("devices", ["phone"], {"count": 2})
    _, document = device.get("/api/sync", deviceId="tablet")
    assert document["snapshotReason"] == "first"
    assert device.get("/api/sync", deviceId="tablet", after=document["cursor"])[1]["operations"] == []


def test_a_cursor_older_than_the_retention_is_answered_by_everything(device, backend, place, conn):
    backend.put("/api/people/p", {"safetyPlanRef": "plan-0"})
    place()
    cursor = read(device)["cursor"]
    backend.put("/api/people/p", {"safetyPlanRef": "plan-1"})
    place()
    backend.put("/api/people/p", {"safetyPlanRef": "plan-2"})
    place()
    conn.execute("UPDATE outbox_hours SET hour = hour - interval '60 days'")
    document = read(device, after=cursor)
    assert (document["snapshot"], document["snapshotReason"]) == (True, "retention")
    told = {one["entity"]: one["payload"] for one in document["operations"]}
    assert told["safety_plan"] == {"ref": "plan-2"}


def test_cursors_and_devices_of_others_are_refused_by_name(device, person, backend):
    cursor = read(device)["cursor"]
    other = person("q")
    assert other.put("/api/devices/theirs", {"userId": "q", "platform": "web"})[0] == 201
    foreign = {"deviceId": "theirs", "after": cursor}
    assert other.get("/api/sync", **foreign)[1]["code"] == "FOREIGN_CURSOR"
    assert backend.get("/api/sync", deviceId="phone", after="bm9uc2Vuc2U")[1]["code"] == "FOREIGN_CURSOR"
    assert other.get("/api/sync", deviceId="phone")[1]["code"] == "UNKNOWN_DEVICE"
    assert other.get("/api/sync", deviceId="nobodys")[1]["code"] == "UNKNOWN_DEVICE"
    assert other.post("/api/sync/ack", {"deviceId": "theirs", "cursor": cursor})[1]["code"] == "FOREIGN_CURSOR"
    assert other.post("/api/sync/ack", {"deviceId": "nobodys", "cursor": cursor})[1]["code"] == "UNKNOWN_DEVICE"
    assert other.put("/api/devices/phone", {"userId": "q", "platform": "web"})[1]["code"] == "NOT_YOURS"
    assert other.put("/api/devices/mine", {"userId": "p", "platform": "web"})[1]["code"] == "NOT_YOURS"


def test_a_cursor_of_before_a_device_was_handed_on_is_foreign(device, person, backend):
    cursor = read(device)["cursor"]
    backend.put("/api/people/q", {})
    assert backend.put("/api/devices/phone", {"userId": "q", "platform": "ios"})[0] == 201
    assert person("q").get("/api/sync", deviceId="phone", after=cursor)[1]["code"] == "FOREIGN_CURSOR"
    assert device.get("/api/sync", deviceId="phone")[1]["code"] == "UNKNOWN_DEVICE"


def test_an_acknowledgement_never_goes_backwards(device, backend, place):
    first = read(device)["cursor"]
    backend.put("/api/people/p", {"safetyPlanRef": "plan"})
    place()
    second = read(device, after=first)["cursor"]
    assert device.post("/api/sync/ack", {"deviceId": "phone", "cursor": second})[1]["cursor"] == second
    again = device.post("/api/sync/ack", {"deviceId": "phone", "cursor": first})
    assert again == (200, {"deviceId": "phone", "cursor": second, "conflicts": []})


def test_a_device_that_holds_something_else_is_told_why_and_what_is_so(device, backend, place):
    cursor = read(device)["cursor"]
    backend.put("/api/people/p", {"safetyPlanRef": "plan"})
    place()
    document = read(device, after=cursor)
    holds = {"safety_plan": document["operations"][0]["version"] - 1, "access": 10**9}
    body = {"deviceId": "phone", "cursor": document["cursor"], "holds": holds}
    _, answer = device.post("/api/sync/ack", body)
    told = {one["entity"]: (one["reason"], one["operation"]["payload"]) for one in answer["conflicts"]}
    assert told["safety_plan"] == ("superseded", {"ref": "plan"})
    assert told["access"][0] == "never_given"
    assert told["access"][1]["tier"] == "none"


def test_a_person_has_a_bounded_number_of_devices(device, conn):
    rows = "SELECT 'd' || n, 'p', 'web' FROM generate_series(1, 49) AS n"
    conn.execute(f"INSERT INTO devices (device_id, user_id, platform) {rows}")
    assert device.put("/api/devices/one-too-many", {"userId": "p", "platform": "web"})[1]["code"] == "TOO_MANY"
    assert device.put("/api/devices/d1", {"userId": "p", "platform": "web"})[0] == 200
    conn.execute("UPDATE devices SET seen_at = now() - interval '91 days' WHERE device_id IN ('d2', 'd3')")
    assert device.put("/api/devices/in-its-place", {"userId": "p", "platform": "web"})[0] == 201
    assert len(conn.execute("SELECT FROM devices").fetchall()) == 50


def test_a_cursor_of_moments_that_the_database_lost_is_answered_by_everything(device, backend, place, conn):
    backend.put("/api/people/p", {"safetyPlanRef": "plan"})
    place()
    cursor = read(device)["cursor"]
    conn.execute("UPDATE notices SET position = NULL, told_at = NULL")
    conn.execute("UPDATE outbox SET newest = 0")
    document = read(device, after=cursor)
    assert (document["snapshot"], document["snapshotReason"]) == (True, "restored")
    assert "safety_plan" in entities(document)
