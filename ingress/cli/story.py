"""Stories for the demonstration: templates in JSON, made into events of one run with ids and times of their own."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from ingress.cli.signing import Flaw

DEFAULT = "subscription"
_VERSION = "2026-10-28.endive"
_TIME = re.compile(r"@(start|event)([+-]\d+)?")
_NAMED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Expected:
    """How a step must end; what is None is left open, but for `state`: there None means that nothing is kept."""

    answer: str
    state: str | None
    path: str | None = None
    change: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    event: Mapping[str, Any] = field(repr=False)
    flaw: Flaw
    expected: Expected

    @property
    def event_id(self) -> str:
        return str(self.event["id"])

    @property
    def object_id(self) -> str:
        return str(self.event["data"]["object"]["id"])


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    title: str
    steps: tuple[Step, ...]


def names() -> list[str]:
    folder = resources.files("ingress.cli").joinpath("stories")
    return sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))


def tell(name: str, *, run: str, now: int) -> Story:
    """The story's events with ids that end in `run`, a second apart and the last one `now`."""
    template = json.loads(resources.files("ingress.cli").joinpath("stories", f"{name}.json").read_text("utf-8"))
    return compose(name, template, run=run, now=now)


def compose(name: str, template: Mapping[str, Any], *, run: str, now: int) -> Story:
    ids = {word: f"{prefix}_{number}{run}" for number, (word, prefix) in enumerate(template["ids"].items(), start=1)}
    steps: dict[str, Step] = {}
    written: Sequence[Mapping[str, Any]] = template["steps"]
    start = now - len(written) + 1
    for position, line in enumerate(written, start=1):
        if "repeat" in line:
            event = steps[line["repeat"]].event
        else:
            created = start + position - 1
            event = _event(line, template["objects"], event_id=f"evt_{position:02}{run}", created=created)
            event = _filled(event, ids, {"start": start, "event": created})
        steps[line["step"]] = Step(line["step"], event, line.get("signature", "none"), Expected(**line["expect"]))
    return Story(name, template["title"], tuple(steps.values()))


def _event(line: Mapping[str, Any], objects: Mapping[str, Any], *, event_id: str, created: int) -> dict[str, Any]:
    shown = {**objects[line["object"]], **line.get("with", {})}
    data: dict[str, Any] = {"object": {key: shown[key] for key in shown if key not in line.get("without", ())}}
    if "previous" in line:
        data["previous_attributes"] = line["previous"]
    return {
        "id": event_id,
        "object": "event",
        "api_version": line.get("version", _VERSION),
        "created": created,
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": line["type"],
    }


def _filled(value: Any, ids: Mapping[str, str], times: Mapping[str, int]) -> Any:
    """`{word}` becomes this run's id, `@event+60` a minute after the event, `@start` the time of the story's first."""
    if isinstance(value, dict):
        return {key: _filled(part, ids, times) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, ids, times) for part in value]
    if not isinstance(value, str):
        return value
    if time := _TIME.fullmatch(value):
        return times[time[1]] + int(time[2] or 0)
    return _NAMED.sub(lambda word: ids[word[1]], value)
