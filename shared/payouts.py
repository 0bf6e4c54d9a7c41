"""What the application owes its creators: registration, and the way from Stripe's objects to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared import audit, notices, parking, payout_alarms
from shared.db import Connection
from shared.notices import About
from shared.queries import load
from shared.rules.owing import PAYOUT_STALE
from shared.rules.payout_links import KIND, LinkKey, OwedPayout, Registered
from shared.rules.subject_names import name_of


@dataclass(frozen=True, slots=True)
class Registration:
    """`taken`: names that another payout was registered under first; `woken`: events that waited for this."""

    is_new: bool
    taken: tuple[str, ...]
    woken: int


def register(conn: Connection, wanted: Registered, *, actor: str) -> Registration:
    """Register what is owed, or correct it; events that came before are examined again. The caller commits."""
    (row,) = conn.execute(load("payouts")["register"], _parameters(wanted))
    was, now = row["was"], _registered(row)
    after = {"amountMinor": now.owed.amount_minor, "currency": now.owed.currency, "creatorId": now.creator_id}
    act = "payout.registered" if was is None else "payout.corrected"
    audit.record(conn, actor=actor, act=act, object=now.name, before=was, after=after)
    if was is not None:
        _leave_behind(conn, was["stripe_account_id"], now)
    taken, woken = link(conn, now.owed, now.owed.link_keys())
    _compare(conn, now, actor=actor)
    return Registration(was is None, taken, woken)


def link(conn: Connection, owed: OwedPayout, keys: Sequence[LinkKey]) -> tuple[tuple[str, ...], int]:
    """Let a payout be found under these names; those that were taken, and how many events had waited for one."""
    taken, woken = [], 0
    for key in keys:
        if conn.execute(load("payouts")["link"], {**_key(owed), "link": key.name}).fetchone() is None:
            taken.append(key.name)
        else:
            woken += parking.wake_all(conn, key.name)
    return tuple(taken), woken


def find(conn: Connection, keys: Sequence[LinkKey]) -> dict[str, Registered]:
    """Those that go by these names, each by its name, the surest first."""
    names = [key.name for key in keys]
    rows = {row["link"]: row for row in conn.execute(load("payouts")["find_by_links"], {"links": names})}
    return {name: _registered(rows[name]) for name in names if name in rows}


def as_it_is(conn: Connection, registered: Registered) -> Registered:
    """As it stands once its subject is locked: a correction may have come in between."""
    row = conn.execute(load("payouts")["registered"], _key(registered.owed)).fetchone()
    now = registered if row is None else _registered(row)
    return now if now.name == registered.name else registered


def _leave_behind(conn: Connection, account: str, now: Registered) -> None:
    """The names and the lateness of what stood there before its correction."""
    keys = now.owed.link_keys()
    kept = {"place": now.owed.place, "kinds": [key.by for key in keys], "links": [key.name for key in keys]}
    conn.execute(load("payouts")["unlink_others"], {**_key(now.owed), **kept})
    if account != now.owed.account:
        before = name_of(KIND, now.owed.payout_id, account=account, livemode=now.owed.livemode)
        notices.withdraw_others(conn, About(before), kind=PAYOUT_STALE, kept=None)


def _compare(conn: Connection, registered: Registered, *, actor: str) -> None:
    """What Stripe has told so far, with what is registered now."""
    parameters = {**_key(registered.owed), "account": registered.owed.account}
    followed = conn.execute(load("payouts")["lock_followed"], parameters).fetchone()
    if followed is not None:
        payout_alarms.settle(conn, registered, followed["state"], actor=actor)


def _key(owed: OwedPayout) -> dict[str, Any]:
    return {"payout_id": owed.payout_id, "livemode": owed.livemode}


def _parameters(wanted: Registered) -> dict[str, Any]:
    owed = wanted.owed
    return _key(owed) | {
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
        livemode=row["livemode"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        stripe_transfer_id=row["stripe_transfer_id"],
        stripe_payout_id=row["stripe_payout_id"],
    )
    return Registered(owed, row["creator_id"])
