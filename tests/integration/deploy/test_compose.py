"""docker-compose.yml as a client of Docker reads it: every process, each with its own share of the secrets."""

import dataclasses
import json
import re
import subprocess
from pathlib import Path

import pytest

from ingress.cli import alone
from shared.config import Settings
from tests.peers import need

ROOT = Path(__file__).resolve().parents[3]
OURS = set(alone.entries())
BY_HAND = {"command", "migrate"}
THEIRS = {"nginx", "postgres", "valkey"}
WORKERS = {"crisis", "standard", "steady"}
CANARY = "a-secret-of-the-test"
_DOCUMENT = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory):
    """deploy/env.example with every line filled in that it says must be."""
    text = (ROOT / "deploy/env.example").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("compose") / "env"
    path.write_text(re.sub(r"^(\w+)=$", rf"\1={CANARY}", text, flags=re.MULTILINE))
    return path


@pytest.fixture(scope="module")
def client():
    return need("docker-compose", package="docker-compose")


def config(client, settings_file, *flags):
    command = [client, "--project-directory", ROOT, "-f", ROOT / "docker-compose.yml", "--env-file", settings_file]
    environ = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [*command, "config", *flags], env=environ, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def services(client, settings_file):
    ran = config(client, settings_file)
    assert ran.returncode == 0, ran.stderr
    # The client is a Python program, and its interpreter reads YAML; ours need not.
    interpreter = client.read_text().splitlines()[0].removeprefix("#!").strip()
    read = subprocess.run(
        [interpreter, "-c", _DOCUMENT], input=ran.stdout, capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(read.stdout)["services"]


def test_a_client_takes_the_file_with_the_settings_of_the_example(client, settings_file):
    ran = config(client, settings_file, "-q")
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr


def test_a_secret_that_was_left_out_stops_it(client, settings_file, tmp_path):
    partly = tmp_path / "env"
    partly.write_text(settings_file.read_text().replace(f"STRIPE_WEBHOOK_SECRETS={CANARY}", "STRIPE_WEBHOOK_SECRETS="))
    ran = config(client, partly, "-q")
    assert ran.returncode != 0
    assert "STRIPE_WEBHOOK_SECRETS" in ran.stderr


def test_every_process_of_the_procfile_is_a_service_and_runs_as_the_procfile_says(services):
    assert set(services) == OURS | BY_HAND | THEIRS
    assert {name: services[name]["command"] for name in OURS} == {name: ["run", name] for name in OURS}


def test_each_process_is_given_what_it_needs(services):
    lacking = [(name, need) for name in OURS for need in alone.NEEDS[name] if need not in services[name]["environment"]]
    assert lacking == []


def mentions(service, word):
    return word in json.dumps(service)


def test_only_workers_hold_the_key_that_opens_bodies_and_only_as_a_file(services):
    for word in ("unseal_private_key", "CARELANE_UNSEAL_PRIVATE_KEY"):
        assert {name for name, service in services.items() if mentions(service, word)} == WORKERS
    assert {services[name]["environment"]["CARELANE_UNSEAL_PRIVATE_KEY"] for name in WORKERS} == {
        "file:/run/secrets/unseal_private_key"
    }


@pytest.mark.parametrize(
    ("variable", "holders"),
    [
        ("STRIPE_WEBHOOK_SECRETS", {"webhook"}),
        ("CARELANE_LOOKUP_KEY", {"webhook", "app", "stream", "command", *WORKERS}),
        ("CARELANE_CALLBACK_KEY", {"deliver", "command"}),
        ("STRIPE_API_KEY", {"command", *WORKERS}),
        ("CARELANE_AUDIT_SIGNING_KEY", {"relay"}),
        ("CARELANE_OIDC_CLIENT_SECRET", {"app"}),
        ("CARELANE_FLOWER_PASSWORD", {"flower"}),
        ("POSTGRES_PASSWORD", {"postgres"}),
    ],
)
def test_a_secret_is_known_to_those_alone_that_use_it(services, variable, holders):
    assert {name for name, service in services.items() if variable in (service.get("environment") or {})} == holders


def test_the_rules_are_the_same_for_every_process(services):
    """With different ones they would tell changes of access back and forth."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    rules = re.findall(
        r"^  (CARELANE_\w+): \$\{\1:-\}$", text.partition("x-rules:")[2].partition("\n\n")[0], re.MULTILINE
    )
    of_people = ("price_tiers", "grace", "phq9", "gad7", "emergency", "access_critical", "payout_stale", "livemode")
    known = {f.metadata["name"] for f in dataclasses.fields(Settings) if f.name.startswith(of_people)}
    assert set(rules) == known
    for name in {"webhook", "app", "relay", "command", *WORKERS}:
        assert known <= set(services[name]["environment"]), name


def test_no_secret_stands_on_a_command_line(services):
    lines = [
        [service.get("command"), service.get("entrypoint"), service.get("healthcheck")] for service in services.values()
    ]
    assert CANARY not in json.dumps(lines)


def test_nothing_but_nginx_can_be_reached_from_outside_this_machine(services):
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    assert published.pop("nginx") == ["0.0.0.0:443:8443/tcp"]
    assert set(published) == {"app", "stream", "flower"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_nginx_reaches_the_webhook_door_and_nothing_else(services):
    neighbours = {
        name for name, service in services.items() if set(service["networks"]) & set(services["nginx"]["networks"])
    }
    assert neighbours == {"nginx", "webhook"}


def test_everything_that_runs_on_has_a_health_check_limits_and_a_restart(services):
    for name in OURS | THEIRS:
        service = services[name]
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name
        assert service["mem_limit"], name
        assert service["cpus"], name
        assert service["stop_grace_period"] in {"30s", "60s", "1m0s"}, name


def test_ours_are_not_root_and_cannot_write_to_their_image(services):
    for name in OURS | BY_HAND | {"nginx", "valkey"}:
        assert services[name]["read_only"] is True, name
        assert services[name]["cap_drop"] == ["ALL"], name
    assert all("no-new-privileges:true" in service["security_opt"] for service in services.values())
    assert all("privileged" not in service and "network_mode" not in service for service in services.values())


def test_what_the_application_door_knew_last_outlives_its_container(services):
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (home,) = re.findall(r"CARELANE_HOME=(\S+)", image)
    source, target = services["app"]["volumes"][0].split(":")[:2]
    assert (source, Path(target)) == ("app", Path(home).parent)
    # A new volume takes its owner from there; and nothing that goes with the container lies over it.
    assert f"install -d -o carelane -g carelane -m 0700 {target}" in image
    assert services["app"]["tmpfs"] == ["/tmp"]
    others = [service for name, service in services.items() if name != "app"]
    assert not any(mentions(service.get("volumes"), "app:") for service in others)


def test_tables_come_before_whoever_uses_them_and_the_door_does_not_wait_for_the_broker(services):
    for name in OURS - {"beat", "flower"}:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}, name
    assert "valkey" not in services["webhook"]["depends_on"]
    assert services["nginx"]["depends_on"] == {"webhook": {"condition": "service_healthy"}}


def test_postgresql_is_told_to_keep_what_it_confirms(services):
    told = set(services["postgres"]["command"])
    assert {"fsync=on", "synchronous_commit=on", "full_page_writes=on"} <= told
    assert "--data-checksums" in services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
