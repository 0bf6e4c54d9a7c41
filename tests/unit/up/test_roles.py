"""Each process is told of its own role in the database, and of no other's."""

from pathlib import Path

import pytest

from ingress.cli import environment
from ingress.cli.up import roles
from ingress.cli.up.environment import compose, environment_for
from ingress.cli.up.home import format_pairs, write_private

PASSWORDS = {name: f"password-{name.lower()}" for name in ("POSTGRES_ADMIN", "POSTGRES", "VALKEY", *roles.PASSWORDS)}
OWNER = "password-postgres@"


def composed(given=None):
    home = Path("/home/of/carelane")
    return compose(given or {}, home=home, kept={}, passwords=PASSWORDS, is_free=lambda *_: True)


@pytest.mark.parametrize("instance", ["webhook", "app", "stream", "crisis.2", "standard", "steady", "relay", "deliver"])
def test_a_process_works_as_its_own_role_and_knows_no_other_password(instance):
    setting = roles.URLS[instance.partition(".")[0]]
    role, name = roles.ROLES[setting]
    share = environment_for(instance, composed().values, {})
    assert share["DATABASE_URL"].startswith(f"postgresql://{role}:{PASSWORDS[name]}@127.0.0.1:")
    others = {text for key, text in PASSWORDS.items() if key.startswith("POSTGRES") and key != name}
    assert not [value for value in share.values() if any(f":{other}@" in value for other in others)]


@pytest.mark.parametrize("process", ["beat", "flower"])
def test_who_needs_no_database_has_none(process):
    share = environment_for(process, composed().values, {})
    assert not [value for value in share.values() if "postgresql://" in value]


def test_in_a_database_elsewhere_all_are_the_one_role_unless_roles_are_named():
    given = {
        "DATABASE_URL": "postgresql://one@elsewhere/x",
        "CARELANE_RELAY_DATABASE_URL": "postgresql://r@elsewhere/x",
    }
    values = composed(given).values
    assert environment_for("webhook", values, {})["DATABASE_URL"] == "postgresql://one@elsewhere/x"
    assert environment_for("relay", values, {})["DATABASE_URL"] == "postgresql://r@elsewhere/x"


def test_commands_work_as_the_owner():
    assert OWNER in composed().values["DATABASE_URL"]


def test_roles_that_an_earlier_run_left_are_not_used_with_a_database_named_now(tmp_path):
    write_private(tmp_path / "env", format_pairs(composed().values))
    left = environment.merged({"CARELANE_HOME": str(tmp_path)})
    assert set(roles.ROLES) <= set(left)
    named = environment.merged({"CARELANE_HOME": str(tmp_path), "DATABASE_URL": "postgresql://elsewhere/x"})
    assert not set(roles.ROLES) & set(named)


@pytest.mark.parametrize("instance", ["webhook", "app", "stream", "crisis", "deliver", "beat", "flower"])
def test_only_the_relay_can_sign_where_the_trail_stood(instance):
    assert "CARELANE_AUDIT_SIGNING_KEY" in environment_for("relay", composed().values, {})
    assert "CARELANE_AUDIT_SIGNING_KEY" not in environment_for(instance, composed().values, {})


def test_only_workers_hold_the_earlier_private_keys():
    values = composed().values | {"CARELANE_UNSEAL_EARLIER_KEYS": "x"}
    holders = {
        name
        for name in (*roles.URLS, "beat", "flower")
        if "CARELANE_UNSEAL_EARLIER_KEYS" in environment_for(name, values, {})
    }
    assert holders == {"crisis", "standard", "steady"}
