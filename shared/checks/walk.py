"""The walk of events as the tables show it: who gets on, what lies too long, and whether its tables are ours."""

from collections.abc import Callable, Iterator

from shared import guards, heartbeats, owed
from shared.checks import trail
from shared.checks.finding import Finding, fault, ok, warning
from shared.crypto import fingerprint, public_key_of
from shared.db import Connection
from shared.heartbeats import BEAT, RELAY, Heartbeat
from shared.migrations import standing
from shared.moments import iso
from shared.queries import load

_RELAY_SECONDS, _BEAT_SECONDS = 15.0, 180.0
_CRISIS_WARNING_SECONDS, _CRISIS_FAULT_SECONDS = 10.0, 60.0
_STANDARD_WARNING_SECONDS = 300.0
_UNTOLD_SECONDS = 30.0
_START = "Start it, and read its log if it does not stay up."


def tables(conn: Connection) -> Finding:
    found = standing(conn)
    if found.missing:
        told = f"{len(found.missing)} migrations are missing, {found.missing[0]} first."
        return fault("tables", told, "Run `carelane migrate`.")
    if found.foreign:
        return fault(
            "tables",
            f"The database has migrations that this program does not: {', '.join(found.foreign)}.",
            "Run the version that migrated it, or a later one.",
        )
    return ok("tables", "They are what this version needs.")


def relay(conn: Connection) -> Finding:
    heartbeat = heartbeats.latest(conn).get(RELAY)
    if heartbeat is None or heartbeat.age_seconds > _RELAY_SECONDS:
        why = "lost messages are not rung again, and what dead workers held is not given back"
        return fault("relay", f"{_last_seen('The relay', heartbeat)}: {why}.", _START)
    return ok("relay", f"It gets on (at {heartbeat.place}).")


def beat(conn: Connection) -> Finding:
    latest = heartbeats.latest(conn)
    heartbeat, neighbour = latest.get(BEAT), latest.get(RELAY)
    if neighbour is not None and neighbour.running_seconds < _BEAT_SECONDS and _is_late(heartbeat):
        return ok("beat", "Everything started a moment ago; its first beat takes a minute or two.")
    if heartbeat is None or _is_late(heartbeat):
        told = f"{_last_seen('Beat', heartbeat)}: the upkeep waits; nothing rests on it alone."
        return warning("beat", told, _START)
    return ok("beat", f"It gets on (at {heartbeat.place}).")


def _is_late(heartbeat: Heartbeat | None) -> bool:
    return heartbeat is None or heartbeat.age_seconds > _BEAT_SECONDS


def _last_seen(name: str, heartbeat: Heartbeat | None) -> str:
    if heartbeat is None:
        return f"{name} has never shown itself"
    return f"{name} was last seen {heartbeat.age_seconds:.0f} s ago (at {heartbeat.place})"


def claims(conn: Connection) -> Finding:
    row = conn.execute(load("checks")["overdue_claims"]).fetchone()
    if row and row["claims"]:
        told = f"{row['claims']} events are held by a worker whose time is over."
        return warning("claims", told, "The relay gives them back: make sure that it runs.")
    return ok("claims", "No worker holds an event beyond its time.")


def lanes(conn: Connection) -> Iterator[Finding]:
    rows = {row["lane"]: row for row in conn.execute(load("checks")["overdue_by_lane"])}
    for lane in ("crisis", "standard"):
        row = rows.get(lane)
        yield lane_finding(lane, row["events"] if row else 0, row["oldest_seconds"] if row else 0.0)


def lane_finding(lane: str, events: int, oldest_seconds: float) -> Finding:
    """Judged by the oldest event that may be taken up and is not."""
    name, told = f"{lane} lane", f"{events} events are due and not taken up, the oldest since {oldest_seconds:.0f} s."
    action = f"Make sure that workers of this lane run; more of them: CARELANE_FORMATION={lane}=2."
    if lane == "crisis" and oldest_seconds > _CRISIS_FAULT_SECONDS:
        return fault(name, told, action)
    if oldest_seconds > (_CRISIS_WARNING_SECONDS if lane == "crisis" else _STANDARD_WARNING_SECONDS):
        return warning(name, told, action)
    return ok(name, told if events else "Nothing is due and not taken up.")


def open_guards(conn: Connection) -> Finding:
    found = guards.standing(conn)
    if found:
        types = ", ".join(
            f"{guard.type or 'no type'} until {iso(guard.ends_at.replace(microsecond=0))}" for guard in found
        )
        return warning(
            "guards",
            f"Too many dead letters of one type, so more of them are parked: {types}.",
            "See why they died (`carelane dead list`), mend that, then requeue them.",
        )
    return ok("guards", "No type of event dies in a flood.")


def partitions(conn: Connection) -> Finding:
    missing = [row["name"] for row in conn.execute(load("checks")["missing_partitions"])]
    if missing:
        told = (
            f"There is no {', no '.join(missing)}: what comes then goes to the default partition and cannot be pruned."
        )
        return warning("partitions", told, "Make sure that beat and a worker run: upkeep makes them every six hours.")
    return ok("partitions", "Those of the coming months are there.")


def sealing(conn: Connection, private_key: bytes | None) -> Finding:
    """Whether this private key opens what the front door seals now."""
    row = conn.execute(load("checks")["newest_data_key"]).fetchone()
    if private_key is None or row is None:
        return ok("sealing", "No private key is set here." if private_key is None else "Nothing was sealed yet.")
    mine = fingerprint(public_key_of(private_key))
    if row["recipient"] != mine:
        return fault(
            "sealing",
            f"The front door seals for the key {row['recipient']}, and this private key is {mine}'s.",
            "Give workers the private key that belongs to the door's CARELANE_SEAL_PUBLIC_KEY.",
        )
    return ok("sealing", "This private key opens what the front door seals now.")


def delivery(conn: Connection) -> Finding:
    found = owed.read(conn)
    if found.oldest_seconds > _UNTOLD_SECONDS:
        told = f"{found.untold} notices are told to nobody, the oldest since {found.oldest_seconds:.0f} s."
        return fault("delivery", told, "Start `deliver`, and read its log if it does not stay up.")
    disabled = [endpoint.name for endpoint in found.callbacks if endpoint.disabled_at is not None]
    failing = [endpoint.name for endpoint in found.callbacks if endpoint.failing_since is not None]
    if disabled or failing:
        told = f"Disabled endpoints: {', '.join(disabled) or 'none'}; failing ones: {', '.join(failing) or 'none'}."
        return warning("delivery", told, "See `carelane callbacks list`, mend the receiver, then enable or requeue.")
    return ok("delivery", "What is owed is told, and every endpoint takes its callbacks.")


CHECKS: dict[str, Callable[[Connection], Finding]] = {
    "relay": relay,
    "beat": beat,
    "claims": claims,
    "guards": open_guards,
    "partitions": partitions,
    "delivery": delivery,
    "audit trail": trail.look,
}
