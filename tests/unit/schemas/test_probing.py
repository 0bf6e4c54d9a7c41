"""Probing: the first path that holds something wins, and every fault names its full path."""

from dataclasses import dataclass
from typing import Any

import pytest

from schemas.errors import SchemaError
from schemas.probing import Probed, ProbingSchema
from schemas.values import is_given, reference, text, whole


@dataclass(frozen=True)
class Boat:
    name: str
    mast: int | None
    crew: tuple[str, ...]
    owner: str | None
    is_anchored: bool | None


class BoatSchema(ProbingSchema[Boat]):
    fact = Boat
    name = Probed("name", "papers.name", read=text, required=True)
    mast = Probed("mast", "parts[].mast", read=whole, choose=max)
    crew = Probed("crew.data[].id", "crew.data[].nickname", read=text, choose=tuple, load_default=())
    owner = Probed("owner", read=reference)
    is_anchored = Probed("anchor", read=is_given, reads_null=True)


def read(**document: Any) -> Boat:
    return BoatSchema().read(document)


def test_the_first_path_that_holds_something_wins() -> None:
    assert read(name="Ann", papers={"name": "Bea"}).name == "Ann"
    assert read(name=None, papers={"name": "Bea"}).name == "Bea"
    assert read(papers={"name": "Bea"}).name == "Bea"


def test_a_list_is_gathered_and_one_chosen() -> None:
    assert read(name="Ann", parts=[{"mast": 3}, {"mast": None}, {}, {"mast": 7}]).mast == 7
    assert read(name="Ann", mast=1, parts=[{"mast": 3}]).mast == 1


def test_nothing_to_gather_is_the_default() -> None:
    nothings: list[Any] = [None, {}, {"data": []}, {"data": [{"id": None}]}]
    for crew in nothings:
        assert read(name="Ann", crew=crew).crew == ()
    assert read(name="Ann", crew={"data": [{"nickname": "Jo"}, {"nickname": "Mo"}]}).crew == ("Jo", "Mo")


def test_null_can_be_news() -> None:
    assert read(name="Ann", anchor={"kg": 9}).is_anchored is True
    assert read(name="Ann", anchor=None).is_anchored is False
    assert read(name="Ann").is_anchored is None


def test_a_reference_may_be_expanded() -> None:
    assert read(name="Ann", owner="cus_1") == read(name="Ann", owner={"id": "cus_1", "deleted": True})


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        ({}, "data.object.name", "is required"),
        ({"name": None}, "data.object.name", "must not be null"),
        ({"name": 5}, "data.object.name", "a string is expected"),
        ({"papers": {"name": 5}}, "data.object.papers.name", "a string is expected"),
        ({"name": "A", "papers": {}, "parts": {}}, "data.object.parts", "a list is expected"),
        ({"name": "A", "parts": [{"mast": 1}, {"mast": "2"}]}, "data.object.parts[1].mast", "a whole number"),
        ({"name": "A", "parts": [{}, 5]}, "data.object.parts[1]", "an object is expected"),
        ({"name": "A", "crew": [1]}, "data.object.crew", "an object is expected"),
        ({"name": "A", "owner": {"name": "x"}}, "data.object.owner", "an id, or an object with an id"),
    ],
)
def test_a_fault_names_its_path_and_the_shape_expected(document: dict[str, Any], path: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        BoatSchema().read(document)
    assert caught.value.path == path
    assert message in caught.value.message


def test_what_is_no_object_at_all_is_refused_at_the_root() -> None:
    nothing: Any = []
    with pytest.raises(SchemaError, match=r"^data\.object: an object is expected$"):
        BoatSchema().read(nothing)


def test_of_a_partial_object_what_can_be_read_is_read() -> None:
    part = BoatSchema().read_part({"name": None, "mast": 3, "owner": None, "anchor": None, "crew": "?"})
    assert part == {"mast": 3, "owner": None, "is_anchored": False}
