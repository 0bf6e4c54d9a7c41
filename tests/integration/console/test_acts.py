"""Many dead letters at once: what is chosen is what was shown, each has its outcome, and nothing is done twice."""

import pytest

from shared import staff_acts

REASON = "fixed upstream by the billing team"
DEAD = {"state": "'dead'", "settled_at": "now()", "reason_class": "'invalid'", "reason_code": "'schema'"}


def states(conn):
    rows = conn.execute("SELECT event_id, state, discarded_at IS NOT NULL AS aside FROM events ORDER BY id")
    return {row["event_id"]: f"{row['state']}{' aside' if row['aside'] else ''}" for row in rows}


def tally(conn):
    return {row["state"]: row["n"] for row in conn.execute("SELECT state, count(*) AS n FROM events GROUP BY 1")}


def requeue_all(clerk, address="/console/dead-letters", **fields):
    clerk.open(address)
    return clerk.send(clerk.action("acts/requeue"), which="all", **{"reason": REASON} | fields)


def discard_all(clerk):
    clerk.open("/console/dead-letters")
    return clerk.send("/console/acts/discard", which="all", reason="too old to matter")


def test_all_that_match_are_counted_before_and_told_one_by_one_after(sits, bury, conn):
    for number in range(3):
        bury(f"evt_{number}")
    bury("evt_other", reason_class="bug", reason_code="KeyError")
    ann = sits()
    ann.open("/console/dead-letters?code=schema")
    assert "Requeue all 3" in ann.says()
    ann.send(ann.action("acts/requeue"), which="all", reason=REASON)
    assert "3 tried again" in ann.says()
    assert [f"evt_{number} requeued" in ann.says() for number in range(3)] == [True] * 3
    assert states(conn) == {"evt_0": "retrying", "evt_1": "retrying", "evt_2": "retrying", "evt_other": "dead"}
    kept = conn.execute("SELECT actor, reason FROM audit WHERE act = 'dead_letter.requeue'").fetchall()
    assert kept == [{"actor": "staff:ann", "reason": REASON}] * 3


def test_what_was_ticked_is_what_is_done(sits, bury, conn):
    rows = [bury(f"evt_{number}") for number in range(3)]
    ann = sits()
    ann.open("/console/dead-letters")
    ann.send("/console/acts/requeue", which="ticked", reason=REASON, row=[str(rows[0]), str(rows[2])])
    assert states(conn) == {"evt_0": "retrying", "evt_1": "dead", "evt_2": "retrying"}
    assert ann.link("evt_2") == f"/console/events/{rows[2]}"


def test_what_was_ticked_and_is_not_there_is_told_by_its_row(sits, bury):
    bury("evt_1")
    ann = sits()
    ann.open("/console/dead-letters")
    ann.send("/console/acts/requeue", which="ticked", reason=REASON, row="9" * 18)
    assert f"#{'9' * 18} not found" in ann.says()


def test_what_died_after_the_page_was_made_is_not_taken(sits, bury, conn):
    bury("evt_seen")
    ann = sits()
    ann.open("/console/dead-letters")
    conn.execute("SELECT pg_sleep(0.001)")
    bury("evt_later", settled_at="2100-01-01T00:00:00Z")
    ann.send(ann.action("acts/requeue"), which="all", reason=REASON)
    assert states(conn) == {"evt_seen": "retrying", "evt_later": "dead"}


@pytest.mark.parametrize("reason", ["", "   ", "x" * 10_000, "a\x00b\x1b[2J"])
def test_without_a_reason_that_can_be_kept_nothing_is_done_and_it_says_why(sits, bury, conn, reason):
    bury("evt_1")
    answer = requeue_all(sits(), reason=reason)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert states(conn) == {"evt_1": "dead"}


@pytest.mark.parametrize("fields", [{"as_of": "yesterday"}, {"as_of": "2026-11-21T10:00:00"}, {"which": "ticked"}])
def test_a_form_that_was_tampered_with_does_nothing(sits, bury, conn, fields):
    bury("evt_1")
    ann = sits()
    ann.open("/console/dead-letters")
    assert ann.send("/console/acts/requeue", **{"which": "all", "reason": REASON} | fields).status_code == 422
    assert states(conn) == {"evt_1": "dead"}


def test_of_two_who_requeue_the_same_letter_the_second_learns_of_the_first(sits, bury, conn):
    bury("evt_1")
    ann, bob = sits(), sits(name="bob")
    bob.open("/console/dead-letters")
    requeue_all(ann)
    assert bob.send(bob.action("acts/requeue"), which="all", reason="tried again").status_code == 422
    ticked = str(conn.execute("SELECT id FROM events").fetchone()["id"])
    bob.send("/console/acts/requeue", which="ticked", row=ticked, reason="tried again")
    assert "somebody else sent them on already" in bob.says()
    assert bob.link("evt_1") == f"/console/events/{ticked}"
    assert conn.execute("SELECT series FROM events").fetchone()["series"] == 2


def test_a_session_that_ends_in_the_middle_leaves_the_rest_for_the_next_one(sits, comes_back, many, conn):
    many(1_200, **DEAD)
    ann = sits()
    requeue_all(ann)
    assert (tally(conn), "Go on" in ann.page) == ({"retrying": 500, "dead": 700}, True)
    goes_on = ann.action("go-on")
    conn.execute("DELETE FROM staff_sessions")
    assert ann.send(goes_on).headers["Location"].startswith("/console/sign-in?")
    assert tally(conn) == {"retrying": 500, "dead": 700}
    comes_back(ann)
    ann.open("/console")
    assert "Requeue, 700 of 1,200 left" in ann.says()
    ann.open(ann.link("Requeue, 700"))
    for _ in range(2):
        ann.send(ann.action("go-on"))
    assert "1,200 tried again" in ann.says()
    assert "Go on" not in ann.page
    assert tally(conn) == {"retrying": 1_200}
    assert conn.execute("SELECT count(*) AS n FROM audit WHERE act = 'dead_letter.requeue'").fetchone()["n"] == 1_200


def test_nobody_else_carries_on_what_somebody_began(sits, many, conn):
    many(600, **DEAD)
    ann, bob = sits(), sits(name="bob")
    requeue_all(ann)
    goes_on = ann.action("go-on")
    bob.open(goes_on.removesuffix("/go-on"))
    assert "Go on" not in bob.page
    assert bob.send(goes_on).status_code == 403
    assert tally(conn) == {"retrying": 500, "dead": 100}


def test_a_discard_is_taken_back_within_its_time_and_once(sits, bury, conn):
    for number in range(2):
        bury(f"evt_{number}")
    ann, bob = sits(), sits(name="bob")
    discard_all(ann)
    assert set(states(conn).values()) == {"dead aside"}
    undo = ann.action("undo")
    bob.open(undo.removesuffix("/undo"))
    bob.send(undo)
    assert "2 taken back" in bob.says()
    assert set(states(conn).values()) == {"dead"}
    assert ann.send(undo).status_code == 409
    found = conn.execute("SELECT actor, reason FROM audit WHERE act = 'dead_letter.discard_undone'").fetchall()
    assert found == [{"actor": "staff:bob", "reason": "too old to matter"}] * 2


def test_what_was_requeued_meanwhile_stays_so_when_a_discard_is_taken_back(sits, bury, conn):
    bury("evt_1")
    row = bury("evt_2")
    ann = sits()
    discard_all(ann)
    undo = ann.action("undo")
    ann.open("/console/dead-letters?discarded=yes")
    ann.send("/console/acts/requeue", which="ticked", row=str(row), reason=REASON)
    ann.send(undo)
    assert states(conn) == {"evt_1": "dead", "evt_2": "retrying"}


def test_after_its_time_a_discard_stays(sits, bury, conn):
    bury("evt_1")
    ann = sits()
    discard_all(ann)
    undo = ann.action("undo")
    conn.execute("UPDATE staff_acts SET ended_at = now() - interval '31 minutes'")
    ann.open(undo.removesuffix("/undo"))
    assert "Take it back" not in ann.page
    assert ann.send(undo).status_code == 409
    assert states(conn) == {"evt_1": "dead aside"}


def test_who_may_only_look_has_no_form_and_is_refused(sits, bury, conn):
    bury("evt_1")
    vic = sits("viewer", "vic")
    vic.open("/console/dead-letters")
    assert "evt_1" in vic.page
    assert "Requeue" not in vic.page
    for what in ("requeue", "discard", "replay"):
        assert vic.send(f"/console/acts/{what}", which="all", reason=REASON).status_code == 403
    assert states(conn) == {"evt_1": "dead"}


def test_one_event_is_requeued_or_replayed_on_its_own_page(sits, bury, keep, conn):
    dead = bury("evt_dead")
    done = keep("evt_done", state="processed", settled_at="2026-11-20T10:00:00Z")
    ann = sits()
    for row, what in ((dead, "requeue"), (done, "replay")):
        ann.open(f"/console/events/{row}")
        ann.send(f"/console/acts/{what}", reason=REASON)
    assert states(conn) == {"evt_dead": "retrying", "evt_done": "retrying"}


def test_a_form_that_no_page_of_ours_gave_does_nothing(sits, bury, conn):
    bury("evt_1")
    ann = sits()
    ann.open("/console/dead-letters")
    assert ann.send("/console/acts/requeue", which="all", reason=REASON, csrf="0" * 64).status_code == 403
    assert states(conn) == {"evt_1": "dead"}


def test_more_than_one_act_takes_are_refused_before_any_is_read(sits, many, conn, monkeypatch):
    monkeypatch.setattr(staff_acts, "MOST", 10)
    many(11, **DEAD)
    answer = requeue_all(sits())
    assert (answer.status_code, tally(conn)) == (422, {"dead": 11})
    assert "11 match, and one act takes 10" in answer.text
