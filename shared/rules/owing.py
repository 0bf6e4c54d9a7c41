"""What is owed to the outside when a payout or an account has changed: a function of its history, not of arrival."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

from schemas.facts import JSON
from shared.rules.history import State
from shared.rules.owed_payout import PENDING
from shared.rules.payout_failures import failure
from shared.rules.payout_links import Registered
from shared.rules.payout_watch import Money, critical, mismatch
from shared.rules.telling import SUPERSEDED, Notice

STAFF = "staff"
PAYOUT_MOVED = "payout:status_updated"
PAYOUT_CRITICAL = "payout:critical_update"
PAYOUT_MISMATCH = "payout:amount_mismatch"
PAYOUT_STALE = "payout:stale"
ACCOUNT_MOVED = "account:status_updated"


class Move(Protocol):
    """One step of a status, and when it was taken."""

    @property
    def from_status(self) -> str | None: ...
    @property
    def to_status(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...


def payout_steps(name: str, payout_id: str, creator: str, moves: Sequence[Move]) -> list[Notice]:
    """Each step to the creator; no status is entered twice, and PENDING is where every registered payout begins."""
    return [
        Notice(
            key=f"{name}:{move.to_status}",
            kind=PAYOUT_MOVED,
            recipient=creator,
            data={
                "payoutId": payout_id,
                "oldStatus": None if move.to_status == PENDING else move.from_status or PENDING,
                "newStatus": move.to_status,
                "timestamp": _iso(move.occurred_at),
                SUPERSEDED: move is not moves[-1],
            },
            is_start=move.to_status == PENDING,
        )
        for move in moves
    ]


def account_steps(name: str, account_id: str, moves: Sequence[Move]) -> list[Notice]:
    """Each step to whoever follows the account; one status may come again, within one second too."""
    times: Counter[str] = Counter()
    made = []
    for move in moves:
        told = f"{name}:{move.to_status}@{_iso(move.occurred_at)}"
        times[told] += 1
        made.append(
            Notice(
                key=f"{told}#{times[told]}",
                kind=ACCOUNT_MOVED,
                recipient=f"account:{account_id}",
                data={
                    "accountId": account_id,
                    "oldStatus": move.from_status,
                    "newStatus": move.to_status,
                    "timestamp": _iso(move.occurred_at),
                    SUPERSEDED: move is not moves[-1],
                },
            )
        )
    return made


def payout_alarms(registered: Registered, state: State) -> list[Notice]:
    """What somebody must look at, as it now stands: figures are part of the key, so that others are told anew."""
    return [*_critical(registered, state), *_mismatched(registered, state)]


def stale_key(name: str, since: str) -> str:
    """On its way since then; the same text is made in shared/sql/payouts.sql."""
    return f"{name}:stale:{since}"


def _critical(registered: Registered, state: State) -> Iterator[Notice]:
    found = critical(state)
    if found is None:
        return
    words = failure(found.failed_reason or "reversed")
    data: dict[str, JSON] = {
        "payoutId": registered.owed.payout_id,
        "reason": found.reason,
        "failedReason": found.failed_reason,
        **_figures(found.money),
        "reversedBy": found.reversed_by,
        "retryable": words.is_retryable,
        "userActionRequired": words.needs_creator,
        "message": words.message,
    }
    figures = (found.reason, found.failed_reason, _figure(found.money), found.reversed_by)
    key = ":".join([registered.name, *(figure or "-" for figure in figures)])
    for recipient in (registered.creator, STAFF):
        yield Notice(key=key, kind=PAYOUT_CRITICAL, recipient=recipient, data=data)


def _mismatched(registered: Registered, state: State) -> Iterator[Notice]:
    wrong = mismatch(Money(registered.owed.amount_minor, registered.owed.currency), state)
    if wrong is not None:
        yield Notice(
            key=f"{registered.name}:mismatch:{_figure(wrong.ours)}:{_figure(wrong.stripes)}",
            kind=PAYOUT_MISMATCH,
            recipient=STAFF,
            data={
                "payoutId": registered.owed.payout_id,
                "ours": _figures(wrong.ours),
                "stripes": _figures(wrong.stripes),
            },
        )


def _figure(money: Money | None) -> str | None:
    return None if money is None else f"{money.amount_minor}{money.currency}"


def _figures(money: Money | None) -> dict[str, JSON]:
    return {
        "amountMinor": None if money is None else money.amount_minor,
        "currency": None if money is None else money.currency,
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
