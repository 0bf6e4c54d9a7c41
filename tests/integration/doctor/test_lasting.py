"""What shows over years only: an archive that fails, indexes that are not there, a door to the workers that is open."""

import contextlib
import os
import socket
import subprocess
import sys
from dataclasses import replace

import psycopg
import pytest

from ingress.cli import endpoint
from ingress.cli.simulator import server
from ingress.cli.simulator.faults import Faults
from ingress.cli.simulator.world import World
from shared.checks import lasting, outside
from shared.config import Settings
from tests.running import until
from tests.servers import free_port
from workers import self_check


class Row:
    """A connection whose server tells this of its archive."""

    def __init__(self, **told):
        self.told = {"is_archiving": True, "followers": 0, "failed_count": 0, "is_failing": False} | told

    def execute(self, _):
        return self

    def fetchone(self):
        return self.told


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"archived_seconds": 30.0}, "ok"),
        ({"archived_seconds": None}, "ok"),
        ({"archived_seconds": 3600.0}, "warning"),
        ({"is_failing": True, "failed_count": 3}, "fault"),
        ({"is_archiving": False}, "warning"),
        ({"is_archiving": False, "followers": 1}, "ok"),
    ],
)
def test_whether_commits_lie_elsewhere_too(told, status):
    assert lasting.archiving(Row(**told)).status == status


def test_a_real_server_tells_of_its_archive(findings):
    assert findings()["log archive"].status == "warning"


def test_an_index_that_is_missing_is_named(findings, conn):
    assert findings()["indexes"].status == "ok"
    conn.execute("DROP INDEX events_received")
    found = findings()["indexes"]
    assert (found.status, "events_received" in found.message) == ("fault", True)


def test_an_index_that_was_half_made_is_named(findings, conn):
    conn.execute("INSERT INTO people (user_id, safety_plan_ref) VALUES ('a', 'same'), ('b', 'same')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        conn.execute("CREATE UNIQUE INDEX CONCURRENTLY half ON people (safety_plan_ref)")
    assert "half made: half" in findings()["indexes"].message


def test_what_one_migration_drops_another_may_make_again():
    files = {
        "1.sql": "CREATE TABLE t (a int);\nCREATE INDEX a ON t (a);\nCREATE UNIQUE INDEX b ON t (a);\n",
        "2.sql": "DROP INDEX a;\nDROP INDEX b;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS b ON t (a);\n",
    }
    assert lasting.wanted(files) == {"b"}


@pytest.fixture
def stripe_side():
    with server.running(World(clock=lambda: 1_800_000_000.0), Faults()) as stand_in:
        yield stand_in


def settings_of(stand_in):
    return Settings(stripe_api_key="sk_test_doctor", stripe_api_base=stand_in.url)


def made(stand_in):
    api = outside.build_or_raise(settings_of(stand_in), outside._LIMITS)
    return endpoint._make(api, url="https://hooks.example.com/x", connect=False, types=())


def test_an_endpoint_as_it_was_made_is_well(stripe_side):
    (found,) = outside.stripe(settings_of(stripe_side))
    assert found.status == "warning"
    made(stripe_side)
    (found,) = outside.stripe(settings_of(stripe_side))
    assert found.status == "ok"


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"status": "disabled"}, "switched off"), ({"api_version": "2020-08-27"}, "another API version")],
)
def test_an_endpoint_that_was_switched_off_or_has_another_version_is_a_fault(stripe_side, changed, said):
    one = made(stripe_side)
    stripe_side.world.endpoints[one["id"]].update(changed)
    (found,) = outside.stripe(settings_of(stripe_side))
    assert (found.status, said in found.message) == ("fault", True)


def test_a_worker_finds_an_endpoint_that_stripe_has_switched_off(stripe_side, settings):
    """Nobody else would: no event comes any more, and nothing fails."""
    one = made(stripe_side)
    side = settings_of(stripe_side)
    looks = replace(settings, stripe_api_key=side.stripe_api_key, stripe_api_base=side.stripe_api_base)
    assert "stripe" not in {finding.name for finding in self_check.look(looks)}
    stripe_side.world.endpoints[one["id"]].update({"status": "disabled"})
    assert ("stripe", "fault") in {(finding.name, finding.status) for finding in self_check.look(looks)}


def test_without_a_key_or_without_stripe_nothing_is_a_fault(stripe_side):
    assert list(outside.stripe(Settings())) == []
    away = replace(settings_of(stripe_side), stripe_api_base=f"http://127.0.0.1:{free_port()}")
    (found,) = outside.stripe(away)
    assert found.status == "warning"


@contextlib.contextmanager
def flower(**environ):
    port = free_port()
    command = [sys.executable, "-m", "celery", "--broker", "memory://", "flower", f"--port={port}"]
    command.append("--address=127.0.0.1")
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("FLOWER_")} | environ
    with subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: listens(port), seconds=60)
            yield port
        finally:
            process.kill()


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@pytest.mark.parametrize(("environ", "status"), [({}, "fault"), ({"FLOWER_BASIC_AUTH": "carelane:secret"}, "ok")])
def test_flower_must_ask_for_a_password(environ, status):
    with flower(**environ) as port:
        (found,) = outside.flower(Settings(flower_port=port))
    assert found.status == status


def test_a_flower_that_does_not_run_is_no_fault():
    (found,) = outside.flower(Settings(flower_port=free_port()))
    assert found.status == "ok"
