"""Histories as whole events, from the payload files, for what must be read, validated and placed as well as folded."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from schemas import catalog
from tests.factories.events import PAYLOADS, event

START = 1_750_000_000

# What an object may show anew, by its place in it.
_SHOWN: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "customer": {"invoice_settings.default_payment_method": (None, "pm_1", "pm_2")},
    "subscription": {"cancel_at_period_end": (False, True), "items.data.0.quantity": (1, 2)},
    "invoice": {"amount_paid": (0, 500)},
    "charge": {"amount_refunded": (0, 500, 1_000)},
    "transfer": {"amount_reversed": (0, 1_500, 4_500), "description": (None, "one")},
    "payout": {"amount": (4_500, 4_500, 5_000)},
    "account": dict.fromkeys(("charges_enabled", "payouts_enabled", "details_submitted"), (False, True)),
}
_STATUS_IS_SHOWN = ("subscription", "invoice", "invoice_payment", "setup_intent", "payment_intent", "dispute", "payout")
_PREFIX = {"account": "acct", "transfer": "tr", "payout": "po"}


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a history; `twin_of` is the number of the one that says the same under another id.

    A rival is another transfer or payout that names the same registered payout in its metadata.
    """

    number: int
    type: str
    created: int
    shown: Mapping[str, Any]
    previous: Mapping[str, Any]
    has_metadata: bool
    takes_back: bool
    is_rival: bool = False
    twin_of: int | None = None

    def event(self, name: str) -> dict[str, Any]:
        """About the objects of this name, so that one database can hold several copies."""
        known = catalog.EVENT_TYPES[self.type]
        payload = _payload(self.type)
        changes: dict[str, Any] = {"id": f"evt_{name}_{self.number}", "created": self.created}
        if not known.read:
            subject = f"{_PREFIX.get(known.kind, known.kind)}_{name}"
            changes["data.object.id"] = f"{subject}{'_rival' * self.is_rival}{'_back' * self.takes_back}"
        if known.kind in {"payout", "account"}:
            changes["account"] = f"acct_{name}"
        if known.kind in {"transfer", "payout"}:
            changes["data.object.metadata"] = {"payout_id": f"owed-{name}"} if self.has_metadata else {}
        if known.kind == "transfer":
            changes["data.object.destination"] = f"acct_{name}"
        if known.kind == "payout":
            changes["data.object.original_payout"] = f"po_{name}" if self.takes_back else None
        if self.is_rival:
            # The transfer was made after the one it stands beside, the payout before.
            changes["data.object.created"] = START - 1 if known.kind == "transfer" else 1_700_000_000
        if self.type.endswith(".updated"):
            changes["data.previous_attributes"] = _nested(self.previous)
        return event(payload, **changes, **{f"data.object.{place}": value for place, value in self.shown.items()})


def told(kind: str, random: Random) -> list[Told]:
    """Two to eight events in the order of their making, some lost, some with a twin."""
    lived = list(_life(kind, random, random.randint(2, 8)))
    kept = [one for one in lived if random.random() > 0.1] or lived
    return [each for one in kept for each in _with_twin(one, random)]


def _with_twin(one: Told, random: Random) -> Iterator[Told]:
    yield one
    if random.random() < 0.1:
        rest = {name: getattr(one, name) for name in Told.__slots__}
        yield Told(**rest | {"number": one.number + 100, "twin_of": one.number})


def _life(kind: str, random: Random, length: int) -> Iterator[Told]:
    created = START
    before: dict[str, dict[str, Any]] = {}
    for number in range(length):
        known = random.choice(_types(kind))
        was = before.get(known.kind, {})
        now = {place: random.choice(values) for place, values in _places(known.kind).items()}
        now = {place: was[place] if place in was and random.random() < 0.4 else value for place, value in now.items()}
        yield Told(
            number=number,
            type=known.type,
            created=created,
            shown={} if known.read else now,
            previous={place: value for place, value in was.items() if now[place] != value},
            has_metadata=random.random() < 0.7,
            takes_back=known.kind == "payout" and random.random() < 0.1,
            is_rival=known.kind in {"payout", "transfer"} and random.random() < 0.15,
        )
        before[known.kind] = now
        created += random.choice((0, 0, 1, 60))


def _types(kind: str) -> list[catalog.EventType]:
    kinds = {"transfer", "payout"} if kind == "owed_payout" else {kind}
    return [known for known in catalog.EVENT_TYPES.values() if known.kind in kinds]


def _places(kind: str) -> Mapping[str, Sequence[Any]]:
    places = dict(_SHOWN.get(kind, {}))
    if kind in _STATUS_IS_SHOWN:
        places["status"] = sorted(importlib.import_module(f"schemas.{kind}").STATUSES)
    return places


def _payload(type_: str) -> str:
    """The newest shape that has it."""
    return next(f"{shape}/{type_}" for shape in ("basil", "2016") if (PAYLOADS / shape / f"{type_}.json").exists())


def _nested(places: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for place, value in places.items():
        first, *rest = place.split(".")
        if rest == ["data", "0", "quantity"]:
            made[first] = {"data": [{"quantity": value}]}
        else:
            made[first] = {rest[0]: value} if rest else value
    return made
