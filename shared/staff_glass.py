"""Breaking the glass: more than one's role for half an hour, with a reason and a fresh code; audited and raised."""

from datetime import datetime

import structlog

from shared import audit, notices, staff, staff_tries
from shared.db import Connection
from shared.queries import load
from shared.rules.staff_limits import GLASS_MINUTES, is_reason
from shared.staff_sessions import Session
from shared.staff_sign_in import Refused, Terms, use_code
from shared.staff_tries import Try

BROKEN = "staff:glass_broken"


def break_glass(  # noqa: PLR0913 - who, why, by what proof, from where; each named where it is called
    conn: Connection, session: Session, *, reason: str, code: str, source: str, terms: Terms, now: datetime
) -> datetime | Refused:
    """Until when it is open; refused: not_allowed, no_reason, wrong, too_many. The caller commits a refusal too."""
    if "glass.break" not in session.acts:
        audit.record(conn, actor=session.actor, act="staff.glass_refused", object=session.actor)
        return Refused("not_allowed")
    if not is_reason(reason):
        return Refused("no_reason")
    tried = Try(name=session.name, source=source, lookup_key=terms.lookup_key)
    if not staff_tries.is_allowed(conn, tried):
        return Refused("too_many")
    account = staff.find(conn, session.name)
    if account is None or not use_code(conn, account, code, terms.lookup_key, now=now):
        staff_tries.failed(conn, tried, act="staff.glass_refused", is_known=True)
        return Refused("wrong")
    given = {"id": account.id, "reason": reason.strip(), "minutes": GLASS_MINUTES}
    row = conn.execute(load("staff_sessions")["break_glass"], given).fetchone()
    assert row is not None  # noqa: S101 - for mypy: an insert that returns always returns
    _raise(conn, session, str(row["id"]), reason.strip())
    until: datetime = row["ends_at"]
    return until


def _raise(conn: Connection, session: Session, glass_id: str, reason: str) -> None:
    """Somebody else shall hear of it while it lasts."""
    after = {"minutes": GLASS_MINUTES}
    audit.record(conn, actor=session.actor, act="staff.glass_broken", object=session.actor, reason=reason, after=after)
    told = {"staff": session.name, "minutes": GLASS_MINUTES}
    notices.owe(conn, cause=f"glass:{glass_id}", kind=BROKEN, recipient=notices.STAFF, data=told)
    structlog.get_logger(__name__).warning("a member of staff broke the glass", action="staff.glass_broken")
