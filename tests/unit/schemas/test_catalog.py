"""The catalogue: which types are ours, and what each of them cannot do without."""

from typing import Any

import pytest

from schemas import catalog
from schemas.errors import SchemaError
from schemas.reading import read_event
from tests.factories.events import ABSENT, event, raw

SHAPES = ["acacia", "basil"]
REQUIRED = [
    (type_, key)
    for type_, known in catalog.EVENT_TYPES.items()
    for key in {
        "subscription": ["id", "status", "customer"],
        "invoice": ["id", "customer"],
        "setup_intent": ["id", "status"],
    }[known.kind]
]


def refusal(payload: dict[str, Any]) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        catalog.validate(read_event(raw(payload)))
    return caught.value


def test_it_handles_its_own_types_and_no_other() -> None:
    assert all(catalog.handles(known) for known in catalog.EVENT_TYPES)
    assert not catalog.handles("price.updated")
    assert not catalog.handles("v1.customer.subscription.updated")


def test_within_a_second_a_subscription_is_created_updated_deleted() -> None:
    ranks = [catalog.EVENT_TYPES[f"customer.subscription.{act}"].rank for act in ("created", "updated", "deleted")]
    assert ranks == sorted(set(ranks))


def test_within_a_second_a_payment_outranks_its_failure() -> None:
    ranks = {name: known.rank for name, known in catalog.EVENT_TYPES.items()}
    assert ranks["invoice.payment_failed"] < ranks["invoice.payment_succeeded"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("type_", "key"), REQUIRED)
@pytest.mark.parametrize("value", [ABSENT, None, 5, [], {}, ""], ids=repr)
def test_what_the_rules_stand_on_is_never_missing(shape: str, type_: str, key: str, value: Any) -> None:
    error = refusal(event(f"{shape}/{type_}", **{f"data.object.{key}": value}))
    assert error.path == f"data.object.{key}"


@pytest.mark.parametrize("type_", sorted(catalog.EVENT_TYPES))
def test_an_unknown_status_is_refused_by_name(type_: str) -> None:
    error = refusal(event(f"basil/{type_}", **{"data.object.status": "dormant"}))
    assert (error.path, error.message) == ("data.object.status", "unknown status dormant")


def test_an_invoice_that_tells_its_status_in_no_way_is_refused() -> None:
    error = refusal(event("2018/invoice.payment_failed", **{"data.object.paid": ABSENT}))
    assert error.path == "data.object.status"
    assert refusal(event("basil/invoice.payment_failed", **{"data.object.status": None})).path == error.path


@pytest.mark.parametrize("created", [ABSENT, None, "yesterday"])
def test_an_event_of_ours_must_say_when(created: Any) -> None:
    assert refusal(event("basil/invoice.payment_failed", created=created)).path == "created"


@pytest.mark.parametrize("document", [ABSENT, None, {}, [], "in_1"])
def test_an_event_of_ours_must_hold_its_object(document: Any) -> None:
    assert refusal(event("basil/invoice.payment_failed", **{"data.object": document})).path == "data.object"


def test_another_objects_event_is_refused() -> None:
    error = refusal(event("basil/invoice.payment_failed", type="customer.subscription.updated"))
    assert error.path == "data.object.object"


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
