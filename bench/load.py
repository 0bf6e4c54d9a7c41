"""The load: a batch of signed deliveries fired by wrk over a number of connections, each waiting for its answers."""

import json
import resource
import shutil
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from bench import signed
from bench.prepared import Batch

_SCRIPT = Path(__file__).with_name("load.lua")
_TIMEOUT_SECONDS = 10
_OK = 200


class NotClean(RuntimeError):
    """An answer was not 200, or a connection broke: the figure would tell of something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """What came of a load. Latencies are wrk's, which counts the requests that a slow answer kept from being sent."""

    answered: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    generator_cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds


def wrk() -> str | None:
    """Why there can be no load here, None when there can."""
    return None if shutil.which("wrk") else "wrk is not here; Debian has it in wrk"


def fire(url: str, batch: Batch, *, connections: int, seconds: float) -> Fired:
    """Send for so many seconds, or until the batch is used up. Raises NotClean."""
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--timeout", f"{_TIMEOUT_SECONDS}s"]
    command += ["--duration", f"{max(1, round(seconds))}s", "--script", str(_SCRIPT), url, "--"]
    before = _children_cpu_seconds()
    done = subprocess.run(
        [*command, str(batch.template), str(batch.records)],
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
    )
    if done.returncode:
        raise NotClean(f"wrk ended with {done.returncode}: {done.stderr[-1000:]}")
    return _read(done.stdout, generator_cpu_seconds=_children_cpu_seconds() - before)


def _read(said: str, *, generator_cpu_seconds: float) -> Fired:
    told = json.loads(said.strip().splitlines()[-1])
    if told["refused"] or told["broken"] or not told["answered"]:
        raise NotClean(f"{told['answered']} answers, {told['refused']} not 200, {told['broken']} broken: {said}")
    return Fired(
        answered=told["answered"],
        seconds=told["microseconds"] / 1e6,
        p50_ms=told["p50"] / 1e3,
        p95_ms=told["p95"] / 1e3,
        p99_ms=told["p99"] / 1e3,
        max_ms=told["max"] / 1e3,
        generator_cpu_seconds=generator_cpu_seconds,
    )


def _children_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def post(url: str, delivery: signed.Delivery) -> None:
    """One delivery; raises NotClean when the answer is not exactly 200, for wrk counts any 2xx as well answered."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": delivery.header}
    request = urllib.request.Request(url, data=delivery.body, headers=headers)
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
        if answer.status != _OK:
            raise NotClean(f"{url} answered {answer.status}")
