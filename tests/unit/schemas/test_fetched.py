"""Objects that were fetched, and what a thin event says of the one it names."""

import pytest

from schemas import catalog
from schemas.reading import read_event
from tests.factories.events import event, raw


@pytest.mark.parametrize("kind", sorted({one.kind for one in catalog.EVENT_TYPES.values()}))
def test_each_kind_can_be_fetched_and_ranks_below_its_events(kind):
    fetched = catalog.known(f"fetched.{kind}")
    assert catalog.handles(fetched.type)
    assert (fetched.kind, fetched.read) == (kind, None)
    assert fetched.rank < min(one.rank for one in catalog.EVENT_TYPES.values() if one.kind == kind)


def test_a_fetched_object_gives_the_fact_that_an_event_about_it_does():
    told = event("basil/customer.subscription.updated")
    fetched = told | {"type": "fetched.subscription"}
    assert catalog.validate(read_event(raw(fetched))) == catalog.validate(read_event(raw(told)))


def test_what_an_object_states_is_what_it_names_be_it_null():
    schema = catalog.known("fetched.subscription").schema
    stated = schema.stated({"id": "sub_1", "status": "active", "cancel_at": None, "items": {"data": [{"quantity": 1}]}})
    assert stated == {"subject_id", "status", "cancel_at", "quantity"}


def test_a_thin_event_names_its_object_and_its_context():
    hint = event("thin/v1.customer.subscription.updated", context="acct_1/acct_2")
    read = read_event(raw(hint))
    assert (read.related_id, read.context, read.account) == ("sub_1RoWanCareLane0001", "acct_1/acct_2", "acct_2")


@pytest.mark.parametrize("related", [None, "sub_1", {}, {"id": 5}, {"id": "a b"}])
def test_a_thin_event_may_name_nothing_that_can_be_asked_for(related):
    hint = event("thin/v1.customer.subscription.updated", related_object=related)
    assert read_event(raw(hint)).related_id is None


def test_another_event_has_neither():
    read = read_event(raw(event("basil/customer.subscription.updated")))
    assert (read.related_id, read.context) == (None, None)
