"""What is owed to the outside when a payout or an account has changed: it follows from the history, not the arrival."""

from shared import notices, payout_alarms
from shared.db import Connection
from shared.notices import About
from shared.rules.owing import ACCOUNT_MOVED, PAYOUT_MOVED, account_steps, payout_steps
from shared.rules.payout_links import Registered
from workers.history import Outcome
from workers.subjects import Address

_ACTOR = "worker"


def of_payout(conn: Connection, followed: Address, registered: Registered, outcome: Outcome, *, because: str) -> None:
    """Each step to the creator; failures, reversals and wrong amounts to creator and staff, as they now stand."""
    about, creator = About(followed.name, because), registered.creator
    payout_alarms.settle(conn, registered, outcome.state, actor=_ACTOR, because=because)
    if outcome.lines:
        steps = payout_steps(about.name, followed.subject_id, creator, outcome.lines)
        notices.tell(conn, about, steps, kinds=[PAYOUT_MOVED], is_whole=outcome.is_refolded)


def of_account(conn: Connection, address: Address, outcome: Outcome, *, because: str) -> None:
    """Each step to whoever follows the account."""
    if outcome.lines:
        steps = account_steps(address.name, address.subject_id, outcome.lines)
        notices.tell(conn, About(address.name, because), steps, kinds=[ACCOUNT_MOVED], is_whole=outcome.is_refolded)
