"""Makes a database of many kept events out of a small one: every row that the walk left, copied under other ids.

The bodies of the copies are as large and as dense as the first ones, but would not open: they are bound to their row.
"""

from collections.abc import Mapping
from types import MappingProxyType

import psycopg
from psycopg import sql

from bench.statements import load

# What differs in a copy, by table; the rest of a row is copied. `{events}`, `{subjects}`, `{facts}`, `{audit}` are how
# far apart the ids of two laps are.
_SHIFTED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "events": {"id": "id + lap * {events}", "event_id": "event_id || '_' || lap"},
        "event_bodies": {"event_row": "event_row + lap * {events}"},
        "attempts": {"event_row": "event_row + lap * {events}"},
        "subjects": {"id": "id + lap * {subjects}", "subject_id": "subject_id || '_' || lap"},
        "facts": {
            "id": "id + lap * {facts}",
            "subject_row": "subject_row + lap * {subjects}",
            "event_row": "event_row + lap * {events}",
            "cause": "cause || '_' || lap",
        },
        "transitions": {"subject_row": "subject_row + lap * {subjects}", "fact_id": "fact_id + lap * {facts}"},
        "effects": {
            "cause": "cause || '_' || lap",
            "recipient": "recipient || '_' || lap",
            "event_row": "event_row + lap * {events}",
        },
        "audit": {"id": "id + lap * {audit}", "object": "object || '_' || lap"},
    }
)
_COUNTED = ("events", "subjects", "facts", "audit")
_LAPS_AT_ONCE = 20
# Every name in it is of this file or of PostgreSQL's own catalogue.
_COPY = """
    INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE
    SELECT {values} FROM {table} CROSS JOIN generate_series({first}, {last}) AS lap WHERE {within}
"""


def grow(database_url: str, *, events: int) -> int:
    """Copy until so many events are kept, whole laps only; how many there are now."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        # The copies keep every key by construction; checking each would take most of the time.
        conn.execute(load("ballast")["trust_the_keys"])
        spans = {table: _last_id(conn, table) for table in _COUNTED}
        laps = max(0, -(-events // spans["events"]) - 1)
        for first in range(1, laps + 1, _LAPS_AT_ONCE):
            _copy(conn, spans, first=first, last=min(laps, first + _LAPS_AT_ONCE - 1))
        for table in _COUNTED:
            conn.execute(load("ballast")["go_on_after"], {"table": table, "last": spans[table] * (laps + 1)})
        conn.execute(load("ballast")["tidy"])
        return spans["events"] * (laps + 1)


def _last_id(conn: "psycopg.Connection[tuple[int]]", table: str) -> int:
    row = conn.execute(sql.SQL("SELECT coalesce(max(id), 1) FROM {}").format(sql.Identifier(table))).fetchone()
    return int(row[0]) if row else 1


def _copy(conn: "psycopg.Connection[tuple[int]]", spans: Mapping[str, int], *, first: int, last: int) -> None:
    with conn.transaction():
        for table, shifted in _SHIFTED.items():
            names = [str(row[0]) for row in conn.execute(load("ballast")["columns"], {"table": table})]
            values = [shifted.get(name, f'"{name}"').format(**spans) for name in names]
            conn.execute(
                _COPY.format(
                    table=table,
                    names=", ".join(f'"{name}"' for name in names),
                    values=", ".join(values),
                    first=first,
                    last=last,
                    within=_FIRST_LAP[table].format(**spans),
                ).encode()
            )


# The rows that are copied: those of the small database.
_FIRST_LAP: Mapping[str, str] = MappingProxyType(
    {
        "events": "id <= {events}",
        "event_bodies": "event_row <= {events}",
        "attempts": "event_row <= {events}",
        "subjects": "id <= {subjects}",
        "facts": "id <= {facts}",
        "transitions": "subject_row <= {subjects}",
        "effects": "event_row <= {events}",
        "audit": "id <= {audit}",
    }
)
