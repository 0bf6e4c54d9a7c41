"""What the application owes its creators: registration, and the way from Stripe's objects to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared import audit, parking
from shared.db import Connection
from shared.queries import load
from shared.rules.payout_links import LinkKey, OwedPayout

KIND = "owed_payout"


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered payout and whose it is."""

    owed: OwedPayout
    creator_id: str


@dataclass(frozen=True, slots=True)
class Registration:
    """`taken`: names that another payout was registered under first; `woken`: events that waited for this."""

    is_new: bool
    taken: tuple[str, ...]
    woken: int


def register(conn: Connection, wanted: Registered, *, actor: str) -> Registration:
    """Register what is owed, or correct it; events that came before are examined again. The caller commits."""
    owed = wanted.owed
    row = conn.execute(load("payouts")["register"], _parameters(wanted)).fetchone()
    was = row["was"] if row else None
    now = {"amountMinor": owed.amount_minor, "currency": owed.currency, "creatorId": wanted.creator_id}
    act = "payout.registered" if was is None else "payout.corrected"
    audit.record(conn, actor=actor, act=act, object=f"payout:{owed.payout_id}", before=was, after=now)
    taken, woken = link(conn, owed.payout_id, owed.link_keys())
    return Registration(was is None, taken, woken)


def link(conn: Connection, payout_id: str, keys: Sequence[LinkKey]) -> tuple[tuple[str, ...], int]:
    """Let a payout be found under these names; those that were taken, and how many events had waited for one."""
    taken, woken = [], 0
    for key in keys:
        if conn.execute(load("payouts")["link"], {"link": key.name, "payout_id": payout_id}).fetchone() is None:
            taken.append(key.name)
        else:
            woken += parking.wake(conn, key.name)
    return tuple(taken), woken


def find(conn: Connection, keys: Sequence[LinkKey]) -> list[Registered]:
    """Those that go by these names, the surest first."""
    names = [key.name for key in keys]
    rows = {row["link"]: row for row in conn.execute(load("payouts")["find_by_links"], {"links": names})}
    return [_registered(rows[name]) for name in names if name in rows]


def learn(conn: Connection, owed: OwedPayout, *, transfer_id: str | None = None, payout_id: str | None = None) -> None:
    """Keep Stripe's own id of what metadata linked, so that its next event is found by it."""
    ids = {"stripe_transfer_id": transfer_id, "stripe_payout_id": payout_id}
    conn.execute(load("payouts")["learn"], {"payout_id": owed.payout_id, **ids})


def _parameters(wanted: Registered) -> dict[str, Any]:
    owed = wanted.owed
    return {
        "payout_id": owed.payout_id,
        "creator_id": wanted.creator_id,
        "stripe_account_id": owed.account,
        "amount_minor": owed.amount_minor,
        "currency": owed.currency.lower(),
        "stripe_transfer_id": owed.stripe_transfer_id,
        "stripe_payout_id": owed.stripe_payout_id,
    }


def _registered(row: Mapping[str, Any]) -> Registered:
    owed = OwedPayout(
        payout_id=row["payout_id"],
        account=row["stripe_account_id"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        stripe_transfer_id=row["stripe_transfer_id"],
        stripe_payout_id=row["stripe_payout_id"],
    )
    return Registered(owed, row["creator_id"])
