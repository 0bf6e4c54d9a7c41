"""A person's page in a real browser: for every eye and hand, without script, in a frame, and in either language."""

import pytest

from ingress.account.words import PARTS
from tests.browser.person_site import PEOPLE, furnish, site
from tests.integration.account.conftest import TABLES
from tests.integration.api.conftest import made, rung  # noqa: F401 - fixtures
from tests.integration.one_database import database_url, emptied  # noqa: F401 - fixtures
from tests.integration.people.conftest import link  # noqa: F401 - a fixture

# Each part as somebody in grace sees it, where all of them have something to say.
PATHS = {name: ["/account"] for name in PEOPLE}
PATHS["grace"] += [f"/account/parts/{name}" for name in PARTS]
PATHS["danger"] += ["/account?payments=yes", "/account/nothing"]
TARGET = 44
# What can be pressed, as it is drawn: the skip link only once it has the focus.
_TARGETS = """() => [...document.querySelectorAll('a:not(.skip), button, input:not([type=hidden])')]
    .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
    .filter(([, box]) => box.width < %d || box.height < %d)
    .map(([html, box]) => [html, box.width, box.height])"""


@pytest.fixture(scope="module")
def tables():
    return TABLES


@pytest.fixture
def there(made, pool, conn, link, tmp_path):  # noqa: F811
    furnish(conn, link)
    with site(made, pool, tmp_path) as built:
        yield built


def test_every_page_is_for_everybody_in_both_themes_and_on_a_small_screen(there, chromium, faults):
    said = []
    for name, paths in PATHS.items():
        page = there.signed_in(chromium, name, color_scheme="light", viewport={"width": 1280, "height": 900})
        page.on("console", lambda message: said.append(message.text))
        for path in paths:
            page.goto(there.address + path)
            assert faults(page) == [], (name, path)
            page.emulate_media(color_scheme="dark")
            assert faults(page, only=["color-contrast"]) == [], (name, path, "dark")
            page.emulate_media(color_scheme="light")
            fits(page)
        page.context.close()
    page = there.signed_in(chromium, "grace", "/account?lang=es")
    assert faults(page) == []
    page.context.close()
    assert [text for text in said if "404" not in text] == []


def fits(page):
    """A window of 1280 by 1024 at 400 % lays out as 320 by 256."""
    page.set_viewport_size({"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    assert page.evaluate(_TARGETS % (TARGET, TARGET)) == [], page.url
    page.set_viewport_size({"width": 1280, "height": 900})


def test_in_spanish_it_fits_a_small_screen_too_with_targets_for_every_thumb(there, chromium):
    for name, paths in PATHS.items():
        page = there.signed_in(chromium, name)
        for path in paths:
            page.goto(f"{there.address}{path}{'&' if '?' in path else '?'}lang=es")
            fits(page)
        page.context.close()


def test_nothing_moves(there, chromium):
    page = there.signed_in(chromium, "grace", reduced_motion="reduce")
    moving = (
        "[...document.querySelectorAll('*')].filter(one => getComputedStyle(one).transitionDuration !== '0s').length"
    )
    assert (page.evaluate("document.getAnimations().length"), page.evaluate(moving)) == (0, 0)
    page.context.close()


def test_by_keyboard_alone_and_without_script_help_is_opened(there, chromium):
    page = there.signed_in(chromium, "after", java_script_enabled=False)
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(" ".join(page.locator(":focus").inner_text().split()))
        if reached[-1] == "Open all that helps":
            break
    assert reached[:4] == ["To your page", "Call 988", "Text 988", "Chat with 988 (opens a new page)"]
    page.keyboard.press("Enter")
    page.get_by_text("All that can help you now is open until").wait_for()
    page.context.close()


def test_a_reader_of_the_screen_hears_988_first_and_every_field_by_its_name(there, chromium):
    page = there.signed_in(chromium, "grace")
    heard = page.locator("body").aria_snapshot()
    help_at, heading_at = heard.index('navigation "Help at any time"'), heard.index('heading "Your plan and your care"')
    assert help_at < heading_at
    for name in ('link "Call 988"', 'textbox "Did someone give you a code?"', 'button "Open all that helps"'):
        assert name in heard
    for region in ("Your care goes on", "Your plan", "What you can do", "Help right now"):
        assert f'region "{region}"' in heard
    page.context.close()


def test_a_wrong_code_is_told_beside_its_field_which_has_the_focus(there, chromium, faults):
    page = there.signed_in(chromium, "grace")
    page.get_by_label("Did someone give you a code?").fill("AAAAA-AAAAA")
    page.get_by_role("button", name="Use the code").click()
    assert page.locator(":focus").get_attribute("aria-describedby") == "problem"
    assert "We do not know this code." in page.locator("#problem").inner_text()
    assert faults(page) == []
    page.context.close()


def test_the_application_opens_it_by_a_form_and_the_address_tells_nothing(there, chromium):
    page = chromium.new_context().new_page()
    page.goto(f"{there.application}/?who=grace")
    page.get_by_role("button", name="Payments").click()
    page.wait_for_url(f"{there.address}/account")
    assert "5 more days" in page.locator("main").inner_text()
    page.goto(f"{there.stranger}/?who=grace")
    page.get_by_role("button", name="Payments").click()
    page.wait_for_url(f"{there.address}/account/session")
    assert "Nothing was changed." in page.locator("main").inner_text()
    page.context.close()


def test_a_part_of_it_stands_in_a_frame_of_the_application_and_of_nobody_else(there, chromium):
    page = chromium.new_context().new_page()
    page.goto(f"{there.application}/?who=grace&framed=1&part=grace")
    page.get_by_role("button", name="Payments").click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("heading", name="Your care goes on").wait_for()
    assert frame.get_by_role("link", name="Call 988").is_visible()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(there.stranger)
    page.evaluate(f"document.querySelector('iframe').src = '{there.address}/account/parts/grace'")
    page.wait_for_function("true")
    deadline = 100
    while not any("frame-ancestors" in text for text in said) and deadline:
        page.wait_for_timeout(50)
        deadline -= 1
    assert any("frame-ancestors" in text for text in said)
    page.context.close()


def test_while_the_database_is_away_988_and_the_tools_are_there(there, chromium, faults):
    there.stores.is_away = True
    page = there.signed_in(chromium, "grace")
    assert page.get_by_role("link", name="Call 988").is_visible()
    assert page.get_by_text("Safety plan", exact=True).is_visible()
    assert faults(page) == []
    page.context.close()
