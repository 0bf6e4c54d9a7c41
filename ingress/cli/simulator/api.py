"""Stripe's API, as far as Carelane calls it: a request in, an answer out; only endpoints can be changed by it.

docs.stripe.com/api/events/list, /pagination, /webhook_endpoints; the words of errors are Stripe's.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingress.cli.simulator import shapes
from ingress.cli.simulator.shapes import Thing
from ingress.cli.simulator.world import PLURALS, Told, World, thin

_KINDS = {plural: kind for kind, plural in PLURALS.items()}
_MOST, _USUAL = 100, 10
_ENDED = {"canceled", "incomplete_expired"}


@dataclass(frozen=True, slots=True)
class Asked:
    """`query` holds the form of a POST too; a list comes as `name[0]`."""

    method: str
    path: str
    query: Mapping[str, str]
    account: str | None = None
    version: str = shapes.CURRENT


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    document: Thing
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(world: World, asked: Asked) -> Answer:  # noqa: PLR0911 - one line for each of the calls
    parts = asked.path.strip("/").split("/")
    match asked.method, parts:
        case "GET", ["v1", "events"]:
            return _list(asked, [told.event for told in _wanted(world, asked)])
        case "GET", ["v1", "events", id_]:
            return _found(told.event if (told := world.event(id_)) else None, id_)
        case "GET", ["v2", "core", "events", id_]:
            return _found(_full(world, id_), id_)
        case _, ["v1", "webhook_endpoints", *rest]:
            return _endpoints(world, asked, rest)
        case "GET", ["v1", plural] if plural in _KINDS:
            return _list(asked, _things(world, asked, _KINDS[plural]))
        case "GET", ["v1", plural, id_] if plural in _KINDS:
            return _thing(world, asked, _KINDS[plural], id_)
    return _error(404, f"Unrecognized request URL ({asked.method}: {asked.path}).")


def _wanted(world: World, asked: Asked) -> list[Told]:
    types = {value for name, value in asked.query.items() if name == "type" or name.startswith("types[")}
    success = asked.query.get("delivery_success")
    return [
        told
        for told in world.listed(asked.account)
        if (not types or told.event["type"] in types)
        and (success is None or told.delivered == (success == "true"))
        and _in_time(told.event["created"], asked.query)
    ]


_BOUNDS: Mapping[str, Callable[[int, int], bool]] = {
    "created[gte]": lambda created, bound: created >= bound,
    "created[gt]": lambda created, bound: created > bound,
    "created[lte]": lambda created, bound: created <= bound,
    "created[lt]": lambda created, bound: created < bound,
}


def _in_time(created: int, query: Mapping[str, str]) -> bool:
    return all(holds(created, int(query[name])) for name, holds in _BOUNDS.items() if name in query)


def _things(world: World, asked: Asked, kind: str) -> list[Thing]:
    with world.lock:
        found = [
            thing
            for (account, of, _), thing in world.things.items()
            # A platform lists all of its accounts, whoever told of them.
            if of == kind and (account == asked.account or (kind == "account" and asked.account is None))
        ]
    status = asked.query.get("status")
    if kind == "subscription":
        # Stripe's reference: the list leaves ended ones out unless all are asked for.
        found = [one for one in found if status == "all" or one["status"] not in _ENDED]
    if "customer" in asked.query:
        found = [one for one in found if one.get("customer") == asked.query["customer"]]
    found = [one for one in found if _in_time(one["created"], asked.query)]
    found.sort(key=lambda one: (one["created"], one["id"]), reverse=True)
    return [shapes.shown_in(asked.version, one) for one in found]


def _list(asked: Asked, found: Sequence[Thing]) -> Answer:
    limit = min(int(asked.query.get("limit", _USUAL)), _MOST)
    places = {thing["id"]: place for place, thing in enumerate(found)}
    after, before = asked.query.get("starting_after"), asked.query.get("ending_before")
    if (after or before) and (after or before) not in places:
        return _error(404, f"No such object: '{after or before}'", code="resource_missing")
    if before:
        end = places[before]
        page, more = found[max(0, end - limit) : end], end > limit
    else:
        begin = places[after] + 1 if after else 0
        page, more = found[begin : begin + limit], begin + limit < len(found)
    return Answer(200, {"object": "list", "url": asked.path, "has_more": more, "data": list(page)})


def _thing(world: World, asked: Asked, kind: str, id_: str) -> Answer:
    with world.lock:
        found = world.things.get((asked.account, kind, id_))
        if kind == "account":
            found = found or world.things.get((id_, kind, id_))
    return _found(found and shapes.shown_in(asked.version, found), id_)


def _full(world: World, id_: str) -> Thing | None:
    """A thin event as it is fetched: with what changed, and the name of the snapshot that says the same."""
    told = world.event(id_.replace("evt_test_65", "evt_"))
    if told is None or not id_.startswith("evt_test_65"):
        return None
    return {**thin(told), "snapshot_event": told.event["id"], "changes": {"before": told.changes or {}}}


def _endpoints(world: World, asked: Asked, rest: Sequence[str]) -> Answer:
    with world.lock:
        if not rest and asked.method == "GET":
            return _list(asked, [_public(one) for one in reversed(world.endpoints.values())])
        if not rest and asked.method == "POST":
            made = _endpoint(asked.query, world)
            world.endpoints[made["id"]] = made
            return Answer(200, made)
        known = world.endpoints.get(rest[0]) if rest else None
        if known is None:
            return _found(None, rest[0] if rest else "")
        if asked.method == "DELETE":
            del world.endpoints[known["id"]]
            return Answer(200, {"id": known["id"], "object": "webhook_endpoint", "deleted": True})
        if asked.method == "POST" and "disabled" in asked.query:
            known["status"] = "disabled" if asked.query["disabled"] == "true" else "enabled"
        return Answer(200, _public(known))


def _endpoint(query: Mapping[str, str], world: World) -> Thing:
    return {
        "id": f"we_{secrets.token_hex(8)}",
        "object": "webhook_endpoint",
        "api_version": query.get("api_version"),
        "created": int(world.clock()),
        "description": query.get("description"),
        "enabled_events": [value for name, value in query.items() if name.startswith("enabled_events[")],
        "livemode": False,
        "connect": query.get("connect") == "true",
        "metadata": {name[9:-1]: value for name, value in query.items() if name.startswith("metadata[")},
        "secret": f"whsec_{secrets.token_hex(16)}",
        "status": "enabled",
        "url": query["url"],
    }


def _public(endpoint: Thing) -> Thing:
    """The secret is shown once, when it is made."""
    return {name: value for name, value in endpoint.items() if name != "secret"}


def _found(thing: Thing | None, id_: str) -> Answer:
    if thing is None:
        return _error(404, f"No such object: '{id_}'", code="resource_missing")
    return Answer(200, thing)


def _error(status: int, message: str, **more: Any) -> Answer:
    return Answer(status, {"error": {"type": "invalid_request_error", "message": message, **more}})
