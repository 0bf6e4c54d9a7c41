"""One person's page: found, looked at on record, and what a clinician or support does for them."""

import re
from urllib.parse import quote

import pytest

from tests.browser.console_house import CUSTOMER


def test_a_person_is_found_by_their_customer_and_the_look_is_on_record(furnished, sits, conn):
    sam = sits("support", "sam")
    answer = sam.open(f"/console/people?who={CUSTOMER}")
    assert answer.headers["Location"] == "/console/people/user-ada"
    sam.open("/console/people/user-ada")
    assert "trialing → active" in sam.says()
    assert "A crisis was opened, severe" in sam.says()
    found = conn.execute("SELECT actor, object FROM audit WHERE act = 'person.viewed'").fetchall()
    assert found == [{"actor": "staff:sam", "object": "person:user-ada"}]


def test_a_clinician_opens_and_resolves_a_crisis(furnished, sits, conn, settled):
    kim = sits("clinician", "kim")
    kim.open("/console/people/user-cleo")
    assert kim.send(kim.action("/crisis"), severity="odd").status_code == 422
    kim.send(kim.action("/crisis"), severity="imminent")
    assert "An open crisis" in kim.says()
    resolve = kim.action("/resolve")
    assert [kim.send(resolve, note=note).status_code for note in (" ", "x" * 10_001)] == [422, 422]
    kim.send(resolve, note="she is safe, her sister is with her")
    assert "The crisis was resolved by staff:kim" in kim.says()
    assert kim.send(resolve, note="once more").status_code == 409
    assert settled == ["user-cleo", "user-cleo"]
    kept = conn.execute("SELECT note_sealed FROM crises WHERE user_id = 'user-cleo'").fetchone()["note_sealed"]
    assert b"sister" not in kept


def test_a_crisis_is_resolved_under_its_own_person_alone(furnished, sits, conn):
    kim = sits("clinician", "kim")
    kim.open("/console/people/user-ada")
    wrong = kim.action("/resolve").replace("user-ada", "user-ben")
    assert kim.send(wrong, note="not this one").status_code == 404
    assert conn.execute("SELECT count(*) AS n FROM crises WHERE resolved_at IS NULL").fetchone()["n"] == 1


def test_emergency_access_is_opened_and_a_code_is_shown_once(furnished, sits, settled):
    sam = sits("support", "sam")
    sam.open("/console/people/user-cleo")
    assert sam.send(sam.action("/emergency"), reason="because").status_code == 422
    sam.send(sam.action("/emergency"), reason="system_error")
    assert "Emergency access was opened" in sam.says()
    assert settled == ["user-cleo"]
    sam.send(sam.action("/code"))
    code = re.search(r"<code>(\w{5}-\w{5})</code>", sam.page)[1]
    sam.open("/console/people/user-cleo")
    assert code not in sam.page


@pytest.mark.parametrize("user_id", ["a/b", "späte gäste", "100%", "crisis", "a?b#c"])
def test_a_person_may_go_by_any_id_that_can_be_shown(sits, conn, user_id):
    conn.execute("INSERT INTO people (user_id) VALUES (%s)", [user_id])
    kim = sits("clinician", "kim")
    assert kim.open(kim.open(f"/console/people?who={quote(user_id)}").headers["Location"]).status_code == 200
    kim.send(kim.action("/crisis"), severity="moderate")
    assert "An open crisis" in kim.says()
    assert conn.execute("SELECT user_id FROM crises").fetchone()["user_id"] == user_id
