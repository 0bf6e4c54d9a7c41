"""Settings are read whole, and every fault is told at once."""

import base64
from pathlib import Path

import pytest

from shared.config import SettingsError, load, variable_names

SECRET = "whsec_0123456789abcdef"


def test_an_empty_environment_gives_the_defaults():
    settings = load({})
    assert settings.webhook_port == 8000
    assert settings.max_body_bytes == 1024 * 1024
    assert settings.webhook_secrets == ()


def test_secrets_may_carry_names():
    settings = load({"STRIPE_WEBHOOK_SECRETS": f"{SECRET}, rolled={SECRET}xx"})
    assert [(s.name, s.value) for s in settings.webhook_secrets] == [("secret-1", SECRET), ("rolled", SECRET + "xx")]


@pytest.mark.parametrize(
    "text", ["", "  ", ",", "None", "whsec_", "whsec_short", "name=", "\u00a0", f"bad name={SECRET}"]
)
def test_a_secret_that_could_be_guessed_stops_the_start(text):
    with pytest.raises(SettingsError) as caught:
        load({"STRIPE_WEBHOOK_SECRETS": text})
    assert "STRIPE_WEBHOOK_SECRETS" in str(caught.value)


def test_every_fault_is_told_at_once():
    with pytest.raises(SettingsError) as caught:
        load({"CARELANE_WEBHOOK_PORT": "eighty", "DATABASE_URL": "mysql://x", "CARELANE_LEASE_SECONDS": "5"})
    told = "\n".join(caught.value.faults)
    assert "CARELANE_WEBHOOK_PORT" in told
    assert "DATABASE_URL" in told
    assert "CARELANE_LEASE_SECONDS" in told


def test_a_fault_never_shows_the_secret():
    with pytest.raises(SettingsError) as caught:
        load({"STRIPE_WEBHOOK_SECRETS": "hunter2"})
    assert "hunter2" not in str(caught.value)
    assert SECRET not in repr(load({"STRIPE_WEBHOOK_SECRETS": SECRET}))


def test_what_a_process_needs_is_named_when_missing():
    with pytest.raises(SettingsError) as caught:
        load({}).require("database_url", "webhook_secrets")
    assert caught.value.faults == ["DATABASE_URL is not set", "STRIPE_WEBHOOK_SECRETS is not set"]


def test_the_private_key_may_lie_in_a_file(tmp_path):
    key = tmp_path / "key"
    key.write_text(base64.b64encode(b"k" * 32).decode() + "\n")
    assert load({"CARELANE_UNSEAL_PRIVATE_KEY": f"file:{key}"}).unseal_private_key == b"k" * 32
    with pytest.raises(SettingsError, match="cannot be read"):
        load({"CARELANE_UNSEAL_PRIVATE_KEY": f"file:{tmp_path / 'none'}"})


def test_backups_lie_where_every_command_finds_them(tmp_path):
    assert load({"CARELANE_BACKUP_DIR": str(tmp_path)}).backup_dir == tmp_path
    with pytest.raises(SettingsError, match="CARELANE_BACKUP_DIR is no absolute path"):
        load({"CARELANE_BACKUP_DIR": "backups"})


def test_the_example_lists_every_setting():
    example = (Path(__file__).parents[3] / ".env.example").read_text(encoding="utf-8")
    listed = {line.lstrip("# ").split("=")[0] for line in example.splitlines() if "=" in line}
    assert set(variable_names()) <= listed


@pytest.mark.parametrize("text", ["pk_live_published", "whsec_0123456789abcdef", "sk_live with a blank"])
def test_a_key_that_can_ask_stripe_nothing_stops_the_start(text):
    with pytest.raises(SettingsError, match="STRIPE_API_KEY"):
        load({"STRIPE_API_KEY": text})


def test_the_key_for_stripe_is_shown_to_nobody():
    assert "rk_test_only" not in repr(load({"STRIPE_API_KEY": "rk_test_only"}))


@pytest.mark.parametrize(("key", "livemode"), [("sk_test_x", "true"), ("rk_live_x", "false")])
def test_a_key_of_the_mode_that_is_ignored_stops_the_start(key, livemode):
    with pytest.raises(SettingsError, match="the other mode"):
        load({"STRIPE_API_KEY": key, "CARELANE_LIVEMODE": livemode})


@pytest.mark.parametrize("livemode", ["true", ""])
def test_a_key_of_the_mode_that_is_taken_serves(livemode):
    assert load({"STRIPE_API_KEY": "sk_live_x", "CARELANE_LIVEMODE": livemode}).stripe_api_key == "sk_live_x"
