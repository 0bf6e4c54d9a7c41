"""Facts survive being stored, and stored facts survive our changes."""

import json
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.facts import KINDS, from_json, to_json
from schemas.invoice import InvoiceFact
from tests.factories.facts import fact, facts
from tests.factories.payloads import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_fact_comes_back_as_it_went(name: str) -> None:
    stored = fact(name)
    assert from_json(stored.kind, json.loads(json.dumps(to_json(stored)))) == stored


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_fact_comes_back_as_it_went(kind: str, data: st.DataObject) -> None:
    stored = data.draw(facts(kind))
    assert from_json(kind, json.loads(json.dumps(to_json(stored)))) == stored


def test_each_kind_is_known_by_its_name() -> None:
    assert {kind: known.kind for kind, known in KINDS.items()} == {kind: kind for kind in KINDS}


def test_a_fact_stored_before_a_field_was_added_is_still_read() -> None:
    assert from_json("invoice", {"subject_id": "in_1", "status": "open"}) == InvoiceFact(
        subject_id="in_1", status="open"
    )


def test_a_field_we_no_longer_know_is_left_aside() -> None:
    stored = {"subject_id": "in_1", "status": "open", "colour": "blue"}
    assert from_json("invoice", stored) == InvoiceFact(subject_id="in_1", status="open")


def test_no_fact_has_room_for_what_is_personal() -> None:
    personal = {"name", "email", "phone", "address", "description", "message", "shipping", "descriptor", "last4"}
    for known in KINDS.values():
        words = {word for field in fields(known) for word in field.name.split("_")}
        assert not words & personal, known


def test_nothing_personal_of_a_payload_gets_into_its_fact() -> None:
    # `rowan@example.org`, `Rowan Example` and the cards' digits stand in the files for it.
    for name in NAMES:
        told = json.dumps(to_json(fact(name))).lower()
        assert not [word for word in ("@", "rowan example", "4242", "insufficient funds.") if word in told], name
