"""Pictures of the pages, made anew by `make screenshots`: python -m tests.browser.screenshots FOLDER"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
from playwright.sync_api import Browser, sync_playwright
from psycopg.rows import dict_row

from ingress.cli.up import postgres
from shared import crypto
from shared.config import Settings
from shared.db import Pool
from shared.migrations import migrate
from shared.stripe_standing import Standing
from tests.browser import person_pictures
from tests.browser.chromium import ARGUMENTS
from tests.browser.console_house import COMPARISON, compare, furnish
from tests.browser.console_site import site
from tests.factories.identities import SECRET
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
    ("comparison", "operator", f"/console/comparisons/{COMPARISON}", "light"),
    ("audit-dark", "auditor", "/console/audit", "dark"),
    ("security", "auditor", "/console/security", "light"),
)
_WINDOW = {"width": 1280, "height": 900}


def take_all(folder: Path) -> None:
    """Over servers of their own, with nothing in them but what was made up."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="carelane-") as made, sync_playwright() as started:
        home = Path(made)
        home.chmod(0o755)  # PostgreSQL runs as somebody else where this is started by root
        for name in ("logs", "run"):
            (home / name).mkdir()
        program = shutil.which("chromium") or "chromium"
        browser = started.chromium.launch(executable_path=program, args=ARGUMENTS)
        with running(postgres.program(home, port=port, passwords=PASSWORDS)):
            for name, take in {"console": console, "people": person_pictures.take}.items():
                _in_a_database_of_its_own(port, name, home, lambda *has, take=take: take(folder, browser, *has))
        browser.close()


def console(folder: Path, browser: Browser, settings: Settings, pool: Pool) -> None:
    with psycopg.connect(settings.database_url, autocommit=True, row_factory=dict_row) as conn:
        furnish(conn)
        compare(conn)
    with site(pool, settings, stripe=Standing) as there:
        for name, role, path, theme in SHOWN:
            page = there.opened(browser, path, role=role, color_scheme=theme, viewport=_WINDOW)
            page.screenshot(path=folder / f"console-{name}.png")
            page.context.close()


def _in_a_database_of_its_own(port: int, name: str, home: Path, then: Callable[[Settings, Pool], None]) -> None:
    with admin(port) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    database_url = url(port, name)
    migrate(database_url)
    settings = Settings(
        database_url=database_url,
        home=home,
        lookup_key=LOOKUP_KEY,
        seal_public_key=crypto.public_key_of(crypto.new_private_key()),
        supabase_jwt_secret=SECRET,
    )
    pool = Pool(database_url, name="pictures", size=4)
    then(settings, pool)
    pool.close()


if __name__ == "__main__":
    take_all(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"))
