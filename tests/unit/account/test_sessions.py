"""A session opens what it was sealed for, until its end, and nothing else does."""

from datetime import UTC, datetime, timedelta

import pytest

from ingress.account.sessions import Seal, Session

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SESSION = Session("p", NOW + timedelta(minutes=30), "America/Chicago")


@pytest.fixture
def seal():
    return Seal(b"l" * 32)


def test_what_was_sealed_opens_until_its_end(seal):
    sealed = seal.close(SESSION)
    assert seal.open(sealed, now=NOW) == SESSION
    assert seal.open(sealed, now=SESSION.ends_at) is None


def test_another_key_opens_nothing(seal):
    assert Seal(b"m" * 32).open(seal.close(SESSION), now=NOW) is None


def test_no_two_are_alike_and_none_tells_whose_it_is(seal):
    first, second = seal.close(SESSION), seal.close(SESSION)
    assert first != second
    assert first.isascii()


@pytest.mark.parametrize("position", [0, 5, 40])
def test_one_changed_letter_and_it_opens_nothing(seal, position):
    sealed = seal.close(SESSION)
    changed = sealed[:position] + ("A" if sealed[position] != "A" else "B") + sealed[position + 1 :]
    assert seal.open(changed, now=NOW) is None
