"""A body opens for the readers' key and in its own row, and nowhere else."""

import dataclasses

import pytest

from shared import crypto
from shared.crypto import Identity, Reader
from shared.errors import IntegrityError

BODY = b'{"id": "evt_1", "type": "invoice.paid"}' * 20
ROW = Identity("acct_1", True, "evt_1")


@pytest.fixture(scope="module")
def private_key():
    return crypto.new_private_key()


@pytest.fixture(scope="module")
def data_key(private_key):
    return crypto.new_data_key(crypto.public_key_of(private_key))


def reader(private_key, *keys):
    stored = {key.id: (key.wrapped, key.recipient) for key in keys}
    return Reader(private_key, stored.get)


def test_a_sealed_body_opens_as_it_was(private_key, data_key):
    sealed = crypto.seal(data_key, BODY, ROW)
    assert reader(private_key, data_key).open(sealed, ROW) == BODY
    assert BODY not in sealed.sealed
    assert len(sealed.sealed) < len(BODY)


@pytest.mark.parametrize(
    "other",
    [
        Identity("acct_2", True, "evt_1"),
        Identity("acct_1", False, "evt_1"),
        Identity("acct_1", None, "evt_1"),
        Identity("acct_1", True, "evt_2"),
        Identity(None, True, "evt_1"),
    ],
)
def test_a_body_moved_to_another_row_does_not_open(private_key, data_key, other):
    sealed = crypto.seal(data_key, BODY, ROW)
    with pytest.raises(IntegrityError):
        reader(private_key, data_key).open(sealed, other)


def test_a_flipped_bit_is_found(private_key, data_key):
    sealed = crypto.seal(data_key, BODY, ROW)
    changed = dataclasses.replace(sealed, sealed=sealed.sealed[:-1] + bytes([sealed.sealed[-1] ^ 1]))
    with pytest.raises(IntegrityError):
        reader(private_key, data_key).open(changed, ROW)


def test_another_private_key_is_told_for_whom_the_body_is(data_key):
    sealed = crypto.seal(data_key, BODY, ROW)
    with pytest.raises(IntegrityError, match=data_key.recipient):
        reader(crypto.new_private_key(), data_key).open(sealed, ROW)


def test_a_missing_data_key_is_told(private_key, data_key):
    sealed = crypto.seal(data_key, BODY, ROW)
    with pytest.raises(IntegrityError, match="missing"):
        reader(private_key).open(sealed, ROW)


def test_identities_that_join_alike_stay_apart(data_key):
    one = Identity("acct_1", None, "2evt").associated_data(data_key.id)
    other = Identity("acct_12", None, "evt").associated_data(data_key.id)
    assert one != other


def test_look_up_hashes_depend_on_key_and_purpose():
    first = crypto.lookup_hash(b"k" * 32, "customer", b"cus_1")
    assert first == crypto.lookup_hash(b"k" * 32, "customer", b"cus_1")
    assert first != crypto.lookup_hash(b"j" * 32, "customer", b"cus_1")
    assert first != crypto.lookup_hash(b"k" * 32, "body", b"cus_1")
