"""Payloads nobody here wrote, where the folder stands beside the project: read, or refused with a path."""

import pytest

from schemas import catalog
from schemas.errors import SchemaError, Unreadable
from schemas.facts import from_json, to_json
from schemas.reading import read_event
from tests.factories import recorded
from tests.factories.events import raw
from tests.factories.recorded import documents, wrapped

REFUSED = {
    "data.object.status: unknown status deleted",  # `invoice.deleted`, a type that is not ours
    "data.object.status: unknown status status",  # a placeholder in Stripe's OpenAPI examples
    "data.object.amount: a whole number is expected",  # "10.00", as another library stores it
    "data.object.last_payment_error: an object is expected",  # "", likewise
    "created: unix seconds are required",  # the envelope of another carrier around the event
    "data.object: an object is required",  # an event of an SDK's tests, with nothing in it
}


@recorded.needed
def test_every_real_payload_of_our_kinds_is_read_or_refused_for_cause() -> None:
    events = [one for one in map(wrapped, documents()) if one is not None]
    assert events
    refused: list[str] = []
    for one in events:
        try:
            fact = catalog.validate(read_event(raw(one)))
        except SchemaError as error:
            refused.append(str(error))
        else:
            assert from_json(fact.kind, to_json(fact)) == fact
    assert set(refused) <= REFUSED
    assert len(refused) < len(events) / 20


@recorded.needed
def test_every_real_document_is_an_event_or_unreadable() -> None:
    for one in documents():
        if isinstance(one.get("type"), str) and isinstance(one.get("id"), str):
            assert read_event(raw(one)).id == one["id"]
        else:
            with pytest.raises(Unreadable):
                read_event(raw(one))
