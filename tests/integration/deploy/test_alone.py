"""Every process run as its container runs it: by `carelane run`, with a home of its own and only its own settings."""

import base64
import os
import subprocess
import sys
from contextlib import suppress

import pytest
from click.testing import CliRunner

from ingress.cli import alone
from ingress.cli.main import cli
from shared import crypto
from shared.config import variable_names
from tests.factories.deliveries import SECRET
from tests.running import ROOT, until
from tests.servers import free_port


@pytest.fixture
def given(tmp_path, database_url, valkey_url, private_key):
    """All settings there are; each process gets those that it needs."""
    key = tmp_path / "unseal_private_key"
    key.write_text(base64.b64encode(private_key).decode() + "\n")
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey_url,
        "STRIPE_WEBHOOK_SECRETS": SECRET.value,
        "CARELANE_SEAL_PUBLIC_KEY": base64.b64encode(crypto.public_key_of(private_key)).decode(),
        "CARELANE_UNSEAL_PRIVATE_KEY": f"file:{key}",
        "CARELANE_LOOKUP_KEY": base64.b64encode(b"l" * 32).decode(),
        "CARELANE_CALLBACK_KEY": base64.b64encode(b"c" * 32).decode(),
        "CARELANE_FLOWER_PASSWORD": "password",
    }


@pytest.fixture
def containers(tmp_path, given):
    """Start processes, each apart; gives the environment of each."""
    processes = []

    def start(*names):
        environments = {name: surroundings(name) for name in names}
        for name, environ in environments.items():
            with (tmp_path / f"{name}.log").open("wb") as log:
                command = [sys.executable, "-m", "ingress.cli.main", "run", name]
                processes.append(
                    subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True)
                )
        return environments

    def surroundings(name):
        ports = {f"CARELANE_{door}_PORT": str(free_port()) for door in ("WEBHOOK", "APP", "STREAM", "FLOWER")}
        needed = {variable: given[variable] for variable in alone.NEEDS[name]}
        return {"PATH": os.environ["PATH"], "CARELANE_HOME": str(tmp_path / name)} | ports | needed

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, 9)
        process.wait(10)


def carelane(*arguments, **environ):
    clean = dict.fromkeys(variable_names())
    return CliRunner(env=clean | environ).invoke(cli, arguments)


def test_each_shows_that_it_gets_on_and_together_they_carry_an_event(containers, conn, tmp_path, given):
    environments = containers(*alone.entries())
    for name, environ in environments.items():
        ready = ["--ready"] if name in {"webhook", "app", "stream"} else []
        until(lambda found=[name, *ready], where=environ: carelane("alive", *found, **where).exit_code == 0)
    sent = carelane(
        "send",
        str(ROOT / "tests/payloads/basil/customer.subscription.created.json"),
        "--url",
        f"http://127.0.0.1:{environments['webhook']['CARELANE_WEBHOOK_PORT']}/api/webhooks/stripe",
        "--secret",
        SECRET.value,
        CARELANE_HOME=str(tmp_path / "webhook"),
    )
    assert sent.exit_code == 0, sent.output
    until(lambda: conn.execute("SELECT state FROM events").fetchall() == [{"state": "processed"}])
