"""deploy/monitoring.yml over docker-compose.yml: every process is scraped, and nobody outside this machine sees it."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from ingress.cli import alone
from tests.peers import need

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
DASHBOARDS = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
_DOCUMENT = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"


@pytest.fixture(scope="module")
def client():
    return need("docker-compose", package="docker-compose")


@pytest.fixture(scope="module")
def read(client):
    """The client is a Python program, and its interpreter reads YAML; ours need not."""
    interpreter = client.read_text().splitlines()[0].removeprefix("#!").strip()

    def read(text):
        command = [interpreter, "-c", _DOCUMENT]
        return json.loads(subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout)

    return read


@pytest.fixture(scope="module")
def services(client, read, tmp_path_factory):
    example = (DEPLOY / "env.example").read_text(encoding="utf-8")
    settings = tmp_path_factory.mktemp("monitoring") / "env"
    settings.write_text(re.sub(r"^(\w+)=$", r"\1=secret", example, flags=re.MULTILINE) + "\nGRAFANA_PASSWORD=secret\n")
    files = ["-f", ROOT / "docker-compose.yml", "-f", DEPLOY / "monitoring.yml"]
    command = [client, "--project-directory", ROOT, *files, "--env-file", settings, "config"]
    ran = subprocess.run(
        command, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return read(ran.stdout)["services"]


@pytest.fixture(scope="module")
def targets(read):
    """Port by the name under which Docker knows its containers."""
    jobs = read((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    found = [one for job in jobs for one in job["dns_sd_configs"]]
    return {name: one["port"] for one in found for name in one["names"]}


def test_every_process_of_ours_is_scraped_where_it_shows_its_figures(services, targets):
    assert set(targets) == set(alone.entries()) - {"flower"}  # which has figures of its own, of the workers
    doors = {"webhook": 8000, "app": 8001, "stream": 8002}
    for name, port in targets.items():
        told = services[name]["environment"].get("CARELANE_METRICS_PORT")
        assert port == (doors[name] if name in doors else int(told)), name
        assert "data" in services[name]["networks"], name


def test_it_is_seen_from_this_machine_only_and_writes_to_its_own_volumes(services):
    for name in ("prometheus", "grafana"):
        service = services[name]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"]), name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["mem_limit"], name
        assert service["healthcheck"]["test"], name
    assert "data" not in services["grafana"]["networks"]


def panels(path):
    return [panel for panel in json.loads(path.read_text(encoding="utf-8"))["panels"] if panel["type"] != "row"]


def test_there_is_a_dashboard_for_health_crisis_safety_and_performance():
    assert [path.stem for path in DASHBOARDS] == ["crisis", "health", "performance"]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_panels_lie_beside_each_other_and_ask_the_provisioned_source(path, read):
    source = read((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))
    taken = set()
    for panel in panels(path):
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
        assert max(x for x, _ in cells) < 24
        assert panel["datasource"]["uid"] == source["datasources"][0]["uid"]


def test_prometheus_understands_every_panel(tmp_path):
    asked = [target["expr"] for path in DASHBOARDS for panel in panels(path) for target in panel["targets"]]
    rules = [{"record": f"panel:{number}", "expr": expr} for number, expr in enumerate(asked)]
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    ran = subprocess.run(
        [need("promtool", package="prometheus"), "check", "rules", tmp_path / "panels.yml"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
