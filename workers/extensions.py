"""Loads what other packages add by entry points; what does not fit is told and left out, and stops nothing."""

import inspect
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import structlog

from workers import metrics

log = structlog.get_logger(__name__)

# An import that never ends must not keep a worker from its work; workers/app.py lets a child start for longer.
LIMIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Extension:
    """A loaded entry point; its name stands in the ledger of effects."""

    name: str
    object: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an extension is left out: a code, words for a person, and the type or the error behind it."""

    code: str
    words: str
    type: str | None = None
    error: BaseException | None = None


Judge = Callable[[Any], Refusal | None]


def load(
    group: str, judge: Judge, *, found: Iterable[EntryPoint] | None = None, limit_seconds: float = LIMIT_SECONDS
) -> list[Extension]:
    """Everything of this group that loads and that `judge` has nothing against, by name; the rest is refused."""
    loaded = []
    for point in _found(group) if found is None else found:
        answer = _in_time(point, judge, limit_seconds)
        if isinstance(answer, Refusal):
            refuse(group, point.name, answer)
        else:
            loaded.append(answer)
            log.info("an extension is loaded", action="extension.loaded", kind=group, name=point.name)
    return loaded


def refuse(group: str, name: str, refusal: Refusal) -> None:
    metrics.EXTENSIONS_REFUSED.labels(group, refusal.code).inc()
    told = f"an extension is left out: {refusal.words}"
    log.error(
        told,
        action="extension.refused",
        kind=group,
        name=name,
        code=refusal.code,
        type=refusal.type,
        exc_info=refusal.error,
    )


def misshapen(words: str) -> Refusal:
    return Refusal("misshapen", words)


def takes(function: Any, arguments: int) -> bool:
    """Whether it can be called with so many arguments and does its work when it is: a coroutine would not."""
    if not callable(function) or inspect.iscoroutinefunction(function):
        return False
    try:
        inspect.signature(function).bind(*range(arguments))
    except (TypeError, ValueError):
        return False
    return True


def _found(group: str) -> list[EntryPoint]:
    try:
        return sorted(entry_points(group=group), key=lambda point: (point.name, point.value))
    except Exception as error:  # noqa: BLE001 - the metadata of any package may be broken
        refuse(group, group, Refusal("unreadable", "the entry points cannot be read", error=error))
        return []


def _in_time(point: EntryPoint, judge: Judge, limit_seconds: float) -> Extension | Refusal:
    """One after the other, for modules that import each other; on a thread, for no import can be interrupted."""
    answers: list[Extension | Refusal] = [Refusal("slow", f"it did not load within {limit_seconds:g} s")]
    thread = threading.Thread(target=lambda: answers.append(_load(point, judge)), daemon=True)
    thread.start()
    thread.join(limit_seconds)
    return answers[-1]


def _load(point: EntryPoint, judge: Judge) -> Extension | Refusal:
    try:
        loaded = point.load()
        refusal = judge(loaded)
    except BaseException as error:  # noqa: BLE001 - whatever a foreign module raises, SystemExit too, is its own fault
        return Refusal("broken", f"it does not load ({type(error).__name__})", error=error)
    return refusal or Extension(point.name, loaded)
