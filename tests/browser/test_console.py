"""The console in a real browser: for every eye and hand, with script and without, and what its policy lets none do."""

import re

import pytest

from tests.browser.console_house import COMPARISON, CUSTOMER, WAITING, add_events, compare, furnish
from tests.browser.console_site import Site, site
from tests.browser.keyboard import focused, walk_to
from tests.integration.console.conftest import TABLES
from tests.integration.one_database import database_url, emptied  # noqa: F401 - fixtures

PAGES = {
    None: ("sign-in", "enrol"),
    "operator": (
        "", "now", "events", "events/156", "dead-letters", "subjects", "subjects?subject=sub_1OBc", "payouts",
        "payouts/owed-3", "accounts", "accounts/acct_1NXk", f"comparisons/{COMPARISON}", f"comparisons/{WAITING}",
        "nothing-of-ours",
    ),
    "clinician": ("people", "people/user-ada"),
    "auditor": ("audit", "security", "settings"),
}  # fmt: skip
DEAD = "SELECT count(*) AS n FROM events WHERE state = 'dead' AND discarded_at IS NULL"
REASON = "fixed upstream by the billing team"


@pytest.fixture(scope="module")
def tables():
    return TABLES


@pytest.fixture
def furnished(conn):
    conn.execute("ALTER TABLE events ALTER COLUMN id RESTART")
    furnish(conn)
    compare(conn)


@pytest.fixture
def there(furnished, address, pool, settings, tmp_path):
    return Site(address(settings, tmp_path), pool)


def dead(conn):
    return conn.execute(DEAD).fetchone()["n"]


def test_every_page_is_for_everybody_in_both_themes_and_breaks_no_rule_of_ours(there, chromium, faults):
    for role, paths in PAGES.items():
        page = there.opened(chromium, "/console/sign-in", role=role)
        for path in paths:
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(f"{there.address}/console/{path}" if path else f"{there.address}/console")
            assert faults(page) == [], path
            page.emulate_media(color_scheme="dark")
            assert faults(page, only=["color-contrast"]) == [], (path, "dark")
            page.set_viewport_size({"width": 320, "height": 256})  # 1280 by 1024 at 400 %
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
            assert page.title() != "taken", path
        assert [said for said in page.said if "404" not in said] == [], role
        page.context.close()


def test_requeueing_what_a_customer_lost_for_a_reason_takes_six_acts_of_a_hand(there, chromium, conn):
    page = there.opened(chromium, "/console")
    page.get_by_role("link", name="Dead letters").click()  # 1
    page.get_by_label("Person or Stripe customer").fill(CUSTOMER)  # 2
    page.keyboard.press("Enter")  # 3
    page.get_by_role("link", name=re.compile("12 schema")).click()  # 4
    page.get_by_role("textbox", name="Why").fill(REASON)  # 5
    page.get_by_role("button", name="Requeue all 12").click()  # 6
    page.get_by_text("12 tried again").wait_for()
    assert conn.execute("SELECT count(*) AS n FROM events WHERE state = 'retrying'").fetchone()["n"] == 12
    page.context.close()


def test_the_work_with_dead_letters_is_done_by_the_keyboard_alone(there, chromium, conn):
    page = there.opened(chromium, "/console/dead-letters")
    page.keyboard.press("Tab")
    assert focused(page) == "To the content"
    page.keyboard.press("Enter")
    walk_to(page, "Reason")
    page.keyboard.type("KeyError")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="3 match").wait_for()
    walk_to(page, "Why")
    page.keyboard.type("too old to matter")
    walk_to(page, "Discard all 3")
    page.keyboard.press("Enter")
    page.get_by_text("3 put aside").wait_for()
    assert dead(conn) == 20
    walk_to(page, "Take it back")
    page.keyboard.press("Enter")
    page.get_by_text("3 taken back").wait_for()
    assert dead(conn) == 23
    page.context.close()


def test_what_a_screen_reader_is_told_names_every_control(there, chromium):
    page = there.opened(chromium, "/console/dead-letters")
    tree = page.locator("body").aria_snapshot()
    for told in (
        'navigation "Console"', "main", 'heading "Dead letters" [level=1]', 'textbox "Person or Stripe customer"',
        'textbox "Why"', 'button "Requeue all 23"', 'checkbox "evt_dead_1"', 'columnheader "Reason"',
    ):  # fmt: skip
        assert told in tree, told
    assert not re.search(r"- (button|link|textbox|checkbox|combobox)\s*$", tree, re.MULTILINE)
    page.context.close()


# What a hand has just opened moves what stands below it, as it should.
_SHIFTS = """new PerformanceObserver(list => {
    for (const entry of list.getEntries().filter(one => !one.hadRecentInput))
        window.shifted = (window.shifted || 0) + entry.value;
}).observe({type: 'layout-shift', buffered: true})"""


def test_live_figures_change_without_a_shift_and_leave_an_open_table_open(there, chromium, conn):
    page = there.opened(chromium, "/console/now", viewport={"width": 1280, "height": 900})
    page.locator("#minutes-table summary").click()
    page.get_by_role("heading", name="Now", exact=True).click()
    page.evaluate("document.activeElement.blur()")
    page.evaluate(_SHIFTS)
    add_events(conn, 9, "evt_new_", "invoice.payment_succeeded", state="received", apart="1 second")
    page.locator("#live-first").get_by_text("13 waiting").wait_for(timeout=60_000)
    assert page.locator("#live-note").inner_text() == "Renews itself."
    assert page.locator("#minutes-table").get_attribute("open") is not None
    assert page.evaluate("window.shifted || 0") < 0.01
    assert page.said == []
    page.context.close()


def test_where_no_stream_comes_the_page_asks(furnished, pool, settings, chromium, conn):
    with site(pool, settings) as there:  # a server that streams nothing
        page = there.opened(chromium, "/console/now")
        page.get_by_text("Renews itself every five seconds.").wait_for()
        add_events(conn, 9, "evt_new_", "invoice.payment_succeeded", state="received", apart="1 second")
        page.locator("#live-first").get_by_text("13 waiting").wait_for(timeout=60_000)
        page.context.close()


def test_when_the_session_ends_the_live_page_says_so_and_stops(there, chromium, conn):
    page = there.opened(chromium, "/console/now")
    conn.execute("DELETE FROM staff_sessions")
    page.get_by_text("Your session has ended; these figures are old.").wait_for(timeout=60_000)
    assert page.get_by_role("link", name="Sign in").is_visible()
    page.context.close()


def test_who_waits_for_a_comparison_is_told_its_end_without_a_hand(there, chromium, conn):
    page = there.opened(chromium, f"/console/comparisons/{WAITING}")
    page.get_by_role("heading", name="Stripe is being asked").wait_for()
    conn.execute("UPDATE staff_comparisons SET ended_at = now(), refused = 'no_key' WHERE id = %s", [WAITING])
    page.get_by_role("heading", name="Not compared").wait_for()
    assert page.locator("#live-note").inner_text() == "Not compared"
    assert page.said == []
    page.context.close()


def test_without_script_all_of_it_works_too(there, chromium, conn):
    page = there.opened(chromium, "/console/dead-letters?code=KeyError", java_script_enabled=False)
    page.get_by_role("textbox", name="Why").fill(REASON)
    page.get_by_role("button", name="Requeue all 3").click()
    page.get_by_text("3 tried again").wait_for()
    assert dead(conn) == 20
    page.context.close()


def test_a_long_act_goes_on_by_itself_while_its_page_is_open(furnished, pool, settings, chromium, conn):
    flood = {"state": "dead", "code": "flood", "class": "bug", "apart": "1 second"}
    add_events(conn, 1_300, "evt_many_", "charge.failed", **flood)
    with site(pool, settings, step_seconds=0) as there:
        page = there.opened(chromium, "/console/dead-letters?code=flood")
        page.get_by_role("textbox", name="Why").fill("the flood of this morning")
        page.get_by_role("button", name="Discard all 1,300").click()
        page.get_by_role("heading", name="Done").wait_for(timeout=60_000)
        page.get_by_text("1,300 put aside").wait_for()
        assert page.said == []
        page.context.close()
    assert dead(conn) == 23


def test_no_script_of_a_payload_runs_and_none_could(there, chromium):
    page = there.opened(chromium, "/console/dead-letters")
    before = page.title()
    page.evaluate("""() => {
        const one = document.createElement('script');
        one.textContent = "document.title = 'taken'";
        document.body.append(one);
    }""")
    assert page.title() == before != "taken"
    assert any("Content Security Policy" in said for said in page.said)
    page.context.close()
