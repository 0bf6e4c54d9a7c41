"""What somebody must look at in a registered payout: owed, audited and logged as it now stands."""

import structlog

from shared import audit, notices
from shared.db import Connection
from shared.notices import STAFF, About
from shared.rules.history import State
from shared.rules.owed_payout import PROCESSING
from shared.rules.owing import PAYOUT_CRITICAL, PAYOUT_MISMATCH, PAYOUT_STALE, payout_alarms, stale_key
from shared.rules.payout_links import Registered

log = structlog.get_logger(__name__)


def settle(conn: Connection, registered: Registered, state: State, *, actor: str, because: str | None = None) -> None:
    """Of a payout whose subject the caller has locked; whatever no longer holds is taken back, unless it is out."""
    about, wanted = About(registered.name, because), payout_alarms(registered, state)
    for alarm in notices.tell(conn, about, wanted, kinds=[PAYOUT_CRITICAL, PAYOUT_MISMATCH], is_whole=True):
        if alarm.recipient == STAFF:
            act = alarm.kind.replace(":", ".")
            audit.record(conn, actor=actor, act=act, object=about.name, reason=about.because, after=alarm.data)
            log.warning("a payout needs looking at", action=act, kind=alarm.kind)
    since = state.get("status_since")
    kept = stale_key(about.name, since) if state.get("status") == PROCESSING and isinstance(since, str) else None
    notices.withdraw_others(conn, about, kind=PAYOUT_STALE, kept=kept)
