"""The events that a person names: as arguments, or one a line in a file."""

import re
from dataclasses import dataclass

import click

from shared.bulk_work import MOST_NAMED

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,255}|#\d{1,18}")
_MOST_BYTES = MOST_NAMED * 257


@dataclass(frozen=True, slots=True)
class Listed:
    ids: tuple[str, ...] = ()
    took_stdin: bool = False  # so that nothing is left there to answer a question with


def checked(_: click.Context, param: click.Parameter, ids: tuple[str, ...]) -> tuple[str, ...]:
    for one in ids:
        if not _ID.fullmatch(one):
            raise click.BadParameter(f"{one!r} is neither an event's id nor a row as '#123'", param=param)
    return ids


def from_file(_: click.Context, param: click.Parameter, path: str | None) -> Listed:
    """One id a line; blank lines are passed over."""
    if path is None:
        return Listed()
    try:
        with click.open_file(path, "rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
        ids = _ids(data.decode("utf-8-sig"))
    except OSError as error:
        raise click.BadParameter(f"{path} cannot be read: {error.strerror}", param=param) from error
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{path} is not text", param=param) from error
    except ValueError as error:
        raise click.BadParameter(str(error), param=param) from error
    if len(ids) > MOST_NAMED or len(data) > _MOST_BYTES:
        raise click.BadParameter(f"{path} names more than {MOST_NAMED:,} events", param=param)
    return Listed(ids, took_stdin=path == "-")


def _ids(text: str) -> tuple[str, ...]:
    ids = []
    for number, line in enumerate(text.splitlines(), start=1):
        one = line.strip()
        if one and not _ID.fullmatch(one):
            raise ValueError(f"line {number} is neither an event's id nor a row as '#123'")
        ids += [one] if one else []
    if not ids:
        raise ValueError("no event is named there")
    return tuple(ids)
