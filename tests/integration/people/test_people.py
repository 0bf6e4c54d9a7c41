"""People are made known once; what was kept about their customer takes effect then."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import access, people
from shared.errors import NotFound
from shared.people import Person, Taken
from shared.rules.standing import Policy


def level(pool, user_id="p"):
    with pool.transaction() as own:
        found = access.read(own, user_id).decide(Policy())
    return found.level, found.tier


def test_a_person_is_made_known_and_added_to(link, pool, audited, conn):
    assert link(safety_plan_ref="plan-1").is_new
    assert not link(creator_id="c-1", grace_days=30, customer=None).is_new
    with pool.transaction() as own:
        assert people.find(own, "p") == Person(user_id="p", creator_id="c-1", safety_plan_ref="plan-1", grace_days=30)
    assert audited("person.") == ["person.linked", "person.changed"]
    acts = conn.execute("SELECT after FROM audit WHERE starts_with(act, 'person.') ORDER BY id").fetchall()
    assert [row["after"] for row in acts] == [
        {"given": ["safety_plan_ref", "stripe_customer_id"]},
        {"given": ["creator_id", "grace_days"], "graceDays": 30},
    ]


def test_what_was_kept_before_takes_effect_when_the_person_becomes_known(link, subscribed, pool, owed):
    subscribed(("active", 30))
    link(customer=None)
    assert level(pool) == ("essential", "none")
    link()
    assert level(pool) == ("full", "premium")
    assert [data["accessLevel"] for _, data in owed("access:updated")] == ["essential", "full"]


def test_a_person_may_have_several_customers(link, subscribed, pool):
    subscribed(("active", 30), customer="cus_2", tier="basic")
    link()
    link(customer="cus_2")
    assert level(pool) == ("full", "basic")


def test_a_customer_or_creator_of_another_person_is_refused_and_nothing_changes(link, conn):
    link(creator_id="c-1")
    for changes in ({"customer": "cus_1"}, {"customer": "cus_2", "creator_id": "c-1"}):
        with pytest.raises(Taken) as refused:
            link("other", **changes)
        assert refused.value.field == ("creatorId" if "creator_id" in changes else "stripeCustomerId")
    assert conn.execute("SELECT count(*) AS n FROM people").fetchone()["n"] == 1
    assert conn.execute("SELECT count(*) AS n FROM audit WHERE object = 'person:other'").fetchone()["n"] == 0


def test_of_two_people_who_claim_one_customer_at_once_one_gets_it(link):
    def claim(user_id):
        try:
            return link(user_id).is_new
        except Taken:
            return None

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(claim, ("a", "b", "c", "d")))
    assert sorted(map(str, results)) == ["None", "None", "None", "True"]


def test_whoever_must_be_known_is_asked_for_by_an_error(pool):
    with pool.transaction() as own, pytest.raises(NotFound):
        people.require(own, "nobody")
    with pool.transaction() as own:
        assert access.read(own, "nobody") is None


def test_a_subscription_on_a_connected_account_gives_nobody_anything(link, subscribed, pool):
    subscribed(("active", 30), account="acct_creator")
    link()
    assert level(pool) == ("essential", "none")
