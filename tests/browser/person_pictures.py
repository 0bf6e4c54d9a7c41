"""Pictures of a person's page, for `make screenshots`."""

from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from ingress.api.making import make
from shared import people
from shared.config import Settings
from shared.db import Pool
from shared.people import Link, Person
from tests.browser.person_site import furnish, site
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.people.conftest import POLICY

SHOWN = (
    ("grace", "grace", "/account", "light", 720),
    ("grace-dark", "grace", "/account", "dark", 720),
    ("danger-dark", "danger", "/account", "dark", 390),
    ("spanish", "well", "/account?lang=es", "light", 390),
    ("part", "grace", "/account/parts/grace", "light", 390),
)


def take(folder: Path, browser, settings: Settings, pool: Pool) -> None:
    """Beside those of the console, over the same servers; the settings hold the secret of the tests' identities."""

    def link(user_id, customer):
        wanted = Link(person=Person(user_id=user_id), stripe_customer_id=customer)
        with pool.transaction() as own:
            people.link(own, wanted, actor="pictures", lookup_key=LOOKUP_KEY, policy=POLICY)

    with psycopg.connect(settings.database_url, autocommit=True, row_factory=dict_row) as conn:
        furnish(conn, link)
    made = make(settings, pool, access_threads=1)
    try:
        with site(made, pool, settings.home) as there:
            for name, who, path, theme, width in SHOWN:
                page = there.signed_in(browser, who, path, color_scheme=theme, viewport={"width": width, "height": 700})
                page.screenshot(path=folder / f"person-{name}.png", full_page=True)
                page.context.close()
    finally:
        made.close()
