"""Beside the door, in a thread of its own: tells the audit trail what was refused, and looks at the list of sources."""

import threading
from collections.abc import Mapping

import structlog

from ingress.webhook.armour import Armour
from ingress.webhook.metrics import Metrics
from shared import audit
from shared.db import Pool
from shared.errors import CarelaneError

EVERY_SECONDS = 60.0
ACTOR, ACT = "door:webhook", "requests.refused"


class Upkeep:
    """One for each process; `close` writes down the last of it."""

    def __init__(self, armour: Armour, metrics: Metrics, pool: Pool, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._armour = armour
        self._metrics = metrics
        self._pool = pool
        self._every_seconds = every_seconds
        self._closing = threading.Event()
        self._refresh()
        self._thread = threading.Thread(target=self._work, name="upkeep", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join(timeout=5.0)

    def _work(self) -> None:
        closing = False
        while not closing:
            closing = self._closing.wait(self._every_seconds)
            try:
                self._refresh()
                self._write_down()
            except Exception:  # noqa: BLE001 - the door goes on, and this thread with it
                structlog.get_logger(__name__).exception("the door's upkeep failed", action="webhook.upkeep")

    def _refresh(self) -> None:
        if self._armour.sources is not None:
            self._armour.sources.refresh()
            self._metrics.sources_stale.set(self._armour.sources.is_stale)

    def _write_down(self) -> None:
        taken = self._armour.tally.take()
        if not taken:
            return
        try:
            with self._pool.transaction() as conn:
                audit.record_all(conn, records(taken))
        except CarelaneError:
            self._armour.tally.put_back(taken)


def records(taken: Mapping[tuple[str, str], int]) -> list[audit.Record]:
    return [
        audit.Record(actor=ACTOR, act=ACT, object=f"source:{source}", after={"code": code, "count": count})
        for (code, source), count in taken.items()
    ]
