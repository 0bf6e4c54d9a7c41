"""The catalogue: which types are ours, what they are about, and which of them is the later word."""

from itertools import pairwise
from typing import Any

import pytest

from schemas import catalog
from schemas.errors import SchemaError
from schemas.reading import read_event
from tests.factories.events import ABSENT, event, raw
from tests.factories.payloads import has

# What no payload of the shape can show: historic types, and an object that came with basil.
HISTORIC = {"transfer.paid", "transfer.failed"}
SINCE_BASIL = {"invoice_payment.paid"}
WITH_STATUS = sorted(one.type for one in catalog.EVENT_TYPES.values() if "status" in one.schema.fields and not one.read)


def refusal(payload: dict[str, Any]) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        catalog.validate(read_event(raw(payload)))
    return caught.value


def test_it_handles_its_own_types_and_no_other() -> None:
    assert all(catalog.handles(known) for known in catalog.EVENT_TYPES)
    assert not catalog.handles("price.updated")
    assert not catalog.handles("v1.customer.subscription.updated")


@pytest.mark.parametrize("type_", sorted(catalog.EVENT_TYPES))
def test_every_type_has_a_payload_of_each_shape_that_it_came_in(type_: str) -> None:
    assert has("2016" if type_ in HISTORIC else "basil", type_)
    assert has("acacia", type_) is (type_ not in HISTORIC | SINCE_BASIL)


@pytest.mark.parametrize(
    "later",
    [
        ["customer.created", "customer.updated", "customer.deleted"],
        [f"customer.subscription.{act}" for act in ("created", "updated", "deleted")],
        # An announcement says no more than the update that made it due.
        [f"customer.subscription.{act}" for act in ("created", "trial_will_end", "updated")],
        # Paused and resumed within a second, it goes on.
        [f"customer.subscription.{act}" for act in ("updated", "paused", "resumed", "deleted")],
        # A card refused and another accepted: the payment is what came of it.
        [f"invoice.{act}" for act in ("finalized", "payment_failed", "payment_action_required", "payment_succeeded")],
        ["invoice.payment_succeeded", "invoice.paid", "invoice.voided"],
        ["payment_intent.payment_failed", "payment_intent.succeeded"],
        ["charge.dispute.created", "charge.dispute.closed"],
    ],
)
def test_within_a_second_one_is_the_later_word(later: list[str]) -> None:
    ranks = [catalog.EVENT_TYPES[type_].rank for type_ in later]
    assert all(before < after for before, after in pairwise(ranks))


@pytest.mark.parametrize("type_", WITH_STATUS)
def test_an_unknown_status_is_refused_by_name(type_: str) -> None:
    shape = "2016" if type_ in HISTORIC else "basil"
    error = refusal(event(f"{shape}/{type_}", **{"data.object.status": "dormant"}))
    assert (error.path, error.message) == ("data.object.status", "unknown status dormant")


def test_an_invoice_that_tells_its_status_in_no_way_is_refused() -> None:
    error = refusal(event("2018/invoice.payment_failed", **{"data.object.paid": ABSENT}))
    assert error.path == "data.object.status"
    assert refusal(event("basil/invoice.payment_failed", **{"data.object.status": None})).path == error.path


@pytest.mark.parametrize("type_", sorted(catalog.EVENT_TYPES))
@pytest.mark.parametrize("created", [ABSENT, None, "yesterday"])
def test_an_event_of_ours_must_say_when(type_: str, created: Any) -> None:
    shape = "2016" if type_ in HISTORIC else "basil"
    assert refusal(event(f"{shape}/{type_}", created=created)).path == "created"


@pytest.mark.parametrize("document", [ABSENT, None, {}, [], "in_1"])
def test_an_event_of_ours_must_hold_its_object(document: Any) -> None:
    assert refusal(event("basil/invoice.payment_failed", **{"data.object": document})).path == "data.object"


@pytest.mark.parametrize("type_", sorted(set(catalog.EVENT_TYPES) - HISTORIC))
def test_another_objects_event_is_refused(type_: str) -> None:
    assert refusal(event(f"basil/{type_}", **{"data.object.object": "price"})).path == "data.object.object"


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("acacia/customer.subscription.created", "current_period_end", "soon"),
        ("basil/customer.subscription.created", "items.data.0.current_period_end", "soon"),
        ("basil/customer.subscription.created", "cancel_at_period_end", "no"),
        ("basil/customer.subscription.created", "metadata.tier", "basic\0"),
        ("basil/invoice.payment_failed", "amount_due", 19.0),
        ("basil/invoice.payment_failed", "amount_due", 2**64),
        ("basil/invoice.payment_failed", "currency", 840),
        ("basil/invoice.payment_failed", "parent.subscription_details.subscription", 7),
        ("basil/charge.refunded", "amount_refunded", 19.0),
        ("basil/payment_intent.payment_failed", "last_payment_error", "declined"),
        ("2018/payment_intent.succeeded", "charges.data.0.id", 7),
        ("basil/charge.dispute.created", "evidence_details.due_by", "soon"),
    ],
)
def test_a_value_of_another_kind_is_refused_where_it_stands(name: str, path: str, value: Any) -> None:
    error = refusal(event(name, **{f"data.object.{path}": value}))
    assert error.path == f"data.object.{path.replace('.0.', '[0].')}"
    assert str(value) not in error.message


def test_what_was_before_is_told_in_our_words_and_only_where_it_was_said() -> None:
    changes = {"data.previous_attributes": {"status": "trialing", "cancel_at": None, "metadata": {"note": "private"}}}
    updated = read_event(raw(event("basil/customer.subscription.updated", **changes)))
    assert catalog.previous(updated) == {"status": "trialing", "cancel_at": None}
    assert catalog.previous(read_event(raw(event("basil/customer.subscription.created")))) is None
