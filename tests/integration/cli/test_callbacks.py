"""`carelane callbacks`: a secret is printed once and kept sealed; what is done to an endpoint is in the audit trail."""

import base64
import re

import pytest

from shared import notices, outbox
from workers import callback_ledger

URL = "https://api.example.com/hooks"


@pytest.fixture
def command(carelane):
    settings = {"CARELANE_CALLBACK_KEY": base64.b64encode(b"c" * 32).decode()}
    return lambda *arguments, **more: carelane("callbacks", *arguments, **settings | more)


@pytest.fixture
def dead(conn):
    """An endpoint with one callback that was given up; its row's id."""

    def make():
        notices.owe(conn, cause="c", kind="access:updated", recipient="person:p", data={})
        outbox.assign_positions(conn)
        callback_ledger.hand(conn)
        query = "UPDATE callback_deliveries SET ended_at = now(), outcome = 'dead', reason = 'timeout' RETURNING id"
        return conn.execute(query).fetchone()["id"]

    return make


def acts(conn):
    return [row["act"] for row in conn.execute("SELECT act FROM audit ORDER BY id")]


def test_a_secret_is_printed_alone_on_its_line_and_kept_sealed(command, conn):
    made = command("add", "--name", "backend", "--url", URL, "--kind", "payout:*", "--kind", "access:updated")
    assert made.exit_code == 0, made.stderr
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=\n", made.stdout)
    secret = made.stdout.strip()
    rolled = command("roll", "backend", "--overlap-hours", "1").stdout.strip()
    assert re.fullmatch(r"whsec_\S{44}", rolled)
    assert rolled != secret
    for table in ("callback_endpoints", "callback_secrets", "audit"):
        kept = repr(conn.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608 - ours
        assert secret not in kept
        assert rolled not in kept
    (listed,) = command("list", "--json").document["endpoints"]
    assert (listed["name"], listed["url"], listed["kinds"]) == ("backend", URL, ["payout:*", "access:updated"])
    assert acts(conn) == ["callback.added", "callback.rolled"]


def test_an_endpoint_is_disabled_and_enabled_by_hand(command, conn):
    assert command("list").stdout == "No endpoint was added yet.\n"
    command("add", "--name", "backend", "--url", URL)
    assert command("disable", "backend", "--reason", "moving").exit_code == 0
    assert "disabled: by hand" in command("list").stdout
    assert command("disable", "backend", "--reason", "again").exit_code == 1
    assert command("enable", "backend").exit_code == 0
    assert "well" in command("list").stdout
    assert command("enable", "backend", "--skip-missed").exit_code == 1
    assert acts(conn) == ["callback.added", "callback.disabled", "callback.enabled"]


def test_what_was_given_up_is_listed_and_sent_on_again(command, conn, dead):
    command("add", "--name", "backend", "--url", URL)
    row = dead()
    (listed,) = command("dead", "backend", "--json").document["dead"]
    assert (listed["id"], listed["kind"], listed["reason"]) == (row, "access:updated", "timeout")
    assert "timeout" in command("dead", "backend").stdout
    done = command("requeue", "backend", str(row), "--reason", "mended")
    assert done.stdout == "1 callback(s) to backend are due again.\n"
    assert command("dead", "backend", "--json").document["dead"] == []
    assert acts(conn)[-1] == "callback.requeued"


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "--name", "x"),
        ("add", "--url", URL),
        ("add", "--name", "x", "--url", "http://api.example.com/"),
        ("add", "--name", "x", "--url", "https://user:password@api.example.com/"),
        ("add", "--name", " ", "--url", URL),
        ("add", "--name", "x", "--url", URL, "--kind", "payouts:*"),
        ("add", "--name", "x", "--url", URL, "--kind", "[a-z]*"),
        ("roll", "x", "--overlap-hours", "-1"),
        ("disable", "x"),
        ("requeue", "x"),
        ("requeue", "x", "0", "--reason", "r"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(command, arguments):
    assert command(*arguments).exit_code == 2


def test_a_name_in_use_and_a_name_unknown_change_nothing(command, conn):
    command("add", "--name", "backend", "--url", URL)
    for arguments in (
        ("add", "--name", "backend", "--url", URL),
        ("roll", "other"),
        ("dead", "other"),
        ("enable", "x"),
    ):
        refused = command(*arguments)
        assert (refused.exit_code, refused.stdout) == (1, "")
    assert acts(conn) == ["callback.added"]


def test_http_is_taken_where_a_network_of_ones_own_is_allowed(command):
    made = command("add", "--name", "x", "--url", "http://10.20.0.1/", CARELANE_CALLBACK_NETWORKS="10.20.0.0/16")
    assert made.exit_code == 0, made.stderr
