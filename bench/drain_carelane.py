"""Carelane's part of the draining: the Procfile's two standard workers and the relay."""

from collections.abc import Sequence

from bench import backlog, running, signed
from bench.rounds import Sample
from bench.servers import Services

_WARM_UP = 300
_PER_SECOND_AT_LEAST = 50


def drain(
    services: Services, *, events: int, subjects: int, names: Sequence[str] = (*running.WORKERS, "relay")
) -> Sample:
    """From the commit that releases the backlog to the last event settled."""
    database_url = services.new_database("drained")
    services.empty_broker()
    with running.carelane(services, database_url, names) as carelane:
        _release(carelane, _WARM_UP, subjects)
        services.settle()
        return _release(carelane, events, subjects)


def _release(carelane: running.Carelane, events: int, subjects: int) -> Sample:
    after, cpu_before = carelane.last_row(), carelane.cpu_seconds()
    backlog.release(carelane.conn, carelane.keys, signed.Wish(count=events, subjects=subjects))
    released_at = carelane.now()
    outcome = carelane.wait(after, seconds=60 + events / _PER_SECOND_AT_LEAST)
    seconds = (outcome["last_settled_at"] - released_at).total_seconds()
    used = carelane.cpu_seconds() - cpu_before
    return {"events_per_second": events / seconds, "cpu_seconds_per_1000": used / events * 1000, "seconds": seconds}
