"""`carelane token`: printed once, kept as a hash, good until it is revoked."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest

from shared import tokens
from shared.tokens import Grant, Refused
from tests.integration.conftest import LOOKUP_KEY

KEY = {"CARELANE_LOOKUP_KEY": base64.b64encode(LOOKUP_KEY).decode()}


@pytest.fixture
def token(carelane):
    return lambda *arguments: carelane("token", *arguments, **KEY)


def checked(conn, secret):
    return tokens.check(conn, tokens.hashed(LOOKUP_KEY, secret))


def test_a_token_is_printed_alone_on_its_line_and_kept_nowhere(token, conn):
    made = token("create", "--name", "backend", "--scope", "crisis", "--scope", "access")
    assert made.exit_code == 0, made.stderr
    assert re.fullmatch(r"clt_[\w-]{51}\n", made.stdout)
    secret = made.stdout.strip()
    assert checked(conn, secret) == Grant("backend", frozenset({"access", "crisis"}))
    for table in ("service_tokens", "audit"):
        assert secret not in repr(conn.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608 - ours


def test_tokens_are_listed_without_themselves(token):
    made = token("create", "--name", "backend", "--scope", "access", "--days", "30")
    listed = token("list", "--json").document["tokens"]
    assert [(one["name"], one["scopes"], one["revokedAt"]) for one in listed] == [("backend", ["access"], None)]
    assert listed[0]["expiresAt"] is not None
    shown = token("list").stdout
    assert "backend" in shown
    assert made.stdout.strip() not in shown


def test_a_revoked_token_is_good_no_more_and_its_name_is_free(token, conn):
    secret = token("create", "--name", "backend", "--scope", "access").stdout.strip()
    assert token("revoke", "backend").exit_code == 0
    assert checked(conn, secret) == Refused("revoked")
    assert token("revoke", "backend").exit_code == 1
    assert token("create", "--name", "backend", "--scope", "access").exit_code == 0


def test_a_name_in_use_is_refused(token):
    token("create", "--name", "backend", "--scope", "access")
    again = token("create", "--name", "backend", "--scope", "crisis")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "in use" in again.stderr


def test_an_expired_token_is_good_no_more(token, conn):
    secret = token("create", "--name", "backend", "--scope", "access", "--days", "1").stdout.strip()
    assert timedelta(hours=23) < checked(conn, secret).expires_at - datetime.now(UTC) <= timedelta(days=1)
    conn.execute("UPDATE service_tokens SET expires_at = now()")
    assert checked(conn, secret) == Refused("expired")
    assert checked(conn, "clt_another") == Refused("unknown")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--name", "x"),
        ("--scope", "access"),
        ("--name", "x", "--scope", "everything"),
        ("--name", " ", "--scope", "access"),
        ("--name", "a\nb", "--scope", "access"),
        ("--name", "x", "--scope", "access", "--days", "0"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(token, arguments):
    assert token("create", *arguments).exit_code == 2


def test_what_was_made_and_revoked_is_in_the_audit_trail(token, conn):
    token("create", "--name", "backend", "--scope", "access")
    token("revoke", "backend")
    acts = [row["act"] for row in conn.execute("SELECT act FROM audit ORDER BY id")]
    assert acts == ["token.created", "token.revoked"]
