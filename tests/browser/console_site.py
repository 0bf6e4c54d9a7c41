"""The console on a port of its own, over a real database; whoever sits before it is signed in already.

By the application door's own process, or in this one, where a test lays the house out otherwise.
"""

import base64
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask

from ingress.console.blueprint import console
from ingress.console.house import House
from shared import staff_sessions
from tests.browser.serving import serving
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.console.conftest import ENROLLED
from tests.integration.staff.conftest import TERMS
from tests.integration.webhook.conftest import serving as serving_door


@dataclass
class Site:
    address: str
    pool: object

    def session(self, name, role):
        with self.pool.transaction() as conn:
            found = conn.execute("SELECT id FROM staff WHERE name = %s", [name]).fetchone()
            staff = found or conn.execute(ENROLLED, [name, role]).fetchone()
            return staff_sessions.begin(conn, staff["id"], rule=TERMS.rule, lookup_key=LOOKUP_KEY)

    def opened(self, browser, path, *, role="operator", **options):
        """A page of its own browser; what it complains of is kept in `page.said`."""
        context = browser.new_context(**options)
        if role is not None:
            cookie = {"name": "carelane", "value": self.session(role, role), "url": self.address}
            context.add_cookies([cookie])
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(self.address + path)
        return page


@contextmanager
def site(pool, settings, **changes):
    app = Flask("console", static_folder=None)
    with serving(app) as address:
        house = House(transaction=pool.transaction, terms=TERMS, origins=[address], settings=settings, **changes)
        app.register_blueprint(console(house))
        yield Site(address, pool)


@contextmanager
def door_of(settings, home):
    environ = {
        "DATABASE_URL": settings.database_url,
        "CARELANE_HOME": str(home),
        "CARELANE_LOOKUP_KEY": base64.b64encode(settings.lookup_key).decode(),
        "CARELANE_SEAL_PUBLIC_KEY": base64.b64encode(settings.seal_public_key).decode(),
    }
    with serving_door("ingress.api.door", home / "log", **environ) as served:
        yield served
