"""Whether the audit trail's records are linked; whether anybody touched them is what `carelane audit verify` is for."""

from shared.checks.finding import Finding, ok, warning
from shared.db import Connection
from shared.queries import load

_LATE_SECONDS = 60.0


def look(conn: Connection) -> Finding:
    row = conn.execute(load("trail")["oldest_unsealed"]).fetchone()
    if row is None or row["oldest_seconds"] is None or row["oldest_seconds"] < _LATE_SECONDS:
        return ok("audit trail", "Its records are linked.")
    told = f"{row['waiting']} records wait for their links, the oldest since {row['oldest_seconds']:.0f} s."
    return warning("audit trail", told, "The relay links them: make sure that it runs, and read its log.")
