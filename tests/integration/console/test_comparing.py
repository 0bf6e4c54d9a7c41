"""Comparing with Stripe now: asked for on a page, made by a worker beside a stand-in for Stripe, told on a page."""

import re
import time
import uuid

import pytest

from ingress.cli.simulator import shapes
from ingress.console.house import House
from shared import comparisons
from shared.config import Settings
from tests.browser.console_house import told_of
from tests.factories.events import event
from tests.integration.console.clerk import ORIGIN
from tests.integration.staff.conftest import TERMS
from tests.integration.stripe.conftest import faults, stand_in, world  # noqa: F401 - fixtures
from workers import comparing
from workers.stripe_upkeep import Upkeep

REASON = "its creator says that it came"
SUBSCRIPTION = "/console/subjects?subject=sub_1OBc"


@pytest.fixture
def clock():
    return time.time


class Worker:
    """What a worker does with a message; it may have no key of Stripe's, or be gone."""

    def __init__(self, pool, stripe):
        self.pool = pool
        self.stripe = stripe
        self.is_gone = False

    def __call__(self, task, comparison_id):
        assert task == "carelane.compare"
        if not self.is_gone:
            comparing.compare(self.pool, uuid.UUID(comparison_id), self.stripe)


@pytest.fixture
def worker(pool, settings, stand_in):  # noqa: F811
    values = {name: getattr(settings, name) for name in Settings.__slots__}
    here = {"stripe_api_key": "sk_test_x", "stripe_api_base": stand_in.url, "stripe_rate": 100, "redis_url": None}
    return Worker(pool, Upkeep(Settings(**values | here), pool))


@pytest.fixture
def house(pool, settings, worker):
    return House(transaction=pool.transaction, terms=TERMS, origins=[ORIGIN], settings=settings, ask=worker)


@pytest.fixture
def ann(furnished, sits):
    return sits()


def put(world, status):  # noqa: F811
    world.put(
        shapes.subscription("sub_1OBc", created=int(time.time()) - 86_400, customer="cus_9s6XKzkNRiz8i3", status=status)
    )


def compares(clerk, path=SUBSCRIPTION, **fields):
    clerk.open(path)
    names = re.findall(r'type="hidden" name="name" value="([^"]*)"', clerk.page)
    return clerk.send("/console/comparisons", **{"name": names, "reason": REASON} | fields)


def kept(conn):
    return conn.execute("SELECT count(*) AS n FROM staff_comparisons").fetchone()["n"]


def test_what_has_drifted_is_told_with_both_sides_and_put_right_under_the_name_of_who_asked(ann, world, conn):  # noqa: F811
    put(world, "active")
    assert compares(ann).status_code == 200
    assert "1 had drifted" in ann.says()
    assert "stands differently at Stripe status: past due active yes" in ann.says().replace("_", " ")
    mend = conn.execute("SELECT state, type FROM events WHERE type LIKE 'fetched.%'").fetchall()
    assert mend == [{"state": "received", "type": "fetched.subscription"}]
    told = conn.execute(
        "SELECT act, actor, object, reason FROM audit WHERE act LIKE 'reconcile.%' ORDER BY id"
    ).fetchall()
    assert [(one["act"], one["actor"]) for one in told] == [
        ("reconcile.asked", "staff:ann"),
        ("reconcile.mended", "staff:ann"),
    ]
    assert (told[0]["object"], told[0]["reason"]) == ("subject:sub_1OBc", REASON)


def test_what_agrees_is_told_so(ann, world):  # noqa: F811
    world.put(event("basil/customer.subscription.updated", **told_of("past_due", 1))["data"]["object"])
    compares(ann)
    assert "Nothing has drifted" in ann.says()
    assert "1 of 1 compared" in ann.says()


def test_what_stripe_shows_no_more_waits_for_a_person(ann):
    compares(ann)
    assert "is not shown by Stripe any more" in ann.says()
    assert "no: somebody has to see to it" in ann.says()


def test_a_payout_is_compared_by_what_pays_it_though_nothing_was_ever_heard_of_that(ann, world, conn):  # noqa: F811
    conn.execute("UPDATE payouts SET stripe_payout_id = 'po_1', livemode = false WHERE payout_id = 'owed-4'")
    world.put(shapes.payout("po_1", created=int(time.time()) - 900, amount=16800, status="paid"), account="acct_1NXk")
    compares(ann, "/console/payouts/owed-4")
    assert "was not known here" in ann.says()
    assert "1 of 1 compared" in ann.says()


@pytest.mark.parametrize(
    ("trouble", "words"),
    [("away", "Stripe does not answer"), ("no key", "no key of Stripe's"), ("bug", "It failed, and that was written")],
)
def test_when_it_cannot_be_done_the_page_says_why_and_nothing_is_changed(ann, worker, faults, conn, trouble, words):  # noqa: F811
    if trouble == "away":
        faults.shares = {"busy": 1.0}
    worker.stripe = {"away": worker.stripe, "no key": None, "bug": object()}[trouble]
    compares(ann)
    row = conn.execute("SELECT id FROM staff_comparisons").fetchone()
    ann.open(f"/console/comparisons/{row['id']}")
    assert words in ann.says()
    assert conn.execute("SELECT 1 FROM events WHERE type LIKE 'fetched.%'").fetchall() == []


def test_what_no_worker_was_told_of_is_found_by_the_clock_and_made_once(ann, worker, world, pool, conn):  # noqa: F811
    put(world, "active")
    worker.is_gone = True
    compares(ann)
    assert "Stripe is being asked" in ann.says()
    assert comparing.catch_up(pool, worker.stripe) == 1
    assert comparing.catch_up(pool, worker.stripe) == 0
    ann.open(ann.link("Look again"))
    assert "1 had drifted" in ann.says()


def test_a_worker_that_died_is_followed_by_another_when_its_time_is_over(ann, worker, pool, conn):
    worker.is_gone = True
    compares(ann)
    id_ = conn.execute("SELECT id FROM staff_comparisons").fetchone()["id"]
    with pool.transaction() as within:
        assert comparisons.take(within, id_) is not None
    assert comparing.catch_up(pool, worker.stripe) == 0
    assert not comparing.compare(pool, id_, worker.stripe)
    conn.execute("UPDATE staff_comparisons SET taken_at = now() - interval '61 seconds'")
    assert comparing.catch_up(pool, worker.stripe) == 1


def test_who_may_only_look_has_no_form_and_is_refused(furnished, sits, conn):
    for number, role in enumerate(("viewer", "support", "auditor")):
        clerk = sits(role, f"other-{number}")
        clerk.open(SUBSCRIPTION)
        assert "Compare with Stripe now" not in clerk.page
        assert clerk.send("/console/comparisons", name="sub_1OBc", reason=REASON).status_code == 403
    assert kept(conn) == 0


@pytest.mark.parametrize(
    "fields", [{"reason": " "}, {"reason": "x" * 10_000}, {"name": []}, {"name": ["\x1b[2J", " "]}]
)
def test_without_a_reason_or_a_name_nothing_is_asked_for(ann, conn, fields):
    assert compares(ann, **fields).status_code == 422
    assert kept(conn) == 0


def test_a_name_is_text_wherever_it_is_shown_and_what_is_unknown_is_told_so(ann, worker):
    worker.is_gone = False
    compares(ann, name=["<script>alert(1)</script>", "sub_none"])
    assert "<script>alert" not in ann.page
    assert "Nothing to compare" in ann.says()
