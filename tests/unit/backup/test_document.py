"""The commands of docs/backup.md are ones that there are; the integration and chaos tests run them."""

import re
import shlex
from pathlib import Path

import click
import pytest

from ingress.cli.main import cli

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"^    (?:\w+=\S+ )?carelane (.+)$", TEXT, re.MULTILINE)))


def parsed(words):
    """Down the groups, each option and argument read as the command would read it."""
    group, name = cli, "carelane"
    while isinstance(group, click.Group):
        with group.make_context(name, list(words[:0]), resilient_parsing=True) as context:
            name, group, words = group.resolve_command(context, words)
    return group.make_context(name, list(words))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_document_can_be_typed(command):
    with parsed(shlex.split(command)) as context:
        assert context.command.name


def test_the_commands_of_backup_and_restore_are_all_told():
    told = {tuple(command.split()[:2]) for command in COMMANDS}
    wanted = {("backup", name) for name in ("take", "list", "check", "prune")}
    assert wanted | {("restore", "data"), ("restore", "finish")} <= told


def test_pgbackrests_configuration_is_for_the_stanza_that_the_document_names():
    text = (ROOT / "deploy" / "pgbackrest.conf").read_text(encoding="utf-8")
    assert "[carelane]" in text
    assert set(re.findall(r"--stanza=(\w+)", TEXT)) == {"carelane"}
