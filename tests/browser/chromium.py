"""One Chromium for all tests of a module, and axe to look a page over; without them the tests skip and say so.

The browser is the system's own (`apt-get install chromium`), so that nothing is downloaded at a test's run.
"""

import shutil

import pytest

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
# What breaks no rule stays in the browser: it is long, and nobody reads it.
_LOOK_OVER = """async options => {
    const found = await axe.run({resultTypes: ["violations"], ...options});
    return found.violations.flatMap(one => one.nodes.map(node => [one.id, node.html]));
}"""
_PLACES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def chromium():
    """Not for longer: while it is there an event loop runs in this thread, and no other test could run one."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, _PLACES)), None)
    if program is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def faults():
    """What axe finds on a page, as [rule, where]; `only` these rules, or all of them."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")

    def look_over(page, only=None):
        if not page.evaluate("'axe' in window"):
            page.evaluate(axe.AXE_SCRIPT)
        return page.evaluate(_LOOK_OVER, {} if only is None else {"runOnly": {"type": "rule", "values": list(only)}})

    return look_over
