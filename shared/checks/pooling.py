"""Whether our sessions' own time limits are in effect: a pooler in between may take none of them over."""

from shared import db
from shared.checks.finding import Finding, ok, warning
from shared.queries import load

_NAME = "postgresql time limits"


def look(conn: db.Connection) -> Finding:
    row = conn.execute(load("checks")["time_limits"]).fetchone()
    return judged({} if row is None else dict(row))


def judged(limits: dict[str, str]) -> Finding:
    """By what a session of ours finds set; each of ours asks for all of them when it opens."""
    missing = [name for name, value in limits.items() if value == "0"]
    if missing or limits.get("TimeZone", "UTC") != "UTC":
        return warning(
            _NAME,
            f"What our sessions ask for is not in effect: {', '.join(missing) or 'TimeZone'}. A pooler drops it.",
            "Set them with the role: ALTER ROLE … SET statement_timeout = '10s' and so on; docs/scale.md has all.",
        )
    return ok(_NAME, "Each statement and each wait for a lock has its limit.")
