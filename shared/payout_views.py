"""Registered payouts and connected accounts as the application is told of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from shared.db import Connection
from shared.errors import NotFound
from shared.moments import iso
from shared.queries import load
from shared.rules.payout_watch import Money, figure, is_stale, mismatch
from shared.rules.payout_words import words_for

Document = dict[str, object]
_HOUR_SECONDS = 3600
_MOST_ACCOUNTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which payouts; what is None matches all. `stale_hours` is after how long one on its way is late."""

    stale_hours: int
    livemode: bool | None = None
    payout_id: str | None = None
    creator_id: str | None = None
    status: str | None = None
    stale: bool | None = None


def listing(conn: Connection, wanted: Wanted, *, after: str | None, most: int) -> list[Document]:
    """At most so many, in the order of their ids, beginning behind `after`."""
    parameters = asdict(wanted) | {"after": after, "most": most}
    rows = conn.execute(load("payout_views")["list"], parameters)
    return [_document(row, stale_hours=wanted.stale_hours) for row in rows]


def one(conn: Connection, wanted: Wanted) -> Document:
    """Raises NotFound."""
    found = listing(conn, wanted, after=None, most=1)
    if not found:
        raise NotFound("no payout is registered by this id")
    return found[0]


def account(conn: Connection, account_id: str, *, livemode: bool | None) -> Document:
    """The body of `GET /api/accounts/{accountId}`. Raises NotFound."""
    row = conn.execute(load("payout_views")["account"], {"account": account_id, "livemode": livemode}).fetchone()
    if row is None:
        raise NotFound("no account goes by this id")
    state = row["state"]
    return {
        "accountId": row["subject_id"],
        "creatorId": creator_of(conn, account_id),
        "onboardingStatus": row["status"],
        "payoutsEnabled": state.get("payouts_enabled") is True,
        "chargesEnabled": state.get("charges_enabled") is True,
        "requirementsCount": state.get("requirements_count") or 0,
        "updatedAt": iso(row["updated_at"]),
    }


def creator_of(conn: Connection, account_id: str) -> str | None:
    row = conn.execute(load("payout_views")["creator_of"], {"account": account_id}).fetchone()
    return None if row is None else str(row["creator_id"])


def accounts_of(conn: Connection, creator_id: str) -> list[str]:
    """A creator has one, or few."""
    parameters = {"creator_id": creator_id, "most": _MOST_ACCOUNTS}
    return [str(row["account"]) for row in conn.execute(load("payout_views")["accounts_of"], parameters)]


def _document(row: Mapping[str, Any], *, stale_hours: int) -> Document:
    state, ours = row["state"], Money(row["amount_minor"], row["currency"])
    moved = figure(state) or ours  # Stripe's figure is the one that counts, for that is what moved
    since = state.get("status_since")
    is_late = since is not None and is_stale(
        row["status"], datetime.fromisoformat(since), row["read_at"], after_seconds=stale_hours * _HOUR_SECONDS
    )
    words = words_for(row["status"], state.get("failed_reason"), is_stale=is_late)
    return {
        "payoutId": row["payout_id"],
        "creatorId": row["creator_id"],
        "status": row["status"],
        "amountMinor": moved.amount_minor,
        "currency": moved.currency,
        "registeredAmountMinor": ours.amount_minor,
        "registeredCurrency": ours.currency,
        "stripeAccountId": row["stripe_account_id"],
        "stripeTransferId": state.get("stripe_transfer_id") or row["stripe_transfer_id"],
        "stripePayoutId": state.get("stripe_payout_id") or row["stripe_payout_id"],
        "livemode": row["livemode"],
        "arrivalDate": _z(state.get("arrival_date")),
        "processedAt": _z(state.get("completed_at")),
        "failedReason": state.get("failed_reason"),
        "retryable": words.is_retryable,
        "userActionRequired": words.needs_creator,
        "stale": is_late,
        "amountMismatch": mismatch(ours, state) is not None,
        "message": words.message,
        "history": [{**step, "at": _z(step["at"])} for step in row["steps"]],
    }


def _z(text: str | None) -> str | None:
    return None if text is None else iso(datetime.fromisoformat(text))
