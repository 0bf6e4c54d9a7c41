"""A person's page on a port of its own, over a real database; the people whose pages are looked at; an application."""

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import Flask, request
from psycopg.types.json import Jsonb

from ingress.account.blueprint import account
from ingress.account.house import House
from ingress.account.sessions import Seal
from shared.access_answer import AccessAnswers, Limits
from shared.access_cache import AccessCache
from shared.errors import TransientError
from shared.inbox import customer_hash
from tests.browser.serving import serving
from tests.factories.facts import placed
from tests.factories.identities import token
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.people.conftest import insert

# Who they are, and how their subscription moved, in days ago.
PEOPLE = {
    "well": [("active", 3)],
    "grace": [("active", 30), ("past_due", 2)],
    "after": [("active", 60), ("canceled", 30)],
    "danger": [("active", 30), ("past_due", 2)],
    "new": [],
}
_APPLICATION = """<!doctype html><html lang="en"><head><title>The application</title></head><body>
<h1>The application</h1>
<form method="post" action="{site}/account/session"{target}>
<input type="hidden" name="token" value="{token}"><input type="hidden" name="part" value="{part}">
<button>Payments</button></form>
<iframe name="there" title="Payments" width="360" height="500"></iframe></body></html>"""


@dataclass
class Stores:
    """PostgreSQL, which may be away."""

    pool: object
    is_away: bool = False

    def transaction(self):
        if self.is_away:
            raise TransientError("away", code="database_away")
        return self.pool.transaction()


@dataclass
class Site:
    """`application`: whose pages may hand a session over; `stranger`: another site's."""

    address: str
    application: str
    stranger: str
    stores: Stores

    def signed_in(self, browser, user_id, path="/account", **options):
        """A page of this person's, as the application has opened it."""
        page = browser.new_context(**options).new_page()
        answer = page.request.post(f"{self.address}/account/session", form={"token": token(sub=user_id)})
        assert answer.ok
        page.goto(self.address + path)
        return page


@contextmanager
def site(made, pool, folder):
    stores = Stores(pool)
    workings = replace(made.workings, transaction=stores.transaction)
    cache = AccessCache(folder / "pages.sqlite", LOOKUP_KEY)
    # A machine that runs many tests at once may be slow; what is looked at here is what is shown, not when.
    answers = AccessAnswers(stores, cache, workings.policy, limits=Limits(budget_seconds=20, quiet_seconds=0.01))
    pages, application, stranger = (Flask(f"site{number}", static_folder=None) for number in range(3))
    with serving(pages) as address, serving(application) as own, serving(stranger) as other:
        house = House(
            workings=workings,
            answers=answers,
            seal=Seal(LOOKUP_KEY),
            origins=[address],
            application=[own],
            plan_url=f"{own}/plan",
        )
        pages.register_blueprint(account(house))
        for app in (application, stranger):
            app.add_url_rule("/", view_func=lambda: _page_of_an_application(address))
        yield Site(address, own, other, stores)
    answers.close()
    cache.close()


def furnish(conn, link):
    """Everybody of PEOPLE, as the workers would have left them."""
    for name, moves in PEOPLE.items():
        link(name, customer=f"cus_{name}")
        if moves:
            insert(conn, f"sub_{name}", _facts(name, moves), customer=f"cus_{name}")
            _invoice(conn, name, "succeeded" if name == "well" else "failed")
    conn.execute("""INSERT INTO crises (user_id, source, severity, opened_by, access_level, tier)
        VALUES ('danger', 'button', 'severe', 'test', 'full', 'basic')""")


def _facts(name, moves):
    now = datetime.now(UTC).replace(microsecond=0)
    return [
        placed(
            "basil/customer.subscription.updated",
            id=f"evt_{name}_{number}",
            created=int((now - timedelta(days=days)).timestamp()),
            **{
                "data.object.id": f"sub_{name}",
                "data.object.status": status,
                "data.object.metadata": {},
                "data.object.items.data.0.price.lookup_key": "premium",
            },
        )
        for number, (status, days) in enumerate(moves)
    ]


def _invoice(conn, name, status):
    at = datetime.now(UTC) - timedelta(days=2)
    state = {"last_payment_status": status, "last_payment_at": at.isoformat(), "amount_paid": 900}
    conn.execute(
        """INSERT INTO subjects (kind, subject_id, livemode, customer_hash, status, state, latest_at)
        VALUES ('invoice', %s, false, %s, 'open', %s, %s)""",
        [f"in_{name}", customer_hash(LOOKUP_KEY, f"cus_{name}"), Jsonb(state), at],
    )


def _page_of_an_application(address):
    part = request.args.get("part", "")
    target = ' target="there"' if request.args.get("framed") else ""
    return _APPLICATION.format(site=address, target=target, part=part, token=token(sub=request.args.get("who", "well")))
