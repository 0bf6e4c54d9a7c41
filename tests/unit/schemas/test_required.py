"""Over every payload file: whatever a fact cannot do without is missed with its path, and no id is longer than fits."""

from typing import Any

import pytest

from schemas import catalog
from schemas.errors import SchemaError
from schemas.reading import read_event
from schemas.values import identifier, reference
from tests.factories.events import ABSENT, event, raw
from tests.factories.facts import fact
from tests.factories.payloads import NAMES, key, sightings, type_of

OF_THEIR_OBJECT = [name for name in NAMES if not type_of(name).read]
LONG = "x" * 255


def refusal(name: str, place: str, value: Any) -> str:
    with pytest.raises(SchemaError) as caught:
        catalog.validate(read_event(raw(event(name, **{key(place): value}))))
    return str(caught.value)


@pytest.mark.parametrize("name", OF_THEIR_OBJECT)
def test_every_payload_holds_all_that_its_schema_requires(name: str) -> None:
    required = {field for field, probed in type_of(name).schema.fields.items() if probed.required}
    assert {"subject_id"} <= required <= {field for field, *_ in sightings(name)}


@pytest.mark.parametrize("name", OF_THEIR_OBJECT)
def test_what_the_rules_stand_on_is_never_missing(name: str) -> None:
    for _, probed, place, _ in sightings(name):
        if probed.required:
            assert refusal(name, place, ABSENT) == f"data.object.{probed.paths[0]}: is required"
            assert refusal(name, place, None) == f"data.object.{probed.paths[0]}: must not be null"


@pytest.mark.parametrize("name", OF_THEIR_OBJECT)
@pytest.mark.parametrize("value", [1.5, [], {}, "", "a\0b"], ids=repr)
def test_what_the_rules_stand_on_is_never_of_another_kind(name: str, value: Any) -> None:
    for _, probed, place, _ in sightings(name):
        if probed.required:
            assert refusal(name, place, value).startswith(f"data.object.{place}: ")


@pytest.mark.parametrize("name", OF_THEIR_OBJECT)
def test_an_id_that_would_fit_no_index_is_refused(name: str) -> None:
    for _, probed, place, _ in sightings(name):
        if probed.read in {identifier, reference}:
            assert fact(name, **{key(place): LONG})
            assert refusal(name, place, LONG + "x").endswith("an id of at most 255 characters is expected")


@pytest.mark.parametrize("name", OF_THEIR_OBJECT)
def test_an_expanded_reference_is_the_same_fact(name: str) -> None:
    for _, probed, place, value in sightings(name):
        if probed.read is reference:
            assert fact(name, **{key(place): {"id": value, "object": "whatever"}}) == fact(name)
