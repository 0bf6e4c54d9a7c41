"""Which backup serves, which may go, and whether the log after it is whole."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from shared import backup_store
from shared.backup_store import BackupUnusable, Base, Store

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MIB = 1024 * 1024


def base(hours, first="000000010000000000000002"):
    at = NOON + timedelta(hours=hours)
    return Base(
        name=at.strftime("%Y%m%dT%H%M%SZ"),
        began_at=at,
        ended_at=at + timedelta(minutes=5),
        major=18,
        size_bytes=1,
        first_segment=first,
        segment_bytes=16 * MIB,
    )


def test_the_newest_that_ended_before_the_moment_serves():
    bases = [base(0), base(1), base(2)]
    assert backup_store.choose(bases, until=None) == bases[2]
    assert backup_store.choose(bases, until=NOON + timedelta(hours=1, minutes=5)) == bases[1]
    assert backup_store.choose(bases, until=NOON + timedelta(hours=1, minutes=4)) == bases[0]
    assert backup_store.choose(bases, until=None, name=bases[0].name) == bases[0]


@pytest.mark.parametrize(("until", "name"), [(NOON, None), (None, "none such")])
def test_what_nothing_serves_is_refused(until, name):
    with pytest.raises(BackupUnusable):
        backup_store.choose([base(0)], until=until, name=name)
    with pytest.raises(BackupUnusable, match="no backup yet"):
        backup_store.choose([], until=None)


@pytest.mark.parametrize(("keep", "gone"), [(1, 2), (2, 1), (3, 0), (9, 0)])
def test_all_but_the_newest_may_go(keep, gone):
    bases = [base(2), base(0), base(1)]
    assert backup_store.superfluous(bases, keep=keep) == sorted(bases, key=lambda one: one.ended_at)[:gone]


def test_a_gap_in_the_log_is_named():
    there = ["000000010000000000000002", "0000000100000000000000FF", "000000010000000100000001"]
    wanted = [f"0000000100000000000000{number:02X}" for number in range(3, 255)] + ["000000010000000100000000"]
    assert backup_store.gaps(there, base(0)) == wanted


def test_a_new_timeline_goes_on_where_the_one_before_it_ended():
    there = ["000000010000000000000001", "000000010000000000000002", "000000020000000000000003"]
    assert backup_store.gaps(there, base(0)) == []
    assert backup_store.gaps([], base(0)) == []


def test_larger_segments_are_fewer():
    large = Base(**{name: getattr(base(0), name) for name in base(0).__slots__} | {"segment_bytes": 1024 * MIB})
    there = ["000000010000000000000002", "000000010000000000000003", "000000010000000100000001"]
    assert backup_store.gaps(there, large) == ["000000010000000100000000"]


def test_where_the_log_begins_is_read_from_the_label():
    label = "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/2000080\n"
    assert backup_store.first_segment(label) == "000000010000000000000002"
    with pytest.raises(BackupUnusable):
        backup_store.first_segment("something else")


def test_drafts_and_strangers_are_no_backups(tmp_path):
    store, known = Store(tmp_path), base(0)
    for name, text in (
        (known.name, backup_store.describe(known)),
        ("x.part", backup_store.describe(known)),
        ("y", "{"),
    ):
        store.place(name).mkdir(parents=True)
        (store.place(name) / "backup.json").write_text(text)
    assert store.bases() == [known]
    assert store.segments() == []


@pytest.fixture
def archive(tmp_path):
    """PostgreSQL's call of the command: in its data directory, with the names put in."""
    wal, data = tmp_path / "w a'l", tmp_path / "data"
    wal.mkdir()
    (data / "pg_wal").mkdir(parents=True)

    def call(command, name):
        text = command.replace("%f", name).replace("%p", f"pg_wal/{name}").replace("%%", "%")
        return subprocess.run(["/bin/sh", "-c", text], cwd=data, check=False, timeout=10).returncode

    return wal, data, call


def test_a_segment_is_archived_once_and_never_over_another(archive):
    wal, data, call = archive
    command = backup_store.archive_command(wal)
    (data / "pg_wal" / "A").write_bytes(b"log")
    assert [call(command, "A"), call(command, "A")] == [0, 0]
    assert [path.name for path in wal.iterdir()] == ["A"]
    (data / "pg_wal" / "A").write_bytes(b"another log")
    assert call(command, "A") != 0
    assert (wal / "A").read_bytes() == b"log"


def test_what_cannot_be_copied_whole_is_not_archived(archive):
    wal, _, call = archive
    assert call(backup_store.archive_command(wal), "gone") != 0
    assert [path.name for path in wal.iterdir()] == []


def test_a_segment_comes_back_from_the_first_place_that_has_it(archive):
    wal, data, call = archive
    (wal / "B").write_bytes(b"log")
    command = backup_store.restore_command(data / "none", wal)
    assert call(command, "B") == 0
    assert (data / "pg_wal" / "B").read_bytes() == b"log"
    assert call(command, "C") != 0
