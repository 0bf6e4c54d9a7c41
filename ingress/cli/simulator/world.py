"""What Stripe knows: objects as they are now, and the events that told how they became so."""

import itertools
import secrets
import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ingress.cli.simulator import shapes
from ingress.cli.simulator.shapes import Thing

_KEPT_SECONDS = 30 * 86_400


@dataclass(slots=True)
class Told:
    """One event, rendered once when it came to be; `delivered` as far as Stripe knows."""

    event: Thing
    account: str | None
    number: int
    delivered: bool = True
    changes: Thing | None = None


@dataclass
class World:
    """Safe to share between threads. `clock` gives Stripe's Unix seconds; `version` is what events are shown in."""

    clock: Callable[[], float]
    version: str = shapes.CURRENT
    things: dict[tuple[str | None, str, str], Thing] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    endpoints: dict[str, Thing] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def put(self, thing: Thing, *, account: str | None = None) -> None:
        """Let it be so without a word: an event that Stripe never made."""
        with self.lock:
            self.things[account, thing["object"], thing["id"]] = deepcopy(thing)

    def tell(self, type_: str, thing: Thing, *, account: str | None = None) -> Told:
        """Let it be so, with the event that says it."""
        with self.lock:
            before = self.things.get((account, thing["object"], thing["id"]))
            self.put(thing, account=account)
            number = next(self._numbers)
            shown = shapes.shown_in(self.version, thing)
            data: dict[str, Any] = {"object": deepcopy(shown)}
            if type_.endswith(".updated") and before is not None:
                was = shapes.shown_in(self.version, before)
                data["previous_attributes"] = {name: was[name] for name in was if shown.get(name) != was[name]}
            event = {
                "id": f"evt_{number:08d}{secrets.token_hex(4)}",
                "object": "event",
                "api_version": self.version,
                "created": int(self.clock()),
                "livemode": False,
                "pending_webhooks": 1,
                "request": {"id": None, "idempotency_key": None},
                "type": type_,
                "data": data,
            }
            told = Told(event, account, number, changes=data.get("previous_attributes"))
            self.told.append(told)
            return told

    def change(self, type_: str, kind: str, id_: str, *, account: str | None = None, **shown: Any) -> Told:
        with self.lock:
            return self.tell(type_, {**self.things[account, kind, id_], **shown}, account=account)

    def listed(self, account: str | None) -> list[Told]:
        """The events of an account that can still be listed, the newest first."""
        with self.lock:
            horizon = self.clock() - _KEPT_SECONDS
            found = [told for told in self.told if told.account == account and told.event["created"] >= horizon]
        found.sort(key=lambda told: (told.event["created"], told.number), reverse=True)
        return found

    def event(self, id_: str) -> Told | None:
        with self.lock:
            return next((told for told in self.told if told.event["id"] == id_), None)


def thin(told: Told) -> Thing:
    """The thin event beside a snapshot: it names its object and shows nothing of it."""
    thing = told.event["data"]["object"]
    return {
        "id": told.event["id"].replace("evt_", "evt_test_65"),
        "object": "v2.core.event",
        "type": f"v1.{told.event['type']}",
        "created": _iso(told.event["created"], told.number),
        "livemode": told.event["livemode"],
        "context": told.account,
        "related_object": {
            "id": thing["id"],
            "type": thing["object"],
            "url": f"/v1/{PLURALS[thing['object']]}/{thing['id']}",
        },
        "reason": None,
    }


PLURALS = {
    kind: f"{kind}s"
    for kind in (
        *("customer", "subscription", "invoice", "invoice_payment", "setup_intent", "payment_intent"),
        *("charge", "dispute", "transfer", "payout", "account"),
    )
}


def _iso(created: int, number: int) -> str:
    return datetime.fromtimestamp(created + number % 1000 / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
