from pathlib import Path

import pytest

from ingress.cli.up.environment import compose
from ingress.cli.up.report import Report

PASSWORDS = {"POSTGRES_ADMIN": "aa", "POSTGRES": "bb", "VALKEY": "cc"}


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """What is said of a home, to one who stands in the temporary directory."""
    monkeypatch.chdir(tmp_path)

    def tell(home):
        effective = compose({}, home=home, kept={}, passwords=PASSWORDS, is_free=lambda _host, _port: True)
        Report().addresses(effective)
        return {line.partition("  ")[0]: line.split()[-1] for line in capsys.readouterr().out.splitlines()}

    return tell


def test_a_home_below_this_directory_is_told_as_one_would_type_it(told):
    lines = told(Path.cwd() / ".carelane")
    assert (lines["Settings in effect"], lines["Logs"]) == (".carelane/env", ".carelane/logs")


def test_a_home_elsewhere_is_told_in_full(told):
    lines = told(Path("/home/of/carelane"))
    assert (lines["Settings in effect"], lines["Logs"]) == ("/home/of/carelane/env", "/home/of/carelane/logs")
