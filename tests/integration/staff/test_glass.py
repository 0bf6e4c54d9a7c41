"""Breaking the glass: for a reason, by a fresh code, for half an hour, and somebody else hears of it."""

from datetime import UTC, datetime, timedelta

import pytest

from shared import staff, staff_glass, staff_sessions
from shared.rules.staff_limits import MOST_TRIES
from shared.staff_sign_in import Refused
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.staff.conftest import SOURCE, TERMS

REASON = "a person in danger, asked for by the clinic"


def session(pool, person):
    with pool.transaction() as conn:
        return staff_sessions.find(conn, person.token, rule=TERMS.rule, lookup_key=LOOKUP_KEY)


def broken(pool, person, reason=REASON, code=None):
    code = person.code() if code is None else code
    with pool.transaction() as conn:
        held = staff_sessions.find(conn, person.token, rule=TERMS.rule, lookup_key=LOOKUP_KEY)
        return staff_glass.break_glass(conn, held, reason=reason, code=code, source=SOURCE, terms=TERMS, now=person.now)


def test_it_opens_more_for_half_an_hour_and_is_audited_and_told(hired, pool, conn, acts):
    ann = hired("operator")
    assert "payloads.open" not in session(pool, ann).acts
    until = broken(pool, ann)
    assert timedelta(minutes=29) < until - datetime.now(UTC) <= timedelta(minutes=31)
    assert "payloads.open" in session(pool, ann).acts
    row = conn.execute("SELECT actor, reason FROM audit WHERE act = 'staff.glass_broken'").fetchone()
    assert row == {"actor": "staff:ann", "reason": REASON}
    assert conn.execute("SELECT kind, recipient FROM notices").fetchall() == [
        {"kind": staff_glass.BROKEN, "recipient": "staff"}
    ]
    conn.execute("UPDATE break_glass SET ends_at = now()")
    assert "payloads.open" not in session(pool, ann).acts
    assert acts()[-1] == "staff.glass_broken"


def test_it_is_shut_again_with_the_session_and_with_the_account(hired, pool, conn):
    ann, bob = hired("operator"), hired("operator", "bob")
    for person in (ann, bob):
        broken(pool, person)
    with pool.transaction() as within:
        held = staff_sessions.find(within, ann.token, rule=TERMS.rule, lookup_key=LOOKUP_KEY)
        staff_sessions.sign_out(within, held, ann.token, lookup_key=LOOKUP_KEY)
        staff.reset(within, "bob", actor="cli:test", reason="lost the telephone", lookup_key=LOOKUP_KEY)
    assert conn.execute("SELECT count(*) AS n FROM break_glass WHERE ends_at > now()").fetchone()["n"] == 0


def test_what_a_session_opened_is_shut_when_the_next_begins(hired, pool, conn):
    ann = hired("operator")
    broken(pool, ann)
    conn.execute("UPDATE staff_sessions SET seen_at = now() - interval '16 minutes'")
    ann.token = ann.sign_in().token
    assert "payloads.open" not in session(pool, ann).acts


@pytest.mark.parametrize(
    ("role", "change", "why"),
    [
        ("operator", {"reason": "because"}, "no_reason"),
        ("operator", {"reason": " " * 40}, "no_reason"),
        ("operator", {"code": "000000"}, "wrong"),
        ("viewer", {}, "not_allowed"),
        ("auditor", {}, "not_allowed"),
    ],
)
def test_without_role_reason_or_code_it_stays_shut(hired, pool, conn, role, change, why):
    ann = hired(role)
    assert broken(pool, ann, **change) == Refused(why)
    assert conn.execute("SELECT count(*) AS n FROM break_glass").fetchone()["n"] == 0


def test_codes_are_not_guessed_at_the_glass_either(hired, pool):
    ann = hired("operator")
    few = MOST_TRIES["name and source"]
    assert [broken(pool, ann, code="000000") for _ in range(few)] == [Refused("wrong")] * few
    assert broken(pool, ann) == Refused("too_many")
    assert ann.sign_in() == Refused("too_many")
