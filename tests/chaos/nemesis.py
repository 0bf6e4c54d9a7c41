"""What strikes a running Carelane at random: processes and servers killed or frozen, the broker wiped. Seeded."""

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import redis

PAUSE_SECONDS = (0.5, 3.0)
FREEZE_SECONDS = (0.5, 6.0)
GONE = (ProcessLookupError, PermissionError, TypeError, KeyError)  # it was just struck, and is not back yet


class Nemesis:
    """`strikes` counts what fell; `failure` is what went wrong with the nemesis itself."""

    def __init__(self, scene, chance):
        self._scene, self._chance = scene, chance
        self.strikes = Counter()
        self.failure = None

    def rage(self, seconds):
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                time.sleep(self._chance.uniform(*PAUSE_SECONDS))
                strike, names = self._chance.choice(STRIKES)
                with suppress(*GONE):
                    strike(self, self._chance.choice(names))
        except Exception as error:  # noqa: BLE001 - told by the test, which is another thread
            self.failure = error

    def kill(self, name):
        os.killpg(self._scene.carelane.pids()[name], signal.SIGKILL)
        self.strikes[f"{name} killed"] += 1

    def kill_child(self, name):
        parent = self._scene.carelane.pids()[name]
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        os.kill(int(self._chance.choice(children)), signal.SIGKILL)
        self.strikes[f"a child of {name} killed"] += 1

    def kill_alone(self, name):
        """The leader of its group; PostgreSQL's children end by themselves."""
        os.kill(self._scene.carelane.pids()[name], signal.SIGKILL)
        self.strikes[f"{name} killed"] += 1

    def freeze(self, name):
        group = self._scene.carelane.pids()[name]
        os.killpg(group, signal.SIGSTOP)
        try:
            time.sleep(self._chance.uniform(*FREEZE_SECONDS))
        finally:
            with suppress(*GONE):
                os.killpg(group, signal.SIGCONT)
        self.strikes[f"{name} frozen"] += 1

    def wipe(self, _name):
        with suppress(redis.RedisError), self._scene.broker() as broker:
            broker.flushall()
            self.strikes["broker wiped"] += 1


WORKERS = ("crisis", "standard", "steady")
STRIKES = (
    (Nemesis.kill, WORKERS),
    (Nemesis.kill, WORKERS),
    (Nemesis.kill_child, WORKERS),
    (Nemesis.freeze, WORKERS),
    (Nemesis.kill, ("relay", "deliver", "beat")),
    (Nemesis.freeze, ("relay",)),
    (Nemesis.kill_child, ("webhook",)),
    (Nemesis.kill, ("webhook",)),
    (Nemesis.kill_alone, ("valkey",)),
    (Nemesis.freeze, ("valkey",)),
    (Nemesis.kill_alone, ("postgres",)),
    (Nemesis.wipe, ("valkey",)),
)
