"""The payload files and what each of them holds, for properties over all of them."""

from collections.abc import Iterator

from schemas import catalog
from schemas.catalog import EventType
from schemas.probing import Probed
from tests.factories.events import PAYLOADS, event

# `<shape>/<type>` of every file; a thin event has no object to read.
NAMES = sorted(f"{path.parent.name}/{path.stem}" for path in PAYLOADS.glob("*/*.json") if path.parent.name != "thin")


def type_of(name: str) -> EventType:
    return catalog.EVENT_TYPES[name.partition("/")[2]]


def has(shape: str, type_: str) -> bool:
    return f"{shape}/{type_}" in NAMES


def sightings(name: str) -> Iterator[tuple[str, Probed, str, object]]:
    """Each field of the file's schema where it is found: its name, itself, its place under `data.object`, the value."""
    known = type_of(name)
    for field_name, field in known.schema.fields.items():
        assert isinstance(field, Probed)
        for place, value in field.find(event(name)["data"]["object"]) or ():
            yield field_name, field, place, value


def key(place: str) -> str:
    """A place as `event` takes it: `items.data[0].id` is `data.object.items.data.0.id`."""
    return f"data.object.{place.replace('[', '.').replace(']', '')}"
