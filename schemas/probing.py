"""Fields found by probing candidate JSON paths in order: a payload's API version is never asked."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, Generic, NoReturn, TypeVar

from marshmallow import Schema, ValidationError, fields, missing

from schemas.errors import SchemaError

F = TypeVar("F")
ROOT = "data.object"
Sighting = tuple[str, Any]  # where a value was found, and the value


def first(values: list[Any]) -> Any:
    return values[0]


class Probed(fields.Field[Any]):
    """What stands at the first of `paths` that is not null. `a.b[].c` gathers from a list and `choose` makes it one."""

    def __init__(
        self,
        *paths: str,
        read: Callable[[Any], Any],
        choose: Callable[[list[Any]], Any] = first,
        reads_null: bool = False,
        **options: Any,
    ) -> None:
        if not options.get("required"):
            options = {"load_default": None, "allow_none": True} | options
        super().__init__(error_messages={"required": "is required", "null": "must not be null"}, **options)
        self.paths, self.read, self.choose, self.reads_null = paths, read, choose, reads_null
        # Most paths are one key of the object, and looking that up is most of what reading a payload costs.
        self._walks = [(path, "." not in path and not path.endswith("[]")) for path in paths]
        self._heads = {path.partition(".")[0].removesuffix("[]") for path in paths}

    def find(self, document: Mapping[str, Any]) -> Any:
        """The sightings on the first path that has any; None where there are only nulls; `missing` where no path is."""
        found: Any = missing
        for path, is_key in self._walks:
            if is_key:
                if path not in document:
                    continue
                reached = [(path, document[path])]
            else:
                reached = list(_walk(document, path))
            given = [sighting for sighting in reached if sighting[1] is not None]
            if given:
                return given
            found = None if reached else found
        return found

    def may_be_in(self, document: Mapping[str, Any]) -> bool:
        return not self._heads.isdisjoint(document)

    def is_lacking(self, value: Any) -> bool:
        return self.required and (value is None or value is missing)

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        # marshmallow answers null with None and never asks the field; here null is news to a few, and to the others
        # the same as nothing (an empty tuple, where several are gathered).
        if value is missing and not self.required:
            return self.load_default
        if value is None and not self.required:
            return self.read(None) if self.reads_null else self.load_default
        if type(value) is list:
            return self._deserialize(value)
        return super().deserialize(value, *args, **kwargs)

    def _deserialize(self, value: list[Sighting], *_args: Any, **_kwargs: Any) -> Any:
        return self.choose([_read_at(place, self.read, found) for place, found in value])


class ProbingSchema(Schema, Generic[F]):
    """A subject's shape; `fact` is the frozen dataclass that comes out, its fields named like the schema's."""

    fact: ClassVar[type[Any]]

    def read(self, document: Mapping[str, Any]) -> F:
        """Raise SchemaError with the full JSON path of the first required field missing or value misshapen."""
        found = {name: probed.find(document) for name, probed in self._probes.items()}
        if any(probed.is_lacking(found[name]) for name, probed in self._required.items()):
            self._refuse(found)
        return self.make({name: probed.deserialize(found[name]) for name, probed in self._probes.items()})

    def read_part(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Of a partial object (`previous_attributes`) whatever can be read, by our field names."""
        part = {}
        for name, probed in self._probes.items():
            if not probed.may_be_in(document):
                continue
            try:
                found = probed.find(document)
                if found is not missing:
                    part[name] = probed.deserialize(found)
            except (SchemaError, ValidationError):
                continue  # a hint for ordering; what it cannot tell, the facts themselves must
        return part

    def stated(self, document: Mapping[str, Any]) -> frozenset[str]:
        """Our names of the fields that the document says something of, be it null: what is absent tells nothing."""
        return frozenset(name for name, probed in self._probes.items() if probed.find(document) is not missing)

    def make(self, values: dict[str, Any]) -> F:
        made: F = self.fact(**values)
        return made

    def _refuse(self, found: Mapping[str, Any]) -> NoReturn:
        try:
            self.load({name: value for name, value in found.items() if value is not missing})
        except ValidationError as error:
            # `from None`: marshmallow's error holds the data it was given.
            faults: Any = error.messages
            name, messages = next(iter(faults.items()))
            raise SchemaError(f"{ROOT}.{self._probes[name].paths[0]}", str(messages[0])) from None
        raise AssertionError("marshmallow took what lacks a required field")  # pragma: no cover

    @cached_property
    def _probes(self) -> dict[str, Probed]:
        # marshmallow's own name for its fields knows nothing of their class.
        fields_of_schema: dict[str, Any] = self.fields
        return fields_of_schema

    @cached_property
    def _required(self) -> dict[str, Probed]:
        return {name: probed for name, probed in self._probes.items() if probed.required}


def _read_at(place: str, read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise SchemaError(f"{ROOT}.{place}", str(error)) from None


def _walk(node: Any, path: str, place: str = "") -> Iterator[Sighting]:
    step, _, rest = path.partition(".")
    key = step.removesuffix("[]")
    _expect(node, dict, place, "an object is expected")
    if key not in node:
        return
    here = f"{place}.{key}" if place else key
    if step == key:
        branches = [(here, node[key])]
    else:
        _expect(node[key], list, here, "a list is expected")
        branches = [(f"{here}[{index}]", item) for index, item in enumerate(node[key])]
    for branch, value in branches:
        if not rest:
            yield branch, value
        elif value is not None:
            yield from _walk(value, rest, branch)


def _expect(node: Any, kind: type, place: str, message: str) -> None:
    if not isinstance(node, kind):
        raise SchemaError(f"{ROOT}.{place}" if place else ROOT, message)
