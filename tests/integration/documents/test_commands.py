"""Every command that a document for operators names is a command, and does what a reader in trouble needs: it runs."""

import base64
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingress.cli.main import COMMANDS, cli
from shared import callbacks, people
from shared.callbacks import Wanted
from shared.config import variable_names
from shared.people import Link, Person
from shared.rules.standing import Policy
from tests.integration.conftest import LOOKUP_KEY

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENTS = ("audit-procedure", "crisis-protocol", "monitoring", "runbook")
_COMMAND = re.compile(r"`(carelane [^`]+)`|^ {4}(carelane .+)$", re.MULTILINE)
# What a reader fills in, as the database of these tests has it.
_FILLED_IN = {
    "evt_…": "evt_1",
    "TYPE": "invoice.paid",
    "ENDPOINT": "backend",
    "USER_ID": "person-1",
    "ID": "sub_1",
    "NAME": "ada",
    "FILE": "trail.jsonl",
    "…": "mended",
}
# They ask Stripe, and say what they lack for it; what they say and do with it, tests/integration/stripe shows.
_ASK_STRIPE = {
    **dict.fromkeys(("backfill --since", "endpoint list", "reconcile"), "STRIPE_API_KEY"),
    "sources fetch": "CARELANE_SOURCES_FILE",
}
# Nothing is wrong here that they could act on, and they say so.
_NOTHING_TO_DO = ("guard lift", "callbacks enable", "callbacks requeue", "staff reset")


def commands():
    found = {}
    for name in DOCUMENTS:
        text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
        for inline, block in _COMMAND.findall(text):
            found.setdefault(" ".join((inline or block).split()), name)
    return sorted(command for command in found if command.split()[1] in COMMANDS and command != "carelane up")


def filled_in(command):
    for what, value in _FILLED_IN.items():
        command = re.sub(rf"(?<![\w-]){re.escape(what)}(?![\w-])", value, command)
    return shlex.split(command)[1:]


@pytest.fixture
def carelane(monkeypatch, tmp_path, database_url, valkey_url, conn, pool):
    for name in variable_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    with pool.transaction() as own:
        linked = Link(person=Person(user_id="person-1"), stripe_customer_id="cus_1")
        people.link(own, linked, actor="test", lookup_key=LOOKUP_KEY, policy=Policy())
        callbacks.add(own, Wanted("backend", "https://backend.example/hooks", None), actor="test", key=b"c" * 32)
    conn.execute("INSERT INTO subjects (kind, subject_id, status) VALUES ('subscription', 'sub_1', 'active')")
    conn.execute("""
        INSERT INTO events (
            event_id, type, body_hash, body_bytes, lane, lane_reason, urgency, state, settled_at, reason_class,
            reason_code
        ) VALUES ('evt_1', 'invoice.paid', '', 2, 'standard', 'standard', 0, 'dead', now(), 'invalid', 'schema')
    """)
    settings = {
        "CARELANE_HOME": str(tmp_path),
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey_url,
        "CARELANE_LOOKUP_KEY": base64.b64encode(LOOKUP_KEY).decode(),
        "CARELANE_CALLBACK_KEY": base64.b64encode(b"c" * 32).decode(),
        "COLUMNS": "160",
    }

    def run(arguments):
        return CliRunner(env=settings).invoke(cli, arguments)

    return run


def trouble(said, ran):
    """What is wrong with how a command ended, None when nothing is."""
    told = ran.stdout + ran.stderr
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        return repr(ran.exception)
    if "Usage:" in told:  # an option or an argument that there is not
        return told
    for asks, lacks in _ASK_STRIPE.items():
        if said.startswith(asks):
            return None if lacks in told else told
    if said == "doctor":
        return None if "relay" in told else told  # it finds that nothing runs here
    return None if ran.exit_code == 0 or said.startswith(_NOTHING_TO_DO) else told


def test_every_command_of_the_documents_runs(carelane):
    """In one database, for they are many and none is in another's way."""
    named = commands()
    assert len(named) > 15
    found = {command: trouble(" ".join(filled_in(command)), carelane(filled_in(command))) for command in named}
    assert {command: told for command, told in found.items() if told} == {}
