"""Root lends PostgreSQL an account without rights, which must be able to reach its programs."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from ingress.cli.up.account import MYSELF, account_for, runnable
from ingress.cli.up.binaries import pg_bin_dir
from ingress.cli.up.failure import StartFailed

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends accounts")


@pytest.fixture
def open_place():
    """A directory that every account may enter; pytest's own are closed."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def closed_programs(tmp_path):
    """PostgreSQL's programs as a virtual environment below root's own directory has them."""
    package = pg_bin_dir().parents[1]
    if pg_bin_dir().parent.name != "pginstall":
        pytest.skip("no PostgreSQL from a wheel")
    tmp_path.chmod(0o700)
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, tmp_path / source.name, symlinks=True)
    for path in (tmp_path / package.name).rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
    return tmp_path / package.name / "pginstall" / "bin"


@pytest.mark.skipif(os.geteuid() == 0, reason="an ordinary user lends none")
def test_an_ordinary_user_runs_postgres_as_themselves(tmp_path):
    assert account_for(tmp_path) == MYSELF


@only_root
def test_root_lends_an_account_that_is_not_root(tmp_path):
    account = account_for(tmp_path / "none")
    assert account.identity is None or account.identity[0] != 0
    assert account.can_run("/bin/sh", "-c", "test $(id -u) -ne 0")


@only_root
def test_the_owner_of_earlier_data_keeps_it(tmp_path):
    os.chown(tmp_path, 1, 1)
    assert account_for(tmp_path).identity[0] == 1


@only_root
def test_programs_in_a_closed_directory_are_copied_once_to_where_the_account_may_go(closed_programs, open_place):
    account = account_for(Path("none"))
    assert not account.can_run(str(closed_programs / "initdb"), "--version")
    bin_dir = runnable(closed_programs, account, places=[open_place / "copies"])
    assert account.can_run(str(bin_dir / "postgres"), "--version")
    assert runnable(closed_programs, account, places=[open_place / "copies"]) == bin_dir
    assert len(list((open_place / "copies").iterdir())) == 1


@only_root
def test_a_place_where_others_may_write_is_not_trusted_with_programs(closed_programs, open_place):
    (open_place / "copies").mkdir()
    (open_place / "copies").chmod(0o777)
    with pytest.raises(StartFailed, match="cannot be run"):
        runnable(closed_programs, account_for(Path("none")), places=[open_place / "copies"])
