import base64
import os
import re
from pathlib import Path

import pytest

from ingress.cli import alone, exits
from ingress.cli.faults import Unusable
from shared.config import SettingsError

KEY = base64.b64encode(b"k" * 32).decode()
ALL = {
    "DATABASE_URL": "postgresql://x/y",
    "REDIS_URL": "redis://x",
    "STRIPE_WEBHOOK_SECRETS": "whsec_0123456789abcdef",
    "CARELANE_SEAL_PUBLIC_KEY": KEY,
    "CARELANE_UNSEAL_PRIVATE_KEY": KEY,
    "CARELANE_LOOKUP_KEY": KEY,
    "CARELANE_CALLBACK_KEY": KEY,
    "CARELANE_FLOWER_PASSWORD": "password",
    "PATH": os.defpath,
}


@pytest.fixture
def environ(tmp_path):
    return ALL | {"CARELANE_HOME": str(tmp_path / "home")}


@pytest.mark.parametrize("name", alone.entries())
def test_every_process_can_be_run_alone_with_every_setting_filled_in(environ, name):
    process = alone.prepare(name, environ)
    assert not any("$" in word for word in process.command)
    assert process.environ["CARELANE_PROCESS"] == name
    assert Path(process.environ["CARELANE_HOME"], "run", "pulse").is_dir()
    assert name == "flower" or Path(process.environ["PROMETHEUS_MULTIPROC_DIR"]).is_dir()


def test_every_process_of_the_procfile_has_its_needs_written_down():
    assert set(alone.NEEDS) == set(alone.entries())


@pytest.mark.parametrize("name", alone.NEEDS)
def test_what_a_process_needs_is_enough_for_it(environ, name):
    needed = {variable: environ[variable] for variable in (*alone.NEEDS[name], "CARELANE_HOME", "PATH")}
    assert alone.prepare(name, needed).command


@pytest.mark.parametrize("name", alone.NEEDS)
def test_everything_that_is_missing_or_wrong_is_told_at_once(environ, name):
    given = {"CARELANE_HOME": environ["CARELANE_HOME"], "CARELANE_LIVEMODE": "maybe", "STRIPE_WEBHOOK_SECRETS": " "}
    with pytest.raises(SettingsError) as failure:
        alone.prepare(name, given)
    told = [re.match(r"\w+", fault)[0] for fault in failure.value.faults]
    assert sorted(told) == sorted({*alone.NEEDS[name], "CARELANE_LIVEMODE", "STRIPE_WEBHOOK_SECRETS"})


def test_a_process_gets_its_own_share_only(environ):
    assert "CARELANE_UNSEAL_PRIVATE_KEY" not in alone.prepare("webhook", environ).environ
    assert "STRIPE_WEBHOOK_SECRETS" not in alone.prepare("crisis.2", environ).environ


def test_ports_and_addresses_that_are_set_stand_on_the_command_line(environ):
    command = alone.prepare("webhook", environ | {"CARELANE_HOST": "0.0.0.0", "CARELANE_WEBHOOK_PORT": "8123"}).command  # noqa: S104 - a container's
    assert command[command.index("--port") + 1] == "8123"
    assert command[command.index("--host") + 1] == "0.0.0.0"  # noqa: S104


def test_a_mark_of_readiness_that_an_earlier_one_left_is_gone(environ):
    mark = Path(environ["CARELANE_HOME"], "run", "ready", "relay")
    alone.prepare("relay", environ)
    mark.touch()
    alone.prepare("relay", environ)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["nobody", "crisis.", "crisis.x", ""])
def test_an_unknown_name_is_refused_with_those_there_are(environ, name):
    with pytest.raises(Unusable, match="webhook, app, stream, crisis"):
        alone.prepare(name, environ)


def test_a_password_that_flower_would_cut_short_is_refused(environ):
    with pytest.raises(SettingsError, match="comma"):
        alone.prepare("flower", environ | {"CARELANE_FLOWER_PASSWORD": "a,b"})


def test_the_command_tells_its_faults_as_the_others_do(carelane):
    ran = carelane("run", "relay")
    assert ran.exit_code == exits.USAGE
    assert "DATABASE_URL is not set" in ran.stderr
    assert "REDIS_URL is not set" in ran.stderr
    assert carelane("run", "nobody").exit_code == exits.USAGE
    assert carelane("run").exit_code == exits.USAGE
