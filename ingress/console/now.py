"""How the walk stands now: figures that renew themselves where scripts run, and a page like any other where not."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask import Blueprint, Response

from ingress.console import charts, past
from ingress.console.guarding import guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import event_hours, staff_acts, walk_figures
from shared.heartbeats import BEAT, BEAT_EVERY_SECONDS, DOORBELL, RELAY, RELAY_EVERY_SECONDS
from shared.rules.lanes import LANES
from shared.walk_figures import Figures

T = TypeVar("T")

_FRESH_SECONDS = 2.0
_SHOWN_LATENCIES = 60
# How old a heartbeat may be: three beats.
_ALIVE_SECONDS = {
    RELAY: RELAY_EVERY_SECONDS * 3,
    DOORBELL: RELAY_EVERY_SECONDS * 3,
    BEAT: BEAT_EVERY_SECONDS * 3,
}
_PARTS = {RELAY: "Relay", DOORBELL: "Broker, as the relay reaches it", BEAT: "Upkeep"}


def add_routes(blueprint: Blueprint, house: House) -> None:
    desk = Desk(house)
    sees = guarded(house, "events.see")
    # Nobody may be sitting before a page that renews itself.
    watches = guarded(house, "events.see", is_work=False)
    blueprint.add_url_rule("/now", "now", sees(desk.now), methods=["GET"])
    blueprint.add_url_rule("/now/live", "now_live", watches(desk.live), methods=["GET"])


@dataclass(slots=True)
class Remembered(Generic[T]):
    """However many watch, the database and the broker are asked once in two seconds."""

    read: Callable[[], T]
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: tuple[float, T] | None = None

    def figures(self) -> T:
        with self._lock:
            known = self._known
            if known is None or self.clock() - known[0] >= _FRESH_SECONDS:
                known = self._known = (self.clock(), self.read())
            return known[1]


class Desk:
    def __init__(self, house: House) -> None:
        self._house = house
        self._remembered = Remembered(self._read)
        self._stripe = Remembered(house.stripe)

    def now(self) -> Response:
        with self._house.transaction() as conn:
            latest, summed = staff_acts.latest(conn, most=5), event_hours.read(conn)
        shown = self._shown()
        drawn = past.drawn(summed, shown["figures"].read_at)
        return page("now.html", title="Now", latest=latest, past=drawn, **shown)

    def live(self) -> Response:
        return page("now_live.html", title="Now", **self._shown())

    def _read(self) -> Figures:
        with self._house.transaction() as conn:
            return walk_figures.read(conn)

    def _shown(self) -> Mapping[str, Any]:
        found = self._remembered.figures()
        latencies = found.latencies
        return {
            "figures": found,
            "lanes": LANES,
            "minutes": {
                lane: charts.stacked([(one.ended, one.received - one.ended) for one in found.minutes[lane]])
                for lane in LANES
            },
            "speed": charts.against(latencies.milliseconds, walk_figures.PROMISED_MS, places=_SHOWN_LATENCIES),
            "promised": walk_figures.PROMISED_MS,
            "parts": [
                (words, beat, beat is not None and beat.age_seconds <= _ALIVE_SECONDS[name])
                for name, words in _PARTS.items()
                for beat in (found.heartbeats.get(name),)
            ],
            "stripe": self._stripe.figures(),
            "flower": self._house.settings.flower_port,
        }
