"""What is owed to the outside when a payout or an account has changed: it follows from the history, not the arrival."""

from collections.abc import Iterable

import structlog

from shared import audit, notices
from shared.db import Connection
from shared.moments import iso
from shared.notices import STAFF, Notice
from shared.payouts import Registered
from shared.rules.owed_payout import PENDING
from shared.rules.payout_watch import Mismatch, Money, critical_reason, mismatch
from workers.history import Address, Outcome
from workers.refold import Line

PAYOUT_MOVED, PAYOUT_CRITICAL, PAYOUT_MISMATCH = (
    "payout:status_updated",
    "payout:critical_update",
    "payout:amount_mismatch",
)
log = structlog.get_logger(__name__)

ACCOUNT_MOVED = "account:status_updated"


def of_payout(conn: Connection, followed: Address, registered: Registered, outcome: Outcome) -> None:
    """Each step to the creator; failures, reversals and wrong amounts to creator and staff, as they now stand."""
    creator, about = f"creator:{registered.creator_id}", followed.name
    wrong = mismatch(Money(registered.owed.amount_minor, registered.owed.currency), outcome.state)
    alarms = [*_critical(followed, outcome, creator), *_mismatched(followed, wrong)]
    for alarm in notices.owe_only(conn, about, alarms, kinds=[PAYOUT_CRITICAL, PAYOUT_MISMATCH]):
        if alarm.recipient == STAFF:
            act = alarm.kind.replace(":", ".")
            audit.record(conn, actor="worker", act=act, object=about, after=alarm.data)
            log.warning("a payout needs looking at", action=act, kind=alarm.kind)
    _tell_steps(conn, about, [_step(line, followed, creator) for line in outcome.lines], outcome, kind=PAYOUT_MOVED)


def of_account(conn: Connection, address: Address, outcome: Outcome) -> None:
    steps = [
        Notice(
            line.cause, ACCOUNT_MOVED, f"account:{address.subject_id}", _moved(line, "accountId", address.subject_id)
        )
        for line in outcome.lines
    ]
    _tell_steps(conn, address.name, steps, outcome, kind=ACCOUNT_MOVED)


def _tell_steps(conn: Connection, about: str, steps: list[Notice], outcome: Outcome, *, kind: str) -> None:
    if outcome.is_refolded:  # a late fact may have undone a step that is not told yet
        notices.owe_only(conn, about, steps, kinds=[kind])
    else:
        notices.owe_about(conn, about, steps)


def _step(line: Line, followed: Address, creator: str) -> Notice:
    data = _moved(line, "payoutId", followed.subject_id) | {"oldStatus": line.from_status or PENDING}
    return Notice(line.cause, PAYOUT_MOVED, creator, data)


def _moved(line: Line, name: str, value: str) -> dict[str, object]:
    return {
        name: value,
        "oldStatus": line.from_status,
        "newStatus": line.to_status,
        "timestamp": iso(line.occurred_at),
    }


def _critical(followed: Address, outcome: Outcome, creator: str) -> Iterable[Notice]:
    reason = critical_reason(outcome.state)
    if reason is not None:
        data = {"payoutId": followed.subject_id, "reason": reason, "failedReason": outcome.state.get("failed_reason")}
        for recipient in (creator, STAFF):
            yield Notice(f"{followed.name}:{reason}", PAYOUT_CRITICAL, recipient, data)


def _mismatched(followed: Address, wrong: Mismatch | None) -> Iterable[Notice]:
    if wrong is not None:
        data = {"payoutId": followed.subject_id, "ours": _money(wrong.ours), "stripes": _money(wrong.stripes)}
        yield Notice(f"{followed.name}:mismatch", PAYOUT_MISMATCH, STAFF, data)


def _money(money: Money) -> dict[str, object]:
    return {"amountMinor": money.amount_minor, "currency": money.currency}
