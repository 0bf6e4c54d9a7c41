"""The settings of PostgreSQL that "answered 200 means kept" rests on, its clock, and its room for connections."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.checks.finding import Finding, fault, ok, warning
from shared.config import SIGNATURE_TOLERANCE_SECONDS, Settings

_OLDEST_MAJOR, _NEWEST_MAJOR = 15, 18
_CLOCK_WARNING_SECONDS, _CLOCK_FAULT_SECONDS = 5.0, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The server as our sessions find it; `connections` is how many ordinary roles may open in all."""

    version_number: int
    fsync: str
    full_page_writes: str
    synchronous_commit: str
    data_checksums: str
    read_only: bool
    connections: int
    taken_by_others: int


def judged(server: Server) -> Iterator[Finding]:
    yield version(server)
    yield durability(server)
    yield checksums(server)
    yield writable(server)


def version(server: Server) -> Finding:
    major = server.version_number // 10_000
    if major < _OLDEST_MAJOR:
        return fault("postgresql version", f"PostgreSQL {major} is too old.", f"Move to {_OLDEST_MAJOR} or later.")
    if major > _NEWEST_MAJOR:
        return warning(
            "postgresql version",
            f"PostgreSQL {major} is newer than what is tested.",
            f"{_OLDEST_MAJOR} to {_NEWEST_MAJOR} are; look for a newer Carelane.",
        )
    return ok("postgresql version", f"PostgreSQL {major}")


def durability(server: Server) -> Finding:
    """`local` and `remote_write` last on this server as `on` does; only `off` confirms what is not yet on disk."""
    settings = {
        "fsync": server.fsync,
        "full_page_writes": server.full_page_writes,
        "synchronous_commit": server.synchronous_commit,
    }
    off = [name for name, value in settings.items() if value == "off"]
    if off:
        return fault(
            "postgresql durability",
            f"{' and '.join(off)} off: events that were answered 200 may be lost when the server falls.",
            "Set it to on in postgresql.conf, and look for ALTER ROLE or ALTER DATABASE … SET that turn it off.",
        )
    return ok("postgresql durability", "A confirmed commit lasts.")


def checksums(server: Server) -> Finding:
    if server.data_checksums != "on":
        return warning(
            "postgresql checksums",
            "Data checksums are off: a failing disk would go unnoticed.",
            "Stop the server and run pg_checksums --enable.",
        )
    return ok("postgresql checksums", "Data checksums are on.")


def writable(server: Server) -> Finding:
    if server.read_only:
        return fault(
            "postgresql writable",
            "It takes no writes: it is a standby, or read-only.",
            "Let DATABASE_URL name the primary (with several hosts: target_session_attrs=read-write).",
        )
    return ok("postgresql writable", "It takes writes.")


def clock(ahead_seconds: float) -> Finding:
    """How far this machine's clock is ahead of the database's."""
    off = abs(ahead_seconds)
    told = f"This machine's clock is {off:.1f} s {'ahead of' if ahead_seconds > 0 else 'behind'} PostgreSQL's"
    action = "Let chrony or systemd-timesyncd keep both clocks."
    if off > _CLOCK_FAULT_SECONDS:
        why = f"signatures are judged by this clock, and {SIGNATURE_TOLERANCE_SECONDS} s off they are all refused"
        return fault("clock", f"{told}: {why}.", action)
    if off > _CLOCK_WARNING_SECONDS:
        return warning("clock", f"{told}.", action)
    return ok("clock", "This machine and PostgreSQL agree on the time.")


def ahead_seconds(before: datetime, told: datetime, after: datetime) -> float:
    """Our clock read before and after the question: the truth about the answer's moment lies between."""
    return (before + (after - before) / 2 - told).total_seconds()


def connections_of(settings: Settings, counts: Mapping[str, int]) -> int:
    """The most that so many of each process open, with a few for commands; each pool's size stands where it opens."""
    each = {
        "webhook": settings.webhook_processes * 3,  # it keeps events, tells for whom nobody rang, asks if it is ready
        # Twelve, four that the access call has to itself, two that its event loop asks on, and two for people's pages.
        "app": settings.app_processes * 20,
        "stream": 5,  # four that admit and let go on, and the one that reads for all streams
        **dict.fromkeys(("crisis", "standard", "steady"), 3),  # the pool's two and the watchdog's
        "relay": 2,
        "deliver": 5,  # one gives positions, the others send callbacks
    }
    commands = 5
    return commands + sum(each.get(name, 0) * count for name, count in counts.items())


def connections(server: Server, needed: int) -> Finding:
    left = server.connections - server.taken_by_others
    if needed > left:
        return warning(
            "postgresql connections",
            f"Our processes may open {needed}, and {left} are left for them.",
            "Raise max_connections, run fewer processes (CARELANE_APP_PROCESSES, CARELANE_WEBHOOK_PROCESSES), or put"
            " PgBouncer between.",
        )
    return ok("postgresql connections", f"Our processes may open {needed} of the {left} that are left for them.")
