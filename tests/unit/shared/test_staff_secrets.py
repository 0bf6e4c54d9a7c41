"""What staff know and hold: codes of one step, secrets sealed to one account, passwords that take their time."""

import uuid
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import staff_secrets
from shared.errors import IntegrityError

KEY, WHO = b"k" * 32, uuid.UUID(int=1)
NOW = datetime(2026, 11, 21, 12, 0, 15, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXP" * 2


@pytest.mark.parametrize(("off", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_is_good_for_its_step_and_one_to_either_side(off, good):
    code = pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=off))
    step = staff_secrets.step_of(SECRET, code, NOW)
    assert step == (int(NOW.timestamp()) + off) // 30 if good else step is None


def test_a_code_may_be_typed_in_groups():
    code = pyotp.TOTP(SECRET).at(NOW)
    assert staff_secrets.step_of(SECRET, f"{code[:3]} {code[3:]}", NOW)


@given(st.text(max_size=12))
def test_what_is_no_code_is_none_and_raises_nothing(typed):
    real = {pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=off)) for off in (-30, 0, 30)}
    if typed.replace(" ", "") not in real:
        assert staff_secrets.step_of(SECRET, typed, NOW) is None


def test_figures_of_another_script_are_no_code():
    arabic = pyotp.TOTP(SECRET).at(NOW).translate({ord(str(n)): chr(0x660 + n) for n in range(10)})
    assert staff_secrets.step_of(SECRET, arabic, NOW) is None


def test_a_sealed_secret_opens_for_its_account_unchanged_and_not_otherwise():
    sealed = staff_secrets.seal(KEY, WHO, SECRET)
    assert SECRET.encode() not in sealed
    assert staff_secrets.unseal(KEY, WHO, sealed) == SECRET
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for key, who, given_ in [(KEY, uuid.UUID(int=2), sealed), (b"x" * 32, WHO, sealed), (KEY, WHO, flipped)]:
        with pytest.raises(IntegrityError):
            staff_secrets.unseal(key, who, given_)


def test_a_password_is_kept_as_argon2id_and_nothing_fits_where_none_is():
    kept = staff_secrets.hash_password("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert staff_secrets.is_password(kept, "correct horse battery")
    assert not staff_secrets.is_password(kept, "correct horse batter")
    assert not staff_secrets.is_password(None, "")
    assert not staff_secrets.is_password("no hash at all", "x")
    assert not staff_secrets.is_outdated(kept)


def test_recovery_codes_differ_and_belong_to_one_account():
    codes = staff_secrets.new_recovery_codes(10)
    assert len(set(codes)) == 10
    first, other = (staff_secrets.recovery_hash(KEY, who, codes[0]) for who in (WHO, uuid.UUID(int=2)))
    assert first not in {None, other}
    assert staff_secrets.recovery_hash(KEY, WHO, "too short") is None
