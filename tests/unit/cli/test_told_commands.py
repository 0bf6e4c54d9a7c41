"""What a document tells its reader to type is there: commands, their options, targets of make, services."""

import re
import shlex
from pathlib import Path

import click
import pytest

from ingress.cli.main import cli

ROOT = Path(__file__).parents[3]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_INLINE = re.compile(r"`(?:\.venv/bin/)?((?:carelane|make|docker compose) [^`]+)`")
_BLOCK = re.compile(r"^ {4}(?:\.venv/bin/)?((?:carelane|make|docker compose) .+)$", re.MULTILINE)
VERBS = {"up", "ps", "build", "kill", "logs"}
_IN_COMPOSE = re.compile(r"^docker compose run .*?\bcommand\b")


def told(path):
    text = path.read_text(encoding="utf-8")
    found = {" ".join(said.split()) for said in (*_INLINE.findall(text), *_BLOCK.findall(text))}
    return [(path.name, part.strip()) for said in sorted(found) for part in said.split("&&")]


TOLD = [one for path in DOCUMENTS for one in told(path)]
CARELANE = [(name, said) for name, said in TOLD if said.startswith("carelane ") or _IN_COMPOSE.match(said)]
MAKE = [(name, said) for name, said in TOLD if said.startswith("make ")]
COMPOSE = [(name, said) for name, said in TOLD if said.startswith("docker compose ") and not _IN_COMPOSE.match(said)]


def words(said):
    """Without the brackets about what may be left out, and the dots for what is to be filled in at the end."""
    plain = re.sub(r"[\[\]]", "", _IN_COMPOSE.sub("carelane", said))
    found = shlex.split(plain, comments=True)[1:]
    return found[:-1] if found[-1] == "…" and not found[-2].startswith("--") else found


def parsed(given):
    """The words that no command, option or argument took. A sentence may name a command without what it needs."""
    command, context = cli, click.Context(cli, info_name="carelane")
    while isinstance(command, click.Group) and given and not given[0].startswith("-"):
        name, *given = given
        command = command.get_command(context, name)
        assert command is not None, f"no command {name}"
        context = click.Context(command, info_name=name, parent=context)
    _, left, _ = command.make_parser(context).parse_args(list(given))
    return left


def test_there_are_many_in_many_documents():
    assert len(CARELANE) > 100
    assert len({name for name, _ in CARELANE}) > 12
    assert len(MAKE) > 8
    assert len(COMPOSE) > 5


@pytest.mark.parametrize(("name", "said"), CARELANE)
def test_a_command_is_one_and_takes_the_options_that_are_told(name, said):
    try:
        assert parsed(words(said)) == [], f"{name}: {said}"
    except click.NoSuchOption as error:
        pytest.fail(f"{name}: {said}: {error.message}")


@pytest.mark.parametrize(("name", "said"), MAKE)
def test_a_target_of_make_is_one(name, said):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    given = [word for word in words(said) if "=" not in word]
    assert set(given) <= targets, name


@pytest.mark.parametrize(("name", "said"), COMPOSE)
def test_docker_is_told_of_services_that_there_are(name, said):
    files = "".join(
        (ROOT / path).read_text(encoding="utf-8") for path in ("docker-compose.yml", "deploy/monitoring.yml")
    )
    services = set(re.findall(r"^ {2}([a-z-]+):", files, re.MULTILINE))
    given = shlex.split(said, comments=True)[2:]
    named = {word.partition("=")[0] for word in given if re.fullmatch(r"[a-z]+(=\d)?", word)}
    assert named - VERBS <= services, f"{name}: {said}"
