"""Long work at the command line: everything and not just a page, lists from files, Ctrl-C, and a database that goes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from ingress.cli import bulk
from shared import bulk_work

DEAD = {"state": "'dead'", "settled_at": "now()", "reason_class": "'bug'", "reason_code": "'KeyError'"}
DONE = {"state": "'processed'", "settled_at": "now()"}


def outcomes(document):
    return {one["id"]: one["outcome"] for one in document["outcomes"]}


@pytest.mark.parametrize(
    ("command", "rows", "outcome"),
    [
        (("dead", "requeue"), DEAD, "requeued"),
        (("dead", "discard"), DEAD, "discarded"),
        (("events", "replay"), DONE, "replayed"),
    ],
)
def test_all_that_matches_is_taken_and_each_is_told(carelane, many, conn, monkeypatch, command, rows, outcome):
    monkeypatch.setattr(bulk_work, "_PAGE", 250)
    many(1203, **rows)
    ran = carelane(*command, "--type", "x", "--reason", "mended", "--yes", "--json")
    assert ran.exit_code == 0
    assert (ran.document["matched"], ran.document["cancelled"]) == (1203, False)
    assert outcomes(ran.document) == {f"evt_{n}": outcome for n in range(1, 1204)}
    assert conn.execute("SELECT count(*) FROM audit").fetchone()["count"] == 1203


def test_a_list_comes_from_a_file_or_the_standard_input(carelane, many, tmp_path, monkeypatch):
    monkeypatch.setattr(bulk_work, "_PAGE", 2)
    many(5, **DEAD)
    path = tmp_path / "ids"
    path.write_text("evt_1\nevt_2\n\nevt_none\n")
    common = ("--reason", "x", "--yes", "--json")
    ran = carelane("dead", "requeue", "evt_3", "--ids-from", str(path), *common)
    expected = dict.fromkeys(("evt_1", "evt_2", "evt_3"), "requeued") | {"evt_none": "not_found"}
    assert (ran.exit_code, outcomes(ran.document)) == (1, expected)
    ran = carelane("dead", "requeue", "--ids-from", "-", *common, answer="evt_4\nevt_1\n")
    assert outcomes(ran.document) == {"evt_4": "requeued", "evt_1": "already_running"}


UNUSABLE = (
    (("--ids-from", "-"), "evt_1\n"),
    (("--ids-from", "-", "--yes"), "evt 1\n"),
    (("--ids-from", "-", "--yes"), ""),
    (("--ids-from", "/nowhere/ids", "--yes"), ""),
    (("--ids-from", "-", "--yes", "--all"), "evt_1\n"),
)


def test_a_list_that_cannot_be_meant_changes_nothing(carelane, bury, everything):
    bury()
    before = everything()
    for arguments, text in UNUSABLE:
        ran = carelane("dead", "requeue", *arguments, "--reason", "x", answer=text)
        assert (ran.exit_code, ran.stdout) == (2, ""), (arguments, text)
    assert everything() == before


def test_more_than_one_act_may_take_on_is_refused(carelane, many, everything, monkeypatch):
    monkeypatch.setattr(bulk_work, "MOST_MATCHED", 4)
    many(5, **DEAD)
    before = everything()
    ran = carelane("dead", "requeue", "--all", "--reason", "x", "--yes")
    assert ran.exit_code == 1
    assert "narrow the filter" in ran.stderr
    assert everything() == before


def test_ctrl_c_ends_it_between_two_batches_and_says_what_was_done(database_url, tmp_path, many, conn):
    many(400, **DEAD)
    command = [sys.executable, "-m", "ingress.cli.main", "dead", "requeue", "--all", "--reason", "x", "--yes"]
    environment = os.environ | {"CARELANE_HOME": str(tmp_path), "DATABASE_URL": database_url}
    with subprocess.Popen(
        [*command, "--rate", "20", "--json"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        deadline = time.monotonic() + 60
        while not conn.execute("SELECT count(*) FROM audit").fetchone()["count"]:
            assert time.monotonic() < deadline
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=60)
    told = json.loads(stdout)
    assert (running.returncode, told["cancelled"], told["matched"]) == (1, True, 400)
    assert "Not all of it could be requeued" in stderr
    done = {event for event, outcome in outcomes(told).items() if outcome == "requeued"}
    left = {event for event, outcome in outcomes(told).items() if outcome == "not_done"}
    assert done
    assert len(done) % 5 == 0  # whole batches
    assert len(done) + len(left) == 400
    rows = conn.execute("SELECT event_id FROM events WHERE state = 'retrying'").fetchall()
    assert {row["event_id"] for row in rows} == done
    assert conn.execute("SELECT count(*) FROM audit").fetchone()["count"] == len(done)


def test_people_are_told_what_was_left(carelane, many, monkeypatch):
    many(3, **DEAD)
    asked = iter([False, True])
    pace = bulk.Pace
    monkeypatch.setattr(
        bulk, "Pace", lambda rate, **given: pace(rate, **given | {"stopped": lambda: next(asked, True)})
    )
    monkeypatch.setattr(bulk, "cancellable", lambda: contextlib.nullcontext(lambda: True))
    ran = carelane("dead", "requeue", "--all", "--reason", "x", "--yes", "--rate", "1")
    assert ran.exit_code == 1
    assert "Cancelled: 1 requeued; 2 left as they were." in ran.stdout


def test_what_was_done_is_told_when_the_database_goes_away_half_way(carelane, many, conn):
    many(1200, **DEAD)
    conn.execute(
        "CREATE FUNCTION goes_away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.object LIKE 'event:evt_700#%' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
        " RETURN NEW; END $$"
    )
    conn.execute("CREATE TRIGGER goes BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION goes_away()")
    ran = carelane("dead", "requeue", "--all", "--reason", "x", "--yes", "--json")
    assert ran.exit_code == 4
    counts = list(outcomes(ran.document).values())
    assert (counts.count("requeued"), counts.count("not_done")) == (500, 700)
    assert ran.document["cancelled"] is False
    assert conn.execute("SELECT count(*) FROM events WHERE state = 'retrying'").fetchone()["count"] == 500
