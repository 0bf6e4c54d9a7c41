"""Backups are taken from a real server that works, and what was destroyed is brought back to the moment asked for."""

import json
import shutil

import psycopg
import pytest

from ingress.cli.up.account import MYSELF
from ingress.cli.up.archive import prepare
from ingress.cli.up.failure import StartFailed
from shared import anchors
from shared.backup_store import Store
from tests.integration.backup.conftest import SIGNING_KEY
from tests.running import until
from tests.servers import PASSWORDS

REASON = ("--reason", "a test")


def person(house, name):
    house.query("INSERT INTO people (user_id) VALUES (%s)", name)


def people(house):
    return {row["user_id"] for row in house.query("SELECT user_id FROM people")}


def names(house):
    return [one["name"] for one in json.loads(house.run("backup", "list", "--json"))["backups"]]


@pytest.fixture
def newest(house):
    """The newest backup; the first has one person in it."""
    if not names(house):
        person(house, "before")
        house.run("backup", "take")
    return names(house)[-1]


def test_a_backup_is_whole_listed_and_on_record(house, newest):
    assert newest in names(house)
    assert "is whole" in house.run("backup", "check", newest)
    (row,) = house.query("SELECT after FROM audit WHERE act = 'backup.taken' AND object = %s", f"backup:{newest}")
    assert row["after"]["postgresql"] >= 15


def test_a_changed_file_is_found(house, newest, place):
    data = Store(house.store).place(newest) / "data"
    kept = data / "PG_VERSION"
    text = kept.read_bytes()
    kept.write_bytes(b"99\n")
    try:
        assert "PG_VERSION" in house.run("backup", "check", newest, code=1)
    finally:
        kept.write_bytes(text)


def test_a_restore_over_a_running_server_or_without_a_reason_is_refused(house, newest):
    assert "--reason" in house.run("restore", "data", code=2)
    assert people(house)


def test_nothing_is_laid_over_data(house, newest, place):
    target = place / "full"
    target.mkdir()
    (target / "something").touch()
    assert "not empty" in house.run("restore", "data", "--to", str(target), code=1)


def test_a_time_before_every_backup_is_refused(house, newest):
    assert "No backup ended before" in house.run("restore", "data", "--until", "2020-01-01", *REASON, code=1)


def test_a_new_backup_takes_the_place_of_the_oldest_and_of_the_log_that_only_that_one_needs(house, newest):
    assert f"removed {newest}" in house.run("backup", "take")
    (base,) = Store(house.store).bases()
    assert base.name != newest
    assert min(Store(house.store).segments(), default=base.first_segment) >= base.first_segment
    assert "is whole" in house.run("backup", "check")


def test_a_place_that_the_server_may_not_write_stops_the_start(place):
    (place / "file").touch()
    with pytest.raises(StartFailed, match="CARELANE_BACKUP_DIR"):
        prepare(place / "file", MYSELF)


def test_what_was_destroyed_is_back_as_it_was_at_the_time_asked_for(house, newest):
    """A person's mistake: what came after it goes; nothing that was given out before is given out again."""
    person(house, "wanted")
    house.query("UPDATE outbox SET newest = 7")
    moment = house.now()
    person(house, "mistaken")
    house.archived()
    house.stop()
    shutil.rmtree(house.home / "postgres" / "data")

    told = json.loads(house.run("restore", "data", "--until", moment, *REASON, "--json"))
    house.start()
    assert {"before", "wanted"} <= people(house)
    assert "mistaken" not in people(house)
    assert told["position"] == 1_000_000_007
    assert house.query("SELECT reason FROM audit WHERE act = 'database.restored'")[-1]["reason"] == "a test"


def test_without_a_time_it_is_back_with_all_that_was_archived_and_all_that_its_old_disk_still_holds(house, newest):
    person(house, "archived")
    house.archived()
    person(house, "on the old disk")
    house.stop()

    output = house.run("restore", "data", *REASON)
    assert "set aside" in output
    assert "carelane backfill --since" in output
    house.start()
    assert {"archived", "on the old disk"} <= people(house)


def test_a_home_with_other_passwords_says_which_files_it_lacks(house, newest):
    passwords = house.home / "passwords"
    kept = passwords.read_text()
    house.stop()
    passwords.write_text(kept.replace(PASSWORDS["POSTGRES_ADMIN"], "another"))
    try:
        assert "bring `passwords`" in house.run("restore", "data", *REASON, code=1)
    finally:
        passwords.write_text(kept)
        house.start()
    # It goes on by itself with the recovery that was begun.
    until(lambda: not house.query("SELECT pg_is_in_recovery() AS recovers")[0]["recovers"])
    assert people(house)


def test_a_database_that_is_not_this_homes_is_never_laid_anew(house, newest):
    output = house.run("restore", "data", *REASON, code=2, DATABASE_URL="postgresql://carelane:x@127.0.0.1:1/carelane")
    assert "--to" in output
    assert people(house)


def test_what_was_not_told_yet_gets_another_number_and_keeps_its_order(house, newest):
    house.query(
        "INSERT INTO notices (cause, kind, recipient, data, position, told_at)"
        " VALUES ('told', 'a:b', 'staff', '{}', 3, now()), ('first', 'a:b', 'staff', '{}', NULL, NULL),"
        " ('second', 'a:b', 'staff', '{}', NULL, NULL)"
    )
    before = {row["cause"]: row["id"] for row in house.query("SELECT cause, id FROM notices")}
    house.run("restore", "finish", *REASON)
    after = {row["cause"]: row["id"] for row in house.query("SELECT cause, id FROM notices")}
    house.query("DELETE FROM notices")
    assert after["told"] == before["told"]
    assert before["second"] + 1_000_000_000 < after["first"] < after["second"]


def test_the_audit_trails_anchors_are_told_where_the_chain_goes_on(house, newest):
    house.run("restore", "finish", *REASON)
    line = anchors.kept(house.home / "audit-anchors.jsonl")[-1]
    assert (line.restored, line.position) == (True, 0)
    assert anchors.is_genuine(line, anchors.verify_key_of(SIGNING_KEY))
    without = house.run("restore", "finish", *REASON, CARELANE_AUDIT_SIGNING_KEY="")
    assert "CARELANE_AUDIT_SIGNING_KEY is not set" in without


def test_while_processes_work_nothing_is_passed_over(house, newest):
    with psycopg.connect(house.url, application_name="carelane-relay"):
        before = house.query("SELECT newest FROM outbox")
        assert "carelane-relay" in house.run("restore", "finish", *REASON, code=1)
        assert house.query("SELECT newest FROM outbox") == before
