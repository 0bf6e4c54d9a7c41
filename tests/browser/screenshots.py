"""Pictures of the pages, made anew by `make screenshots`: python -m tests.browser.screenshots FOLDER"""

import shutil
import sys
import tempfile
from pathlib import Path

import psycopg
from playwright.sync_api import sync_playwright
from psycopg.rows import dict_row

from ingress.cli.up import postgres
from shared import crypto, db
from shared.config import Settings
from shared.migrations import migrate
from tests.browser.chromium import ARGUMENTS
from tests.browser.console_house import furnish
from tests.browser.console_site import site
from tests.integration.conftest import LOOKUP_KEY
from tests.servers import PASSWORDS, admin, free_port, running, url

SHOWN = (
    ("now", "operator", "/console/now", "light"),
    ("now-dark", "operator", "/console/now", "dark"),
    ("dead-letters", "operator", "/console/dead-letters?code=schema", "light"),
    ("event", "operator", "/console/events/156", "light"),
    ("events-dark", "operator", "/console/events", "dark"),
    ("person", "clinician", "/console/people/user-ada", "light"),
    ("payouts", "operator", "/console/payouts", "light"),
    ("audit-dark", "auditor", "/console/audit", "dark"),
    ("security", "auditor", "/console/security", "light"),
)
_WIDTH, _HEIGHT = 1280, 900


def take(folder: Path) -> None:
    """Of a console over servers of its own, with nothing in it but what was made up."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="carelane-") as made:
        home = Path(made)
        home.chmod(0o755)
        (home / "logs").mkdir()
        port = free_port()
        with running(postgres.program(home, port=port, passwords=PASSWORDS)):
            with admin(port) as conn:
                conn.execute("CREATE DATABASE pictures")
            _take(folder, url(port, "pictures"))


def _take(folder: Path, database_url: str) -> None:
    migrate(database_url)
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as conn:
        furnish(conn)
    pool = db.Pool(database_url, name="pictures", size=4)
    public_key = crypto.public_key_of(crypto.new_private_key())
    settings = Settings(database_url=database_url, lookup_key=LOOKUP_KEY, seal_public_key=public_key)
    program = shutil.which("chromium") or "chromium"
    with site(pool, settings) as there, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=ARGUMENTS)
        for name, role, path, theme in SHOWN:
            window = {"width": _WIDTH, "height": _HEIGHT}
            page = there.opened(browser, path, role=role, color_scheme=theme, viewport=window)
            page.screenshot(path=folder / f"console-{name}.png")
            page.context.close()
        browser.close()
    pool.close()


if __name__ == "__main__":
    take(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"))
