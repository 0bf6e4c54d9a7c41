import os

import pytest

from ingress.cli import environment
from shared.config import SettingsError


@pytest.fixture
def left(tmp_path):
    """What running services left behind."""
    path = tmp_path / "env"
    path.write_text("DATABASE_URL=postgresql://left/behind?a=b\nCARELANE_WEBHOOK_PORT=8100\nPATH=/evil\n")
    path.chmod(0o600)
    return path


def given(left, **settings):
    return {"CARELANE_HOME": str(left.parent), **settings}


def test_a_command_finds_the_running_services_by_what_they_left(left):
    found = environment.settings(given(left))
    assert (found.database_url, found.webhook_port) == ("postgresql://left/behind?a=b", 8100)


def test_the_environment_goes_before_what_was_left(left):
    assert environment.settings(given(left, CARELANE_WEBHOOK_PORT="8200")).webhook_port == 8200


def test_a_blank_variable_hides_nothing(left):
    assert environment.settings(given(left, CARELANE_WEBHOOK_PORT=" ")).webhook_port == 8100


def test_a_blank_secret_is_a_fault_and_not_filled_in(left):
    left.write_text("STRIPE_WEBHOOK_SECRETS=whsec_0123456789abcdef\n")
    with pytest.raises(SettingsError, match="STRIPE_WEBHOOK_SECRETS is empty"):
        environment.settings(given(left, STRIPE_WEBHOOK_SECRETS=""))


def test_only_settings_are_taken_from_the_file(left):
    assert "PATH" not in environment.merged(given(left))


def test_a_home_without_the_file_changes_nothing(tmp_path):
    assert environment.settings({"CARELANE_HOME": str(tmp_path / "nowhere")}).database_url is None


def test_a_file_that_others_could_have_written_is_refused(left):
    left.chmod(0o620)
    with pytest.raises(SettingsError, match="open to others"):
        environment.settings(given(left))


@pytest.mark.skipif(os.getuid() != 0, reason="giving a file away needs root")
def test_root_may_use_the_file_of_the_user_who_runs_the_services(left):
    os.chown(left, 12345, -1)
    assert environment.settings(given(left)).webhook_port == 8100
