"""Connects what shows that a worker or beat gets on: readiness, the pulse, and the watchdog."""

import os
import threading
import time
from typing import Any

from celery import signals

from shared import metrics_port, pulse
from shared.config import Settings
from workers import readiness, watchdog
from workers.taking import Taking
from workers.watchdog import Watchdog


def connect(settings: Settings) -> None:
    """To be called before any child is forked: what they share with their parent is made here."""
    taking = Taking()

    def started(**_: Any) -> None:
        taking.starts()

    def rested(**_: Any) -> None:
        taking.rests()

    def ready(sender: Any, **_: Any) -> None:
        readiness.announce(settings.home)
        metrics_port.serve(settings)
        _beat_on(settings)
        if settings.database_url is not None:
            _watch(settings, list(sender.app.amqp.queues.consume_from), taking)

    def beat_ready(**_: Any) -> None:
        readiness.announce(settings.home)
        metrics_port.serve(settings)
        _beat_on(settings)

    # In the child. A new one has taken nothing over from the one before.
    signals.worker_process_init.connect(rested, weak=False)
    signals.task_prerun.connect(started, weak=False)
    signals.task_postrun.connect(rested, weak=False)
    # In the parent.
    signals.worker_ready.connect(ready, weak=False)
    signals.beat_init.connect(beat_ready, weak=False)


def _watch(settings: Settings, lanes: list[str], taking: Taking) -> None:
    dog = Watchdog(settings, watchdog.limits_of(settings, lanes), taking)
    signals.task_received.connect(lambda **_: dog.handed(), weak=False)
    signals.task_revoked.connect(lambda **_: dog.taken_back(), weak=False)
    # Asked to stop, it takes nothing up on purpose.
    signals.worker_shutting_down.connect(lambda **_: dog.stop(), weak=False)
    dog.start()


def _beat_on(settings: Settings) -> None:
    """From a thread of its own: it shows that the process turns, and must wait for nothing that others wait for."""
    process = os.environ.get("CARELANE_PROCESS")

    def beat() -> None:
        while True:
            pulse.beat(settings.home, str(process))
            time.sleep(pulse.EVERY_SECONDS)

    if process:
        threading.Thread(target=beat, name="pulse", daemon=True).start()
