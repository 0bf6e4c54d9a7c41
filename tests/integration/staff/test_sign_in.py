"""Signing in: both proofs or nothing, each code once, few tries, and the same answer to whatever was wrong."""

import threading
from datetime import timedelta

import pytest
from argon2.exceptions import VerifyMismatchError

from shared import staff, staff_secrets, staff_sessions
from shared.rules.staff_limits import MOST_TRIES
from shared.staff_sign_in import Refused, SignedIn
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.staff.conftest import PASSWORD, TERMS, Person


def found(pool, token):
    with pool.transaction() as conn:
        return staff_sessions.find(conn, token, rule=TERMS.rule, lookup_key=LOOKUP_KEY)


def test_who_has_enrolled_is_signed_in_and_signs_in_again_under_another_token(hired, pool, acts):
    ann = hired()
    again = ann.sign_in()
    assert (found(pool, ann.token).name, found(pool, again.token).role) == ("ann", "operator")
    assert again.token != ann.token
    assert acts() == ["staff.added", "staff.enrolled", "staff.signed_in"]


def test_each_thing_that_may_be_wrong_gets_the_same_answer(hired):
    ann = hired()
    tries = [
        ann.sign_in(password="wrong horse battery"),
        ann.sign_in(code="000000"),
        ann.sign_in(name="nobody"),
        ann.sign_in(code=""),
    ]
    assert tries == [Refused("wrong")] * 4


def test_a_name_that_nobody_bears_costs_the_checking_of_a_password_too(hired, pool, monkeypatch):
    """Counted and not measured: a hash is what takes the time."""
    ann, bob = hired(), hired(name="bob")
    with pool.transaction() as conn:
        staff.disable(conn, "bob", actor="cli:test", reason="left the house")
        staff.add(conn, "eve", "viewer", actor="cli:test", lookup_key=LOOKUP_KEY)
    checked = []

    class Counting:
        def verify(self, kept, typed):
            checked.append(kept)
            raise VerifyMismatchError

    staff_secrets.is_password(None, PASSWORD)  # the hash of nobody is made at the first try
    monkeypatch.setattr(staff_secrets, "_HASHER", Counting())
    tries = [ann.sign_in(), bob.sign_in(), ann.sign_in(name="eve"), ann.sign_in(name="nobody")]
    assert tries == [Refused("wrong")] * 4
    assert [kept.startswith("$argon2id$") for kept in checked] == [True] * 4


def test_a_code_works_once_even_for_two_at_the_same_moment(hired):
    ann = hired()
    code, barrier, results = ann.code(), threading.Barrier(4), []

    def attempt():
        barrier.wait()
        results.append(ann.sign_in(code=code))

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(result, SignedIn) for result in results) == 1


def test_a_wrong_password_does_not_spend_the_code(hired):
    ann = hired()
    code = ann.code()
    ann.sign_in(password="wrong horse battery", code=code)
    assert isinstance(ann.sign_in(code=code), SignedIn)


def test_codes_of_clocks_a_little_off_are_taken_and_older_ones_are_not(hired):
    ann = hired()
    code = ann.code()
    ann.now += timedelta(seconds=90)
    assert ann.sign_in(code=code) == Refused("wrong")
    late = ann.code()
    ann.now += timedelta(seconds=30)
    assert isinstance(ann.sign_in(code=late), SignedIn)


def test_a_recovery_code_works_once_however_it_is_typed(hired):
    ann = hired()
    assert len(set(ann.recovery_codes)) == 10
    typed = ann.recovery_codes[0].lower().replace("-", " ")
    assert ann.sign_in(code=typed).recovery_used
    assert ann.sign_in(code=typed) == Refused("wrong")


def test_after_a_few_failures_even_the_right_proofs_wait(hired, acts):
    ann = hired()
    few = MOST_TRIES["name and source"]
    assert [ann.sign_in(code="000000") for _ in range(few)] == [Refused("wrong")] * few
    assert [ann.sign_in() for _ in range(3)] == [Refused("too_many")] * 3
    assert isinstance(ann.sign_in(source="198.51.100.1"), SignedIn)
    assert acts().count("staff.sign_in_refused") == few


def test_guesses_from_many_places_are_counted_by_name_and_by_many_names_by_place(hired):
    ann = hired()
    spread = [ann.sign_in(code="000000", source=f"198.51.100.{n}") for n in range(MOST_TRIES["name"] + 1)]
    assert spread[-1] == Refused("too_many")
    others = [ann.sign_in(code="000000", name=f"n{n}") for n in range(MOST_TRIES["source"] + 1)]
    assert others[-1] == Refused("too_many")


def test_many_guesses_at_the_same_moment_are_no_more_than_the_few(hired):
    ann = hired()
    results, barrier = [], threading.Barrier(8)

    def attempt():
        barrier.wait()
        results.append(ann.sign_in(code="000000"))

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count(Refused("wrong")) == MOST_TRIES["name and source"]


def test_signing_in_forgives_the_failures_before_it(hired):
    ann = hired()
    for _ in range(2):
        for _ in range(MOST_TRIES["name and source"] - 1):
            ann.sign_in(code="000000")
        assert isinstance(ann.sign_in(), SignedIn)


def test_what_was_typed_is_kept_nowhere(hired, conn):
    ann = hired()
    ann.sign_in(name="my secret password", code="000000")
    tables = [row["tablename"] for row in conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    told = [str(conn.execute(f"SELECT t::text AS row FROM {table} AS t").fetchall()) for table in tables]  # noqa: S608
    secrets = ("my secret password", PASSWORD, ann.secret, ann.token, *ann.recovery_codes)
    assert not [secret for secret in secrets if any(secret in text for text in told)]


@pytest.mark.parametrize(
    "change",
    [
        "seen_at = now() - interval '16 minutes'",
        "ends_at = now() - interval '1 second', seen_at = now()",
    ],
    ids=["idle", "absolute"],
)
def test_a_session_ends_by_itself(hired, pool, conn, change):
    ann = hired()
    conn.execute(f"UPDATE staff_sessions SET {change}")  # noqa: S608
    assert found(pool, ann.token) is None


def test_disabling_resetting_and_leaving_end_sessions_at_once(hired, pool):
    ann, bob, eve = hired(), hired(name="bob"), hired(name="eve")
    with pool.transaction() as conn:
        staff.disable(conn, "ann", actor="cli:test", reason="left the house")
        code = staff.reset(conn, "bob", actor="cli:test", reason="lost the telephone", lookup_key=LOOKUP_KEY)
        session = staff_sessions.find(conn, eve.token, rule=TERMS.rule, lookup_key=LOOKUP_KEY)
        staff_sessions.sign_out(conn, session, eve.token, lookup_key=LOOKUP_KEY)
    assert [found(pool, one.token) for one in (ann, bob, eve)] == [None] * 3
    assert [one.sign_in() for one in (ann, bob)] == [Refused("wrong")] * 2
    assert found(pool, Person(pool, "bob").enrol(code).token).name == "bob"


def test_another_role_holds_from_the_next_request_on(hired, pool):
    ann = hired("viewer")
    with pool.transaction() as conn:
        staff.change_role(conn, "ann", "auditor", actor="cli:test", reason="a new task")
    assert "audit.read" in found(pool, ann.token).acts


def test_a_secret_moved_from_another_account_signs_nobody_in(hired, conn, acts):
    ann, eve = hired(), hired(name="eve")
    conn.execute("UPDATE staff SET totp_sealed = (SELECT totp_sealed FROM staff WHERE name = 'eve') WHERE name = 'ann'")
    ann.secret = eve.secret
    assert ann.sign_in() == Refused("wrong")
    assert "staff.secret_damaged" in acts()
