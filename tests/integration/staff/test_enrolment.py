"""Enrolling: by a setup code of a day that works once, and a code of the new telephone that works once too."""

from datetime import timedelta

import pyotp

from shared import staff, staff_enrolment
from shared.staff_enrolment import Setup, Weak
from shared.staff_sign_in import Refused
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.staff.conftest import SOURCE, TERMS, Person


def test_the_code_that_ended_the_enrolment_signs_nobody_in(hired):
    ann = hired()
    assert ann.sign_in(code=pyotp.TOTP(ann.secret).at(ann.now)) == Refused("wrong")


def test_a_setup_code_works_once_and_not_for_a_weak_password(pool):
    with pool.transaction() as conn:
        code = staff.add(conn, "bob", "viewer", actor="cli:test", lookup_key=LOOKUP_KEY)
    bob, setup = Person(pool, "bob"), Setup(name="bob", code=code, source=SOURCE)
    with pool.transaction() as conn:
        bob.secret = staff_enrolment.begin(conn, setup, TERMS).secret
        weak = staff_enrolment.finish(conn, setup, password="short", code=bob.code(), terms=TERMS, now=bob.now)
        assert isinstance(weak, Weak)
    assert bob.sign_in() == Refused("wrong")
    bob.enrol(code)
    with pool.transaction() as conn:
        assert staff_enrolment.begin(conn, setup, TERMS) == Refused("wrong")


def test_a_setup_code_has_its_day(pool, conn):
    with pool.transaction() as within:
        code = staff.add(within, "bob", "viewer", actor="cli:test", lookup_key=LOOKUP_KEY)
    left = conn.execute("SELECT setup_ends_at - now() AS left FROM staff").fetchone()["left"]
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    conn.execute("UPDATE staff SET setup_ends_at = now()")
    with pool.transaction() as within:
        setup = Setup(name="bob", code=code, source=SOURCE)
        assert staff_enrolment.begin(within, setup, TERMS) == Refused("wrong")


def test_a_wrong_setup_code_begins_nothing(pool):
    with pool.transaction() as conn:
        staff.add(conn, "bob", "viewer", actor="cli:test", lookup_key=LOOKUP_KEY)
        for name in ("bob", "nobody"):
            setup = Setup(name=name, code="guessed", source=SOURCE)
            assert staff_enrolment.begin(conn, setup, TERMS) == Refused("wrong")


def test_a_disabled_account_that_was_never_enrolled_cannot_enrol(pool):
    with pool.transaction() as conn:
        code = staff.add(conn, "bob", "viewer", actor="cli:test", lookup_key=LOOKUP_KEY)
        staff.disable(conn, "bob", actor="cli:test", reason="a mistake")
        assert staff_enrolment.begin(conn, Setup(name="bob", code=code, source=SOURCE), TERMS) == Refused("wrong")
