"""One sample of the access call: as things are, while a store is taken away, or from a start without any."""

import time
from collections.abc import Sequence

from bench import latency, running
from bench.access_calls import Answered, calling
from bench.access_faults import STATES, Fault
from bench.access_scene import Scene
from bench.rounds import Sample

BARE = "bare-flask"
_LEAD_SECONDS = 1.0
_LIVE_AGAIN_SECONDS = 120.0
_HALF = 0.5


class NotSo(RuntimeError):
    """The stores were not as they were meant to be: the figure would tell of something else."""


class Gauge:
    """Takes samples; `taken` has the latencies of all rounds, in seconds, by state."""

    def __init__(self, scene: Scene, *, per_second: float, seconds: float) -> None:
        self._scene = scene
        self._per_second, self._seconds = per_second, seconds
        self.taken: dict[str, list[float]] = {}

    def bare(self) -> Sample:
        with calling(self._scene.bare, per_second=self._per_second) as answers:
            time.sleep(self._seconds)
        return self._summary(BARE, answers)

    def state(self, name: str) -> Sample:
        """It ends when answers are computed again. Raises NotSo."""
        fault = STATES[name]
        answers = self._from_the_start(fault) if fault.before_start else self._from_the_strike(fault)
        share = sum(one.is_degraded for one in answers) / len(answers)
        if fault.degrades != (share > _HALF):
            raise NotSo(f"{name}: {share:.0%} of {len(answers)} answers were degraded")
        again = {"live_again_seconds": self._seconds_until_live()} if fault.degrades else {}
        return {**self._summary(name, answers), "degraded_percent": share * 100, **again}

    def _from_the_strike(self, fault: Fault) -> list[Answered]:
        """Callers are there before: what the fault costs those whom it strikes in the middle is in the figure."""
        with calling(self._scene.asking, per_second=self._per_second) as answers:
            time.sleep(_LEAD_SECONDS)
            began = time.monotonic()
            with fault.strikes(self._scene.stores):
                time.sleep(self._seconds)
                ended = time.monotonic()
        return [one for one in answers if began <= one.asked_at < ended]

    def _from_the_start(self, fault: Fault) -> list[Answered]:
        self._scene.door.stop()
        with fault.strikes(self._scene.stores):
            self._scene.door.start()
            with calling(self._scene.asking, per_second=self._per_second) as answers:
                time.sleep(self._seconds)
        return answers

    def _seconds_until_live(self) -> float:
        began, asking = time.monotonic(), self._scene.asking
        person = asking.people[0]
        running.until(lambda: not asking.once(person).is_degraded, seconds=_LIVE_AGAIN_SECONDS, what="a live answer")
        return time.monotonic() - began

    def _summary(self, name: str, answers: Sequence[Answered]) -> Sample:
        seconds = [one.seconds for one in answers]
        self.taken.setdefault(name, []).extend(seconds)
        return latency.summary(seconds)
