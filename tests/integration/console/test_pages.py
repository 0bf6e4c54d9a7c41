"""Every page of the console: who may open it, what it shows, and what it says to an address that makes no sense."""

import re
import uuid
from datetime import UTC, datetime

import pytest

from shared.rules.staff_roles import may
from shared.stripe_standing import Standing
from tests.browser.console_house import SCRIPT

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)

PAGES = {
    "/console/now": "events.see",
    "/console/now/live": "events.see",
    "/console/events": "events.see",
    "/console/events?who=user-ada&state=dead": "events.see",
    "/console/events/1": "events.see",
    "/console/dead-letters": "events.see",
    "/console/people": "people.see",
    "/console/people/user-ada": "people.see",
    "/console/subjects": "events.see",
    "/console/subjects?subject=sub_1OBc": "events.see",
    "/console/payouts?late=yes": "events.see",
    "/console/payouts/owed-3": "events.see",
    "/console/accounts": "events.see",
    "/console/accounts/acct_1NXk": "events.see",
    "/console/audit": "audit.read",
    "/console/security": "audit.read",
    "/console/settings": "audit.read",
}
ROLES = ("viewer", "support", "operator", "clinician", "auditor", "admin")


def test_each_page_opens_for_the_roles_that_may_and_for_nobody_else(furnished, sits, conn):
    clerk, seen = sits(), {}
    for role in ROLES:
        conn.execute("UPDATE staff SET role = %s", [role])
        seen |= {(role, path): clerk.open(path).status_code for path in PAGES}
    assert seen == {(role, path): 200 if may(role, act) else 403 for role in ROLES for path, act in PAGES.items()}
    conn.execute("DELETE FROM staff_sessions")
    assert {clerk.open(path).status_code for path in PAGES} == {303}


def test_the_navigation_names_what_the_role_may_open(furnished, sits):
    kim = sits("clinician", "kim")
    kim.open("/console")
    places = re.findall(r'<li><a href="/console[^"]*"[^>]*>([^<]+)</a>', kim.page.partition("</nav>")[0])
    assert places == ["Start", "People"]


def test_nothing_that_came_from_outside_is_markup(furnished, sits):
    ann, row = sits(), "/console/events?state=dead"
    ann.open(row)
    script = re.search(r'href="(/console/events/\d+)">&lt;script', ann.page)[1]
    for path in (row, script, "/console/dead-letters", f"/console/events?type={SCRIPT}", f"/console/people/{SCRIPT}"):
        ann.open(path)
        assert "<script>" not in ann.page
        assert "<img" not in ann.page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console/events/999999", 404),
        ("/console/events/evt_none", 404),
        ("/console/people/nobody", 404),
        ("/console/people?who=nobody", 404),
        ("/console/payouts/none", 404),
        ("/console/accounts/none", 404),
        (f"/console/acts/{uuid.UUID(int=7)}", 404),
        ("/console/events?state=odd", 422),
        ("/console/events?since=yesterday", 422),
        ("/console/events?since=0001-01-01T00:00:00%2B14:00", 422),
        ("/console/events?after=-1", 422),
        ("/console/events?type=" + "x" * 300, 422),
        ("/console/dead-letters?lane=fast", 422),
        ("/console/payouts?status=odd", 422),
        ("/console/accounts?status=odd", 422),
        ("/console/subjects?subject=" + "x" * 300, 422),
        ("/console/people?who=" + "x" * 300, 422),
    ],
)
def test_what_is_not_there_or_makes_no_sense_is_told_in_words(sits, conn, path, status):
    clerk = sits()
    conn.execute("UPDATE staff SET role = 'support'")
    assert clerk.open(path).status_code == status
    assert "<h1>" in clerk.page


def test_a_search_goes_on_where_it_stopped_and_its_address_can_be_shared(sits, many):
    many(120, type="'a.b'")
    many(30, type="'c.d'", event_id="'evt_c' || n")
    ann, seen, address = sits(), [], "/console/events?type=a.*"
    while address:
        ann.open(address)
        seen += re.findall(r"evt_\d+", ann.page)
        address = ann.link("Older ones") if "Older ones" in ann.page else None
    assert seen == [f"evt_{number}" for number in range(120, 0, -1)]


def test_a_page_that_renews_itself_keeps_no_session_alive(furnished, sits, conn):
    ann = sits()
    conn.execute("UPDATE staff_sessions SET seen_at = now() - interval '10 minutes'")
    ann.open("/console/now/live")
    aged = "SELECT seen_at < now() - interval '5 minutes' AS aged FROM staff_sessions"
    assert conn.execute(aged).fetchone()["aged"]
    ann.open("/console/now")
    assert not conn.execute(aged).fetchone()["aged"]


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (None, "not known"),
        (Standing(), "no trouble"),
        (Standing(held_until=AT), "held as it wishes, until 2026-11-21 12:00:00"),
        (Standing(away_since=AT), "failed and is not asked, since 2026-11-21 12:00:00"),
    ],
)
def test_how_stripe_stands_is_told_as_the_workers_know_it(furnished, sits, stands, standing, words):
    stands[0] = standing
    ann = sits()
    ann.open("/console/now")
    assert f"Stripe, as workers ask it {words}" in ann.says()


def test_settings_are_shown_without_any_secret(sits, settings):
    eve = sits("auditor", "eve")
    eve.open("/console/settings")
    assert "CARELANE_LOOKUP_KEY set environment" in eve.says()
    assert "llll" not in eve.page
    assert settings.database_url.rpartition("@")[0].rpartition(":")[2] not in eve.page


def test_the_audit_page_filters_and_leads_on(furnished, sits, conn):
    conn.execute(
        "INSERT INTO audit (actor, act, object) SELECT 'x', 'made.up', 'n:' || n FROM generate_series(1, 60) AS n"
    )
    eve = sits("auditor", "eve")
    eve.open("/console/audit?act=made.*")
    first = re.findall(r"n:\d+(?=</a>)", eve.page)
    eve.open(eve.link("Older ones"))
    second = re.findall(r"n:\d+(?=</a>)", eve.page)
    assert first + second == [f"n:{number}" for number in range(60, 0, -1)]
    eve.open("/console/security")
    assert "INVALID_SIGNATURE 214" in eve.says()


def test_what_the_console_does_not_have_is_told_by_a_page_of_it(sits):
    ann = sits()
    assert ann.open("/console/nothing/of/ours").status_code == 404
    assert "There is no such page." in ann.says()


def test_what_needs_looking_at_is_named_with_the_way_to_it(furnished, sits, conn):
    conn.execute("""INSERT INTO notices (cause, kind, recipient, data) VALUES
        ('a', 'payout:amount_mismatch', 'staff', '{"payoutId": "owed-2"}'),
        ('b', 'payout:amount_mismatch', 'person:x', '{"payoutId": "owed-9"}')""")
    conn.execute(
        "UPDATE facts SET verdict = 'conflict', verdict_reason = 'illegal' WHERE id = (SELECT max(id) FROM facts)"
    )
    conn.execute("UPDATE subjects SET needs_refetch = true WHERE subject_id = 'acct_1NXk'")
    ann = sits()
    ann.open("/console/payouts")
    assert "owed-2 is not the amount that is owed" in ann.says()
    assert "owed-9" not in ann.page
    ann.open("/console/subjects")
    assert "was kept and not applied (illegal)" in ann.says()
    assert ann.link("acct_1NXk") == "/console/subjects?subject=acct_1NXk"
    ann.open(ann.link("sub_1OBc"))
    assert "1 of what was told contradicts its history" in ann.says()
