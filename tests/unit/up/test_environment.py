from pathlib import Path

import pytest

from ingress.cli import exits
from ingress.cli.up.environment import compose, environment_for
from ingress.cli.up.failure import StartFailed
from ingress.cli.up.home import format_pairs

PASSWORDS = {"POSTGRES_ADMIN": "aa", "POSTGRES": "bb", "VALKEY": "cc"}
HOME = Path("/home/of/carelane")
SENSITIVE = {
    "CARELANE_UNSEAL_PRIVATE_KEY",
    "CARELANE_SEAL_PUBLIC_KEY",
    "CARELANE_LOOKUP_KEY",
    "CARELANE_CALLBACK_KEY",
    "CARELANE_FLOWER_PASSWORD",
    "STRIPE_WEBHOOK_SECRETS",
    "STRIPE_API_KEY",
    "DATABASE_URL",
}


def composed(given=None, kept=None, taken=None):
    def is_free(_host, port):
        return port != taken

    return compose(given or {}, home=HOME, kept=kept or {}, passwords=PASSWORDS, is_free=is_free)


def share_of(process):
    values = composed({"STRIPE_API_KEY": "sk_test_x", "SENTRY_DSN": "https://k@sentry/1"}).values
    return environment_for(process, values, {"PATH": "/bin", "STRIPE_API_KEY": "sk_test_x", "LANG": "C"})


def test_without_urls_both_services_are_ours_on_loopback():
    effective = composed()
    port = effective.embedded["DATABASE_URL"]
    assert effective.values["DATABASE_URL"] == f"postgresql://carelane:bb@127.0.0.1:{port}/carelane"
    assert set(effective.embedded) == {"DATABASE_URL", "REDIS_URL"}
    assert max(effective.embedded.values()) < 32768


def test_a_url_that_is_given_means_that_no_service_of_that_kind_is_ours():
    effective = composed({"DATABASE_URL": "postgresql://elsewhere/x", "REDIS_URL": ""})
    assert set(effective.embedded) == {"REDIS_URL"}
    assert effective.values["DATABASE_URL"] == "postgresql://elsewhere/x"


def test_a_second_start_has_the_same_settings():
    first = composed().values
    assert composed(kept=first).values == first


def test_what_the_environment_no_longer_sets_is_no_longer_in_effect():
    kept = composed({"CARELANE_LOG_LEVEL": "DEBUG"}).values
    assert "CARELANE_LOG_LEVEL" not in composed(kept=kept).values


def test_every_fault_is_told_at_once():
    given = {"STRIPE_WEBHOOK_SECRETS": "", "CARELANE_WEBHOOK_PORT": "9000", "CARELANE_LIVEMODE": "maybe"}
    with pytest.raises(StartFailed) as failure:
        composed(given, taken=9000)
    assert failure.value.exit_code == exits.USAGE
    for name in given:
        assert name in str(failure.value)


@pytest.mark.parametrize("text", ["nonsense", "99999", "0", "-1", "80 80"])
def test_a_misspelt_port_is_told_with_every_other_fault_and_not_replaced(text):
    listeners = tuple(f"CARELANE_{door}_PORT" for door in ("WEBHOOK", "APP", "STREAM", "FLOWER"))
    with pytest.raises(StartFailed) as failure:
        composed(dict.fromkeys(listeners, text) | {"CARELANE_LIVEMODE": "maybe"}, kept={"CARELANE_APP_PORT": "8001"})
    assert failure.value.exit_code == exits.USAGE
    for name in (*listeners, "CARELANE_LIVEMODE"):
        assert str(failure.value).count(name) == 1


@pytest.mark.parametrize(("text", "port"), [(" 9000 ", "9000"), ("009000", "9000"), (" ", "8001")])
def test_a_port_is_read_as_the_settings_read_it(text, port):
    assert composed({"CARELANE_APP_PORT": text}).values["CARELANE_APP_PORT"] == port


def test_a_value_with_a_line_break_is_refused_since_the_file_could_not_hold_it():
    with pytest.raises(StartFailed, match="STRIPE_API_KEY holds a line break"):
        composed({"STRIPE_API_KEY": "a\nDATABASE_URL=b"})


def test_the_file_holds_the_values_as_they_are():
    values = composed().values
    assert f"STRIPE_WEBHOOK_SECRETS={values['STRIPE_WEBHOOK_SECRETS']}\n" in format_pairs(values)


def test_the_front_door_cannot_open_what_it_sealed_and_cannot_ask_stripe():
    share = share_of("webhook")
    assert not {"CARELANE_UNSEAL_PRIVATE_KEY", "STRIPE_API_KEY", "CARELANE_FLOWER_PASSWORD"} & set(share)
    assert {"CARELANE_SEAL_PUBLIC_KEY", "STRIPE_WEBHOOK_SECRETS", "DATABASE_URL", "REDIS_URL"} <= set(share)


def test_no_process_has_the_role_that_copies_the_whole_database():
    values = composed({"CARELANE_BACKUP_URL": "postgresql://backup:x@db/postgres"}).values
    for name in ("webhook", "app", "stream", "crisis", "standard", "steady", "relay", "deliver", "beat", "flower"):
        assert "CARELANE_BACKUP_URL" not in environment_for(name, values, {})


def test_the_application_door_checks_who_people_are_and_reads_nothing_that_is_sealed():
    secrets = {"CARELANE_SUPABASE_JWT_SECRET": "s" * 32, "CARELANE_OIDC_CLIENT_SECRET": "o" * 32}
    values = composed(secrets).values
    assert set(secrets) <= set(environment_for("app", values, {}))
    for process in ("webhook", "crisis.1", "relay", "beat", "flower"):
        assert not set(secrets) & set(environment_for(process, values, {}))
    withheld = {"CARELANE_UNSEAL_PRIVATE_KEY", "STRIPE_WEBHOOK_SECRETS", "STRIPE_API_KEY", "CARELANE_FLOWER_PASSWORD"}
    assert not withheld & set(share_of("app"))
    assert {"CARELANE_SEAL_PUBLIC_KEY", "CARELANE_LOOKUP_KEY", "DATABASE_URL"} <= set(share_of("app"))


def test_the_stream_door_checks_who_people_are_and_can_open_or_seal_nothing():
    values = composed({"CARELANE_SUPABASE_JWT_SECRET": "s" * 32}).values
    assert "CARELANE_SUPABASE_JWT_SECRET" in environment_for("stream", values, {})
    withheld = {"CARELANE_UNSEAL_PRIVATE_KEY", "CARELANE_SEAL_PUBLIC_KEY", "STRIPE_WEBHOOK_SECRETS", "STRIPE_API_KEY"}
    assert not withheld & set(share_of("stream"))
    assert {"CARELANE_LOOKUP_KEY", "DATABASE_URL", "REDIS_URL"} <= set(share_of("stream"))


def test_flower_gets_the_broker_and_its_password_and_nothing_else_that_is_secret():
    share = share_of("flower")
    assert not (SENSITIVE | {"SENTRY_DSN"}) & set(share)
    assert share["FLOWER_BASIC_AUTH"].startswith("carelane:")
    assert "REDIS_URL" in share


def test_workers_can_open_bodies_but_know_no_signing_secret():
    share = share_of("crisis.2")
    assert "CARELANE_UNSEAL_PRIVATE_KEY" in share
    assert not {"STRIPE_WEBHOOK_SECRETS", "CARELANE_FLOWER_PASSWORD"} & set(share)
    assert share["CARELANE_PROCESS"] == "crisis.2"


def test_whoever_calls_the_outside_can_sign_and_opens_nothing_else():
    share = share_of("deliver")
    assert {"CARELANE_CALLBACK_KEY", "DATABASE_URL", "REDIS_URL"} <= set(share)
    withheld = {"STRIPE_WEBHOOK_SECRETS", "STRIPE_API_KEY", "CARELANE_LOOKUP_KEY", "CARELANE_UNSEAL_PRIVATE_KEY"}
    assert not withheld & set(share)
    for process in ("webhook", "app", "stream", "crisis", "relay", "beat", "flower"):
        assert "CARELANE_CALLBACK_KEY" not in share_of(process)


def test_the_front_doors_figures_lie_apart_from_those_of_the_others():
    assert share_of("webhook")["PROMETHEUS_MULTIPROC_DIR"] == f"{HOME}/run/metrics/webhook"
    assert share_of("relay")["PROMETHEUS_MULTIPROC_DIR"] == f"{HOME}/run/metrics/core"


def test_flowers_own_figures_are_not_among_ours():
    values = composed().values
    assert "PROMETHEUS_MULTIPROC_DIR" not in environment_for("flower", values, {"PROMETHEUS_MULTIPROC_DIR": "/x"})


def test_what_is_not_a_setting_of_ours_is_passed_on():
    assert share_of("webhook")["LANG"] == "C"
