"""Prometheus as deploy/prometheus configures it, over targets on loopback and looking more often; asked by its API."""

import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from tests.peers import need
from tests.running import ROOT, until
from tests.servers import free_port

SHIPPED = ROOT / "deploy" / "prometheus"


def configuration(targets):
    """The shipped one; `targets` are ports by job, and a job that has none here is left out."""
    text = (SHIPPED / "prometheus.yml").read_text(encoding="utf-8")
    head, _, _ = text.partition("scrape_configs:")
    jobs = [
        f'  - {{job_name: {job}, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}' for job, port in targets.items()
    ]
    assert all(f"job_name: {job}\n" in text for job in targets)
    return re.sub(r"interval: 15s|scrape_timeout: 5s", _sooner, head) + "scrape_configs:\n" + "\n".join(jobs) + "\n"


def _sooner(found):
    return "scrape_timeout: 4s" if "timeout" in found[0] else "interval: 4s"


class Prometheus:
    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}/api/v1/"

    def ask(self, call: str, **query: str):
        asked = f"{self._address}{call}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)["data"]

    def value(self, expression: str) -> float | None:
        found = self.ask("query", query=expression)["result"]
        return float(found[0]["value"][1]) if found else None

    def firing(self) -> set[str]:
        alerts = self.ask("alerts")["alerts"]
        return {one["labels"]["alertname"] for one in alerts if one["state"] == "firing"}

    def are_up(self) -> bool:
        targets = self.ask("targets")["activeTargets"]
        return bool(targets) and all(one["health"] == "up" for one in targets)


@contextmanager
def watching(place: Path, **targets: int):
    """Ready, with every target up."""
    program, port = need("prometheus", package="prometheus"), free_port()
    shutil.copytree(SHIPPED / "alerts", place / "alerts")
    jobs = {f"carelane-{name}": target for name, target in targets.items()}
    (place / "prometheus.yml").write_text(configuration(jobs), encoding="utf-8")
    command = [program, f"--config.file={place}/prometheus.yml", f"--storage.tsdb.path={place}/data"]
    with (place / "prometheus.log").open("wb") as log:
        process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    try:
        prometheus = Prometheus(port)
        until(lambda: _is_up(prometheus) or process.poll() is not None)
        assert process.poll() is None, (place / "prometheus.log").read_text()
        yield prometheus
    finally:
        process.terminate()
        process.wait(30)


def _is_up(prometheus: Prometheus) -> bool:
    try:
        return prometheus.are_up()
    except OSError:
        return False
