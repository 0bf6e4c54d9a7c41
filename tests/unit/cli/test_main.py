import json
import subprocess
import sys

import click
import pytest

from ingress.cli import exits
from ingress.cli.main import COMMANDS, cli


def test_help_names_every_command_and_every_exit_code(carelane):
    shown = carelane("--help").output
    assert all(f"  {name} " in shown for name in COMMANDS)
    assert all(f"  {code}  {meaning}" in shown for code, meaning in exits.MEANINGS.items())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_table_says(name):
    command = cli.get_command(click.Context(cli), name)
    assert isinstance(command, click.Command)
    assert command.name == name


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("send", "--help")],
)
def test_what_needs_no_database_does_not_even_import_its_driver(arguments):
    program = (
        "import sys\nfrom ingress.cli.main import cli\n"
        f"try:\n    cli({list(arguments)!r})\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write(','.join({'psycopg', 'celery', 'flask', 'stripe'} & set(sys.modules)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stderr == ""


def test_all_faults_of_the_settings_are_told_at_once(carelane):
    result = carelane("status", DATABASE_URL="mysql://x", CARELANE_WEBHOOK_PORT="http")
    assert result.exit_code == exits.USAGE
    assert "DATABASE_URL" in result.stderr
    assert "CARELANE_WEBHOOK_PORT" in result.stderr


def test_no_database_and_no_running_services_is_said_plainly(carelane, home):
    result = carelane("status")
    assert result.exit_code == exits.USAGE
    assert f"no `carelane up` has left its settings in {home}" in result.stderr


def test_an_unknown_command_is_a_usage_error(carelane):
    assert carelane("fly").exit_code == exits.USAGE


def test_the_module_runs_as_the_command_does():
    command = [sys.executable, "-m", "ingress.cli.main", "--help"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.startswith("Usage: carelane ")


def test_a_supervisor_note_that_cannot_be_read_is_no_fault(home):
    from ingress.cli import running

    (home / "run").mkdir()
    for text in ("", "[1", json.dumps("x"), json.dumps({"processes": 3})):
        (home / "run" / "processes.json").write_text(text)
        assert running.read(home) is None
