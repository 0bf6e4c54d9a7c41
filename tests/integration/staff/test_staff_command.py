"""`carelane staff`: a setup code printed once, and accounts that can be closed and opened anew."""

import base64
import re

import pytest

from shared.staff_sign_in import Refused, SignedIn
from tests.integration.cli.conftest import carelane  # noqa: F401 - a fixture
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.staff.conftest import Person

KEY = {"CARELANE_LOOKUP_KEY": base64.b64encode(LOOKUP_KEY).decode()}
WHY = ("--reason", "asked for by the house")


@pytest.fixture
def staff(carelane):  # noqa: F811 - the fixture
    return lambda *arguments: carelane("staff", *arguments, **KEY)


def test_a_setup_code_is_printed_alone_on_its_line_and_opens_an_account(staff, pool, conn):
    made = staff("add", "ann", "--role", "support")
    assert made.exit_code == 0, made.stderr
    assert re.fullmatch(r"[\w-]{43}\n", made.stdout)
    assert made.stdout.strip() not in str(conn.execute("SELECT * FROM staff").fetchall())
    assert isinstance(Person(pool, "ann").enrol(made.stdout.strip()).sign_in(), SignedIn)
    listed = staff("list", "--json").document["staff"]
    assert [(one["name"], one["role"], one["disabledAt"]) for one in listed] == [("ann", "support", None)]
    assert "ann" in staff("list").stdout


def test_an_account_is_disabled_and_opened_anew_by_a_reset_with_a_reason_each(staff, pool, conn):
    ann = Person(pool, "ann").enrol(staff("add", "ann", "--role", "viewer").stdout.strip())
    assert staff("disable", "ann").exit_code == 2
    assert staff("disable", "ann", *WHY).exit_code == 0
    assert ann.sign_in() == Refused("wrong")
    code = staff("reset", "ann", *WHY).stdout.strip()
    assert isinstance(Person(pool, "ann").enrol(code).sign_in(), SignedIn)
    assert staff("role", "ann", "--role", "auditor", *WHY).exit_code == 0
    told = conn.execute("SELECT act, reason FROM audit WHERE reason IS NOT NULL ORDER BY id").fetchall()
    assert [row["act"] for row in told] == ["staff.disabled", "staff.reset", "staff.role_changed"]


def test_an_account_is_linked_to_one_identity_of_the_provider(staff, conn):
    for name in ("ann", "bob"):
        staff("add", name, "--role", "viewer")
    assert staff("link", "ann", "u-1", *WHY).exit_code == 0
    assert staff("link", "bob", "u-1", *WHY).exit_code == 1
    rows = conn.execute("SELECT name, subject FROM staff ORDER BY name").fetchall()
    assert rows == [{"name": "ann", "subject": "u-1"}, {"name": "bob", "subject": None}]


@pytest.mark.parametrize("name", ["", "Ann", "ann smith", "-ann", "a" * 65, "ann\n"])
def test_a_name_that_cannot_be_one_is_refused(staff, name):
    assert staff("add", name, "--role", "viewer").exit_code == 2


def test_a_name_is_given_once_and_one_that_is_not_there_is_told(staff):
    assert staff("add", "ann", "--role", "viewer").exit_code == 0
    taken = staff("add", "ann", "--role", "admin")
    assert (taken.exit_code, "nothing was changed" in taken.stderr) == (1, True)
    assert [staff(act, "bob", *WHY).exit_code for act in ("disable", "reset")] == [1, 1]
