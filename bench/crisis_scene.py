"""The situations in which crisis latency is measured, each on a Carelane of its own, all of its Procfile running."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial

from bench import backlog, latency, load, paced, prepared, processes, running, signed
from bench.load import Fired
from bench.paced import Posted
from bench.rounds import Sample
from bench.running import Carelane, Span
from bench.servers import Services
from bench.statements import load as statements
from shared.inbox import customer_hash

_PEOPLE = 50
_NEW_PER_SECOND = 500
_STORM_CONNECTIONS = 64
_STORM_PER_SECOND_AT_MOST = 9000
_WARM_UP = 100
_LEAD_SECONDS = 2.0
_CRISIS_CONNECTIONS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many crisis events, how many of them a second, and how many standard ones wait when they begin."""

    events: int
    per_second: float
    waiting: int

    @property
    def seconds(self) -> float:
        return self.events / self.per_second


@dataclass(slots=True)
class Situation:
    """`beside(carelane, seconds)` prepares the load beside the crisis events and gives what begins it.

    `receipts` gathers the latencies of all rounds.
    """

    beside: Callable[[Carelane, float], AbstractContextManager[Callable[[], object]]]
    has_backlog: bool
    receipts: list[float] = field(default_factory=list)


@contextmanager
def _nothing(_carelane: Carelane, _seconds: float) -> Iterator[Callable[[], object]]:
    yield lambda: None


@contextmanager
def _new_events(carelane: Carelane, seconds: float) -> Iterator[Callable[[], object]]:
    """From a process of its own, so that it does not delay what measures."""
    words = ["--per-second", str(_NEW_PER_SECOND), "--seconds", str(seconds)]
    command = [sys.executable, "-m", "bench.paced", carelane.url, *words]
    with ThreadPoolExecutor(1) as pool:
        sent: list[Future[object]] = []
        run = partial(subprocess.run, command, env=processes.inherited(), cwd=processes.ROOT, check=True)
        yield lambda: sent.append(pool.submit(run, stdout=subprocess.DEVNULL, timeout=seconds + 60))
        for one in sent:
            one.result()


@contextmanager
def _storm(carelane: Carelane, seconds: float) -> Iterator[Callable[[], object]]:
    with prepared.batch(carelane.url, int(seconds * _STORM_PER_SECOND_AT_MOST)) as batch, ThreadPoolExecutor(1) as pool:
        fired: list[Future[Fired]] = []
        fire = partial(load.fire, carelane.url, batch, connections=_STORM_CONNECTIONS, seconds=seconds)
        yield lambda: fired.append(pool.submit(fire))
        if any(one.result().seconds < seconds * 0.9 for one in fired):
            raise RuntimeError("the storm was over too soon: more must be prepared")


def situations() -> Mapping[str, Situation]:
    return {
        "idle": Situation(_nothing, has_backlog=False),
        "backlog": Situation(_new_events, has_backlog=True),
        "storm": Situation(_storm, has_backlog=True),
    }


def measure(services: Services, situation: Situation, size: Size) -> Sample:
    """One round: a fresh Carelane, people in crisis, the load beside them, then their events."""
    database_url = services.new_database("crisis")
    services.empty_broker()
    with running.carelane(services, database_url, running.ALL) as carelane:
        _open_crises(carelane)
        warm_up = _send(carelane, _WARM_UP, size.per_second)
        carelane.ended([one.event for one in warm_up], lane="crisis")
        with situation.beside(carelane, size.seconds + 2 * _LEAD_SECONDS) as begin:
            if situation.has_backlog:
                wish = signed.Wish(count=size.waiting, subjects=max(1, size.waiting // 10))
                backlog.release(carelane.conn, carelane.keys, wish)
            begin()
            time.sleep(_LEAD_SECONDS)
            posted = _send(carelane, size.events, size.per_second)
            waiting = carelane.waiting()
        ended = carelane.ended([one.event for one in posted], lane="crisis")
    return _sample(situation, posted, ended) | {"still_waiting": waiting}


def _open_crises(carelane: Carelane) -> None:
    for number in range(_PEOPLE):
        known = customer_hash(carelane.keys.lookup, _customer(number))
        carelane.conn.execute(statements("carelane")["open_crisis"], {"person": f"p{number}", "customer_hash": known})


def _customer(number: int) -> str:
    return f"cus_c{number % _PEOPLE:013d}"


def _send(carelane: Carelane, count: int, per_second: float) -> list[Posted]:
    wish = signed.Wish(count=count, customer_of=_customer)
    deliveries = list(signed.deliveries(wish))
    return paced.send(carelane.url, deliveries, per_second=per_second, connections=_CRISIS_CONNECTIONS)


def _sample(situation: Situation, posted: list[Posted], ended: Mapping[str, Span]) -> dict[str, float]:
    receipts = [span.seconds for span in ended.values()]
    situation.receipts.extend(receipts)
    from_post = [ended[one.event].settled_at.timestamp() - one.sent_at for one in posted]
    answers = [one.answered_seconds for one in posted]
    return {
        **latency.summary(receipts),
        **latency.summary(from_post, prefix="post_to_commit_"),
        **latency.summary(answers, prefix="post_"),
    }
