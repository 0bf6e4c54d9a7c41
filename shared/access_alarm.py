"""Alarms about access: help that is not in reach, and prices that were paid and have no tier."""

from collections.abc import Iterable

import structlog
from prometheus_client import Counter

from shared import audit, notices
from shared.db import Connection
from shared.queries import load
from shared.rules.access import Access
from shared.rules.safety import violations
from shared.rules.standing import LEAST, LEVELS

VIOLATION, UNMAPPED = "safety:violation", "price:unmapped"
VIOLATIONS = Counter("carelane_access_violations_total", "Answers about access that withheld what they must not.")
log = structlog.get_logger(__name__)


def check(conn: Connection, user_id: str, access: Access) -> tuple[str, ...]:
    """Hold an answer against the records of crises and emergency access; what is wrong is raised, and returned."""
    held = [row["level"] for row in conn.execute(load("access")["danger"], {"user_id": user_id})]
    level = max(held, key=LEVELS.index, default=LEAST)
    found = violations(access, in_danger=bool(held), held_level=level)
    if found:
        name = f"person:{user_id}"
        told = {"violations": list(found)}
        VIOLATIONS.inc()
        log.critical("an answer about access withholds help", action="access.violation", count=len(found))
        audit.record(conn, actor="walk", act="access.violation", object=name, after=told)
        cause = f"{name}:violation:{'+'.join(found)}"
        notices.owe(conn, cause=cause, kind=VIOLATION, recipient=notices.STAFF, data={"userId": user_id, **told})
    return found


def raise_unmapped(conn: Connection, prices: Iterable[str]) -> None:
    """Each price once: whoever pays it has been given the least that is sold."""
    for price in prices:
        if notices.owe(conn, cause=price, kind=UNMAPPED, recipient=notices.STAFF, data={"priceId": price}):
            audit.record(conn, actor="walk", act="price.unmapped", object=f"price:{price}")
            log.warning("a price has no tier", action="price.unmapped")
