"""People's tokens: what is good, what is not, and that a token cannot choose how it is checked."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ingress.api.identities import Identities
from ingress.api.problems import Problem
from shared.errors import TransientError
from tests.factories.identities import SECRET, token

KEY_ID = "key-1"


@pytest.fixture(scope="module")
def private():
    return ec.generate_private_key(ec.SECP256R1())


class Published:
    def __init__(self, private, *, away=False):
        self.public, self.away = private.public_key(), away

    def find(self, key_id, *, wait_seconds):
        if self.away:
            raise TransientError("away", code="keys_away")
        return (
            jwt.PyJWK.from_dict(jwt.algorithms.ECAlgorithm.to_jwk(self.public, as_dict=True) | {"alg": "ES256"})
            if (key_id == KEY_ID)
            else None
        )


def code_of(identities, given):
    with pytest.raises(Problem) as caught:
        identities.read(given, wait_seconds=0)
    return caught.value.code


@pytest.fixture
def by_secret():
    return Identities(secret=SECRET)


def test_a_good_token_tells_who_calls(by_secret):
    principal = by_secret.read(token(sub="u-1"), wait_seconds=0)
    assert (principal.user_id, principal.scopes, principal.actor) == ("u-1", frozenset(), "person:u-1")


def test_an_expired_token_is_told_as_such_and_clocks_may_differ_a_little(by_secret):
    assert code_of(by_secret, token(exp=int(time.time()) - 120)) == "EXPIRED_TOKEN"
    assert by_secret.read(token(exp=int(time.time()) - 5), wait_seconds=0).user_id == "p"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"aud": "elsewhere"}, "FOREIGN_TOKEN"),
        ({"iss": "https://elsewhere.example"}, "FOREIGN_TOKEN"),
        ({"nbf": int(time.time()) + 3600}, "INVALID_TOKEN"),
        ({"exp": None}, "INVALID_TOKEN"),
        ({"sub": None}, "INVALID_TOKEN"),
        ({"sub": ""}, "INVALID_TOKEN"),
        ({"sub": "a\nb"}, "INVALID_TOKEN"),
        ({"aud": None}, "INVALID_TOKEN"),
        ({"key": "another secret, which also has thirty-two bytes"}, "INVALID_TOKEN"),
        ({"algorithm": "HS512", "key": SECRET * 2}, "INVALID_TOKEN"),
        ({"algorithm": "none", "key": ""}, "INVALID_TOKEN"),
    ],
)
def test_what_is_wrong_with_a_token_is_told_precisely(changes, code):
    identities = Identities(secret=SECRET, issuer="https://own.example")
    assert code_of(identities, token(**{"iss": "https://own.example"} | changes)) == code


@pytest.mark.parametrize("given", ["x", "a.b.c", "..", "é.é.é", "a" * 9000, token()[:-3]])
def test_what_is_no_token_is_refused(by_secret, given):
    assert code_of(by_secret, given) == "INVALID_TOKEN"


def test_a_token_is_checked_by_the_key_that_it_names(private):
    identities = Identities(keys=Published(private))
    good = token(key=private, algorithm="ES256", headers={"kid": KEY_ID})
    assert identities.read(good, wait_seconds=0).user_id == "p"
    assert code_of(identities, token(key=private, algorithm="ES256", headers={"kid": "another"})) == "INVALID_TOKEN"
    another = token(key=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": KEY_ID})
    assert code_of(identities, another) == "INVALID_TOKEN"


def test_a_public_key_is_never_taken_for_a_shared_secret(private):
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    forged = token(key=pem.hex(), headers={"kid": KEY_ID})
    assert code_of(Identities(keys=Published(private)), forged) == "INVALID_TOKEN"


def test_a_token_of_another_kind_than_its_key_is_refused(private):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = token(key=other, algorithm="RS256", headers={"kid": KEY_ID})
    assert code_of(Identities(keys=Published(private)), forged) == "INVALID_TOKEN"


def test_keys_that_cannot_be_had_leave_a_token_unchecked_and_not_refused(private):
    given = token(key=private, algorithm="ES256", headers={"kid": KEY_ID})
    with pytest.raises(TransientError):
        Identities(keys=Published(private, away=True)).read(given, wait_seconds=0)


def test_without_any_key_no_person_can_call():
    assert code_of(Identities(), token()) == "INVALID_TOKEN"


def test_roles_count_only_from_the_part_that_the_backend_writes(by_secret):
    own = by_secret.read(token(user_metadata={"role": "clinician"}), wait_seconds=0)
    assert own.scopes == frozenset()
    given = by_secret.read(token(app_metadata={"role": "clinician", "roles": ["admin", "unheard", 3]}), wait_seconds=0)
    assert given.scopes == {"crisis", "payouts", "admin:read"}
    assert by_secret.read(token(app_metadata="clinician"), wait_seconds=0).scopes == frozenset()
