"""Failed tries to sign in, counted in PostgreSQL by name, by source and by both, so that all doors count together."""

from dataclasses import dataclass

from shared import audit
from shared.crypto import lookup_hash
from shared.db import Connection
from shared.queries import load
from shared.rules.staff_limits import WINDOW_MINUTES, is_throttled


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """Somebody, from somewhere, under a name; kept as keyed hashes, for what is typed as a name may be a password."""

    name: str
    source: str
    lookup_key: bytes

    @property
    def keys(self) -> dict[str, bytes]:
        parts = {"name": self.name, "source": self.source, "name and source": f"{self.name}\0{self.source}"}
        return {kind: lookup_hash(self.lookup_key, f"staff-try-{kind}", text.encode()) for kind, text in parts.items()}


def is_allowed(conn: Connection, tried: Try) -> bool:
    """Asked before anything is looked at; tries under the same name wait here for one another."""
    sql, keys = load("staff_sessions"), tried.keys
    conn.execute(sql["one_at_a_time"], {"key": keys["name"]})
    return not is_throttled(_lately(conn, keys))


def failed(conn: Connection, tried: Try, *, act: str, is_known: bool) -> None:
    """Count it, and tell the audit trail; the caller commits. Of a flood the trail has no more than the limit."""
    sql, keys = load("staff_sessions"), tried.keys
    conn.execute(sql["forget_tries"], {"window_minutes": WINDOW_MINUTES})
    conn.execute(sql["note_tries"], {"keys": list(keys.values())})
    name = f"staff:{tried.name}" if is_known else "staff:unknown"
    locked = is_throttled(_lately(conn, keys))
    after = {"source": tried.source, "locked": locked}
    audit.record(conn, actor="door:app", act=act, object=name, after=after)


def forgive(conn: Connection, tried: Try) -> None:
    for kind in ("name", "name and source"):
        conn.execute(load("staff_sessions")["forgive"], {"key": tried.keys[kind]})


def _lately(conn: Connection, keys: dict[str, bytes]) -> dict[str, int]:
    given = {"keys": list(keys.values()), "window_minutes": WINDOW_MINUTES}
    counts = {row["key"]: row["tries"] for row in conn.execute(load("staff_sessions")["tries"], given)}
    return {kind: counts.get(key, 0) for kind, key in keys.items()}
