import pytest

from ingress.cli.up.binaries import pg_bin_dir, postgres_major
from ingress.cli.up.failure import StartFailed


def programs(directory, version):
    """Stand-ins that know no more than their version."""
    directory.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (directory / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (directory / name).chmod(0o755)
    return directory


def test_programs_told_by_hand_come_first(tmp_path):
    directory = programs(tmp_path / "bin", "16.2")
    assert pg_bin_dir(environ={"PG_BIN": str(directory)}) == directory
    assert postgres_major(directory) == 16


def test_programs_that_are_too_old_are_passed_over(tmp_path):
    directory = programs(tmp_path / "bin", "14.9")
    assert pg_bin_dir(environ={"PG_BIN": str(directory)}) != directory


def test_data_of_another_version_is_not_given_to_programs_that_cannot_read_it(tmp_path):
    directory = programs(tmp_path / "bin", "16.2")
    with pytest.raises(StartFailed, match="made by PostgreSQL 99"):
        pg_bin_dir(major=99, environ={"PG_BIN": str(directory)})


def test_a_directory_without_programs_has_no_version(tmp_path):
    assert postgres_major(tmp_path) is None
