import os

import pytest

from ingress.cli import exits
from ingress.cli.up.failure import StartFailed
from ingress.cli.up.home import format_pairs, make_home, read_pairs, take_lock, write_private


def mode(path):
    return path.stat().st_mode & 0o777


def test_a_home_is_made_for_its_owner_alone(tmp_path):
    home = make_home(tmp_path / "deep" / "home")
    assert mode(home) == 0o700
    assert mode(home / "logs") == 0o700


def test_an_empty_directory_that_is_open_is_closed(tmp_path):
    tmp_path.chmod(0o755)
    assert mode(make_home(tmp_path)) == 0o700


def test_a_directory_of_somebody_elses_files_is_left_as_it_is(tmp_path):
    (tmp_path / "thesis.txt").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(StartFailed) as failure:
        make_home(tmp_path)
    assert failure.value.exit_code == exits.USAGE
    assert mode(tmp_path) == 0o755


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "home").touch()
    with pytest.raises(StartFailed, match="cannot be used"):
        make_home(tmp_path / "home")


def test_a_second_lock_is_refused_and_names_the_holder(tmp_path):
    held = take_lock(tmp_path)
    with pytest.raises(StartFailed, match=f"process {os.getpid()}") as failure:
        take_lock(tmp_path)
    assert failure.value.exit_code == exits.ALREADY_RUNNING
    os.close(held)
    os.close(take_lock(tmp_path))


def test_a_private_file_is_replaced_whole_even_after_a_crash_half_way(tmp_path):
    (tmp_path / ".env.new").write_text("half")
    write_private(tmp_path / "env", "A=1\n")
    write_private(tmp_path / "env", "A=2\n")
    assert (tmp_path / "env").read_text() == "A=2\n"
    assert mode(tmp_path / "env") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["env"]


def test_pairs_come_back_as_they_were(tmp_path):
    pairs = {"A": "x=y z", "B": "", "STRIPE_WEBHOOK_SECRETS": "development=whsec_0"}
    write_private(tmp_path / "env", "# a comment\n" + format_pairs(pairs))
    assert read_pairs(tmp_path / "env") == pairs
    assert read_pairs(tmp_path / "none") == {}
