"""Extensions that are installed for real, in a real worker: what they add, and that no trouble of theirs spreads."""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared import broker
from shared.broker import Nudge
from shared.rules.lanes import STANDARD
from tests.factories.arrivals import arrival, subscription_event
from tests.running import until

ROOT = Path(__file__).parents[3]
WORKER = "-m celery -A workers.app worker --pool prefork --concurrency 1 --queues crisis,standard --without-gossip"
WARNED = "radar.early_fraud_warning.created"
WARNING = {"id": "issfr_1", "object": "radar.early_fraud_warning", "charge": "ch_1"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Both packages, built and installed from a copy, for building leaves files beside the source."""
    place = tmp_path_factory.mktemp("extensions")
    sources = [
        shutil.copytree(ROOT / "tests" / name, place / name) for name in ("extension_example", "extension_trouble")
    ]
    alone = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation"]
    command = [sys.executable, "-m", "pip", "install", *alone, "--target", str(place / "installed"), *map(str, sources)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return place / "installed"


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "journal"


@pytest.fixture
def worker(installed, journal, database_url, valkey_url, private_key, broker_client, tmp_path):
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}:{installed}",
        "CARELANE_HOME": str(tmp_path),
        "CARELANE_PROCESS": "standard",
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey_url,
        "CARELANE_UNSEAL_PRIVATE_KEY": base64.b64encode(private_key).decode(),
        "CARELANE_BUG_ATTEMPTS": "1",
        "CARELANE_TASK_SOFT_LIMIT_SECONDS": "5",
        "EXAMPLE_JOURNAL": str(journal),
    }
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *WORKER.split()], cwd=ROOT, env=environ, stdout=log, stderr=log)
    yield process
    if process.poll() is None:
        process.kill()
        process.wait(10)


@pytest.fixture
def send(inbox, broker_client):
    bell = broker.Doorbell(broker_client, most_waiting=1000)

    def send(*events):
        rows = {event["id"]: inbox.keep(arrival(event), nudged=True).row_id for event in events}
        assert bell.ring([Nudge((row_id,), "standard", STANDARD) for row_id in rows.values()])
        return rows

    return send


def ended(conn, rows):
    """State, reason's code and path of each event, in order, once all have come to an end."""
    query = """SELECT event_id, state, reason_code, reason_path FROM events
        WHERE id = ANY(%s) AND settled_at IS NOT NULL ORDER BY id"""
    found = [tuple(row.values()) for row in conn.execute(query, [list(rows.values())]).fetchall()]
    return {event_id: tuple(told) for event_id, *told in found} if len(found) == len(rows) else None


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]


def test_a_real_worker_with_good_and_bad_extensions(worker, send, conn, journal, tmp_path):
    conn.execute("CREATE TABLE fraud_warnings (event_row bigint, warning_id text, charge_id text)")
    warned = subscription_event(type=WARNED, object=WARNING)
    broken = subscription_event(type=WARNED, object=WARNING | {"charge": None})
    trouble = [subscription_event(type=f"trouble.{kind}") for kind in ("raises", "leaves", "hangs")]
    own, unknown = subscription_event(), subscription_event(type="charge.succeeded")
    rows = send(warned, *trouble, broken, own, unknown)
    states = until(lambda: ended(conn, rows), seconds=90)

    assert [states[event["id"]] for event in (warned, own)] == [("processed", None, None)] * 2
    assert states[unknown["id"]] == ("ignored", "no_handler", None)
    codes = ("exception", "exception", "timeout")
    assert [states[event["id"]] for event in trouble] == [("dead", code, None) for code in codes]
    assert states[broken["id"]] == ("dead", "schema", "data.object.charge")
    (kept,) = conn.execute("SELECT * FROM fraud_warnings").fetchall()
    assert kept == {"event_row": rows[warned["id"]], "warning_id": "issfr_1", "charge_id": "ch_1"}
    assert conn.execute("SELECT to_regclass('left_behind') AS found").fetchone()["found"] is None
    # No child was lost: what a handler does to its process is its event's failure too.
    assert conn.execute("SELECT count(DISTINCT worker) AS n FROM attempts").fetchone()["n"] == 1
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    the_journal_tells_all_of_it(read(journal), states)
    the_log_tells_what_is_left_out(tmp_path / "log")


def the_journal_tells_all_of_it(lines, states):
    """Behind the back of an observer that blocks for ever, and up to the worker's last event."""
    assert [line["event"] for line in lines if line["what"] == "received"] == list(states)
    ends = {line["event"]: (line["what"], line["state"]) for line in lines if line["what"] != "received"}
    assert ends == {name: ("error" if state == "dead" else "processed", state) for name, (state, *_) in states.items()}


def the_log_tells_what_is_left_out(log):
    refused = [line for line in read(log) if line.get("action") == "extension.refused"]
    assert {(line["name"], line["code"]) for line in refused} == {
        ("greedy", "own_type"),
        ("no-module", "broken"),
        ("never-loads", "slow"),
        ("leaves-on-import", "broken"),
    }
    assert "jane" not in log.read_text()
