"""`carelane audit` checks the trail here, or an export of it anywhere."""

import base64
import json

import pytest

from shared import trail
from tests.integration.cli.conftest import carelane  # noqa: F401 - the fixture
from tests.integration.trail.conftest import VERIFY_KEY

KEY = base64.b64encode(VERIFY_KEY).decode()


@pytest.fixture
def audited(carelane, recorded):  # noqa: F811 - the fixture
    recorded.record(3)
    recorded.seal()

    def run(*arguments, **more):
        paths = {"CARELANE_AUDIT_ANCHORS": str(recorded.path), "CARELANE_AUDIT_VERIFY_KEY": KEY}
        return carelane("audit", *arguments, **paths | more)

    return run


def test_a_whole_trail_is_told_as_such(audited):
    told = audited("verify", "--json")
    assert told.exit_code == 0
    assert told.document == {"links": 3, "anchored": 3, "waiting": 0, "faults": []}


def test_tampering_is_told_by_its_position_and_the_exit_code(audited, tamper):
    tamper("UPDATE audit SET actor = 'nobody' WHERE id = 2")
    told = audited("verify")
    assert told.exit_code == 1
    assert "changed" in told.stdout
    assert "tampered" in told.stderr


def test_anchors_that_were_taken_away_with_the_end_of_the_trail_are_missed(audited, recorded, conn, tmp_path):
    recorded.path.unlink()
    assert audited("verify").exit_code == 0  # so young a trail may have none yet
    conn.execute(
        "INSERT INTO audit (at, actor, act, object) VALUES (now() + interval '26 hours', 'a', 'test.happened', 'x')"
    )
    with recorded.pool.transaction() as own:
        trail.seal(own, most=10)
    told = audited("verify", "--json")
    assert (told.exit_code, [fault["kind"] for fault in told.document["faults"]]) == (1, ["unanchored"])
    target = tmp_path / "trail.jsonl"
    audited("export", "--to", str(target), "--reason", "yearly audit")
    assert audited("verify", "--file", str(target), DATABASE_URL="").exit_code == 1
    assert audited("verify", CARELANE_AUDIT_VERIFY_KEY="").exit_code == 0


def test_without_a_key_it_says_that_anchors_are_not_looked_at(audited):
    told = audited("verify", CARELANE_AUDIT_VERIFY_KEY="")
    assert told.exit_code == 0
    assert "anchors are not looked at" in told.stderr


def test_an_export_is_checked_without_a_database(audited, tmp_path):
    target = tmp_path / "trail.jsonl"
    assert audited("export", "--to", str(target), "--reason", "yearly audit").exit_code == 0
    assert target.stat().st_mode & 0o077 == 0
    told = audited("verify", "--file", str(target), "--json", DATABASE_URL="")
    assert (told.exit_code, told.document["links"], told.document["anchored"]) == (0, 3, 3)


def test_an_export_that_was_changed_is_told(audited, tmp_path):
    target = tmp_path / "trail.jsonl"
    audited("export", "--to", str(target), "--reason", "yearly audit")
    whole = target.read_text()
    for line, change, kind in (
        (2, lambda told: told["record"].update(actor="nobody"), "changed"),
        (2, lambda told: told.update(link="00" * 32), "broken"),
        (2, lambda told: told.update(record=None), "missing"),
        (-1, lambda told: told.update(position=77), "forged"),
    ):
        lines = [json.loads(text) for text in whole.splitlines()]
        change(lines[line])
        target.write_text("".join(json.dumps(told) + "\n" for told in lines))
        told = audited("verify", "--file", str(target), "--json", DATABASE_URL="")
        assert told.exit_code == 1
        assert kind in {fault["kind"] for fault in told.document["faults"]}


def test_an_export_begins_where_it_is_asked_to(audited):
    told = audited("export", "--after", "2", "--reason", "the rest")
    assert [json.loads(line)["line"] for line in told.stdout.splitlines()] == ["chain", "record", "anchor"]
    assert audited("export", "--after", "9", "--reason", "past the end").exit_code == 1


def test_an_export_is_kept_in_the_trail_itself(audited, conn):
    assert audited("export").exit_code == 2
    audited("export", "--reason", "yearly audit")
    assert conn.execute("SELECT reason FROM audit WHERE act = 'audit.exported'").fetchall() == [
        {"reason": "yearly audit"}
    ]


def test_a_file_that_is_no_export_is_refused(audited, tmp_path):
    target = tmp_path / "other.jsonl"
    target.write_text('{"some": "thing"}\n')
    told = audited("verify", "--file", str(target))
    assert (told.exit_code, told.stderr.strip().splitlines()[-1]) == (1, "Error: line 1 is not one of an export")
