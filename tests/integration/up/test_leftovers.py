import json
import os
import subprocess
import threading

from ingress.cli.up.leftovers import end_leftovers, end_postmaster
from shared.processes import identity


def state_of(pid, who):
    return json.dumps({"processes": [{"name": "x", "pid": pid, "identity": who, "stopSignal": 15}]})


def test_a_process_with_a_number_that_was_given_again_is_left_alone(tmp_path):
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger:
        (tmp_path / "state").write_text(state_of(stranger.pid, "of another time"))
        assert end_leftovers(tmp_path / "state") == []
        assert stranger.poll() is None
        stranger.kill()


def test_the_same_process_is_ended(tmp_path):
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as left:
        (tmp_path / "state").write_text(state_of(left.pid, identity(left.pid)))
        threading.Thread(target=left.wait).start()  # as init would, whose child a leftover is
        assert end_leftovers(tmp_path / "state") == ["x"]
        assert left.wait(timeout=5) == -15


def test_a_state_file_that_cannot_be_read_ends_nothing(tmp_path):
    (tmp_path / "state").write_text("{")
    assert end_leftovers(tmp_path / "state") == end_leftovers(tmp_path / "none") == []


def test_a_strangers_number_is_taken_out_of_postgres_lock_file_and_the_rest_stays(tmp_path):
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n/data\n123\n")
    assert not end_postmaster(tmp_path)
    assert lock.read_text() == "99999999\n/data\n123\n"


def test_a_lock_file_of_nobody_alive_is_left_to_postgres(tmp_path):
    (tmp_path / "postmaster.pid").write_text("99999999\n/data\n")
    assert not end_postmaster(tmp_path)
    assert not end_postmaster(tmp_path / "none")
