import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ingress.cli.up.generated import fill_in, service_passwords
from shared.anchors import verify_key_of
from shared.config import load

PRIVATE, PUBLIC = "CARELANE_UNSEAL_PRIVATE_KEY", "CARELANE_SEAL_PUBLIC_KEY"


def key_pair():
    key = X25519PrivateKey.generate()
    return tuple(
        base64.b64encode(raw).decode() for raw in (key.private_bytes_raw(), key.public_key().public_bytes_raw())
    )


def test_with_nothing_given_everything_needed_is_made_and_the_settings_accept_it():
    made = fill_in({}, {})
    settings = load(made.values)
    assert settings.webhook_secrets[0].name == "development"
    assert settings.seal_public_key
    assert settings.unseal_private_key
    assert settings.lookup_key
    assert settings.flower_password
    assert not made.faults
    assert any("development secret" in note for note in made.notes)


def test_what_was_made_once_is_kept():
    first = fill_in({}, {}).values
    assert fill_in({}, first).values == first


def test_two_homes_share_nothing():
    one, other = fill_in({}, {}).values, fill_in({}, {}).values
    assert not set(one.values()) & set(other.values())


def test_what_is_given_is_left_alone():
    private, public = key_pair()
    given = {
        "STRIPE_WEBHOOK_SECRETS": "whsec_0123456789abcdef",
        "CARELANE_LOOKUP_KEY": base64.b64encode(bytes(32)).decode(),
        "CARELANE_CALLBACK_KEY": base64.b64encode(bytes(32)).decode(),
        "CARELANE_FLOWER_PASSWORD": "x",
        PRIVATE: private,
        PUBLIC: public,
        "CARELANE_AUDIT_SIGNING_KEY": base64.b64encode(bytes(32)).decode(),
        "CARELANE_AUDIT_VERIFY_KEY": base64.b64encode(verify_key_of(bytes(32))).decode(),
    }
    made = fill_in(given, {})
    assert (made.values, made.notes, made.faults) == ({}, [], [])


def test_a_secret_once_set_by_hand_and_now_withdrawn_does_not_come_back():
    made = fill_in({}, {"STRIPE_WEBHOOK_SECRETS": "whsec_0123456789abcdef"})
    assert made.values["STRIPE_WEBHOOK_SECRETS"].startswith("development=whsec_")


def test_a_blank_secret_is_not_replaced_by_a_made_one():
    assert "STRIPE_WEBHOOK_SECRETS" not in fill_in({"STRIPE_WEBHOOK_SECRETS": ""}, {}).values


def test_the_public_key_follows_from_a_private_one():
    private, public = key_pair()
    assert fill_in({PRIVATE: private}, {}).values[PUBLIC] == public


def test_a_new_pair_does_not_keep_half_of_the_old_one():
    private, public = key_pair()
    old = fill_in({}, {}).values
    assert fill_in({PRIVATE: private}, old).values[PUBLIC] == public


@pytest.mark.parametrize("with_private", [True, False])
def test_keys_that_do_not_belong_together_are_a_fault(with_private):
    given = {PUBLIC: key_pair()[1]} | ({PRIVATE: key_pair()[0]} if with_private else {})
    assert len(fill_in(given, {}).faults) == 1


def test_keys_made_for_a_database_elsewhere_are_told_of_once():
    given = {"DATABASE_URL": "postgresql://elsewhere/carelane"}
    made = fill_in(given, {})
    assert any("key pair was made" in note for note in made.notes)
    assert not any("key pair was made" in note for note in fill_in(given, made.values).notes)


def test_the_services_passwords_are_made_once_and_for_the_owner_alone(tmp_path):
    first = service_passwords(tmp_path)
    assert service_passwords(tmp_path) == first
    assert len(set(first.values())) == len(first) == 10
    assert (tmp_path / "passwords").stat().st_mode & 0o077 == 0
