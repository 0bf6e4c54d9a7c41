"""The Procfile: which processes there are, how many of each, and their commands with the settings filled in."""

import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ingress.cli import exits
from ingress.cli.up.environment import environment_for
from ingress.cli.up.failure import StartFailed
from ingress.cli.up.program import Program
from ingress.cli.up.readiness import readiness_of, ready_file, stale_seconds_of

# Beside the source, or where a wheel lays it.
_BESIDE_THE_SOURCE = Path(__file__).parents[3] / "Procfile"
USUAL = _BESIDE_THE_SOURCE if _BESIDE_THE_SOURCE.exists() else Path(sys.prefix, "share", "carelane", "Procfile")
# Two of them would fight for one port, or ring every bell twice.
_ONE_ONLY = frozenset({"webhook", "app", "stream", "flower", "beat"})
_MOST = 64
# At SIGHUP these replace their own worker processes, so that their port never goes unanswered.
_REPLACE_THEMSELVES = frozenset({"webhook", "app", "stream"})
# Events are taken, carried and answered without these, and what nobody rang for waits some seconds longer. All at once
# would share two processors among ten starts. Beat comes last: what it asks for looks for the relay.
_TURNS = dict.fromkeys(("stream", "steady", "relay", "deliver"), 1) | dict.fromkeys(("beat", "flower"), 2)
_ENTRY = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")


def parse(text: str) -> dict[str, str]:
    """Commands by name, in the order of the file. Raises StartFailed on a line that is neither entry nor comment."""
    entries: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _ENTRY.fullmatch(line.strip())
        if not found or found[1] in entries:
            raise StartFailed(f"Procfile, line {number}: not a new `name: command`", exit_code=exits.USAGE)
        entries[found[1]] = found[2]
    return entries


def instances(names: list[str], formation: str) -> list[str]:
    """Names of what to start: `crisis=2,beat=0` makes crisis.1 and crisis.2 and no beat; others stay one each."""
    counts = dict.fromkeys(names, 1)
    for part in filter(None, (part.strip() for part in formation.split(","))):
        name, _, count = part.partition("=")
        if name not in counts or not re.fullmatch(r"\d{1,2}", count) or int(count) > _MOST:
            raise _formation_fault(part, f"is no name=count with a name of the Procfile and at most {_MOST}")
        if name in _ONE_ONLY and int(count) > 1:
            raise _formation_fault(part, f"there is one {name} only")
        counts[name] = int(count)
    return [
        name if count == 1 else f"{name}.{number}" for name, count in counts.items() for number in range(1, count + 1)
    ]


def _formation_fault(part: str, why: str) -> StartFailed:
    return StartFailed(f"CARELANE_FORMATION: {part}: {why}", exit_code=exits.USAGE)


def command_of(line: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Words of a command line, $NAME and ${NAME} filled in after the words are parted, so that a blank splits none."""

    def value(found: "re.Match[str]") -> str:
        name = found[1] or found[2]
        if name not in environ:
            raise StartFailed(f"Procfile: {name} is not set", exit_code=exits.USAGE)
        return environ[name]

    return tuple(_VARIABLE.sub(value, word) for word in shlex.split(line))


def programs(path: Path, values: Mapping[str, str]) -> list[Program]:
    """What the Procfile asks for, under these settings."""
    try:
        entries = parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StartFailed(f"{path} cannot be read: {error.strerror}") from error
    names = instances(list(entries), values.get("CARELANE_FORMATION", ""))
    return [_program(name, entries[name.partition(".")[0]], path.resolve().parent, values) for name in names]


def turns(programs: Sequence[Program]) -> list[list[Program]]:
    """What starts together, in order; a formation may leave any of them empty."""
    return [[program for program in programs if program.turn == turn] for turn in range(max(_TURNS.values()) + 1)]


def _program(name: str, line: str, directory: Path, values: Mapping[str, str]) -> Program:
    environ = environment_for(name, values)
    mark = ready_file(name, values)
    process = name.partition(".")[0]
    return Program(
        name=name,
        command=command_of(line, environ),
        environ=environ,
        directory=directory,
        log=Path(values["CARELANE_HOME"], "logs", f"{name}.log"),
        is_ready=readiness_of(name, values),
        stale_seconds=stale_seconds_of(process, values),
        replaces_itself=process in _REPLACE_THEMSELVES,
        turn=_TURNS.get(process, 0),
        before_start=lambda: mark.unlink(missing_ok=True),
    )
