import pytest
from click.testing import CliRunner

from ingress.cli.main import cli
from shared.config import variable_names


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A CARELANE_HOME with nothing in it, and no other setting."""
    for name in variable_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CARELANE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def carelane(home):
    def run(*arguments, **settings):
        return CliRunner(env=settings).invoke(cli, arguments)

    return run
