"""What commands print: one JSON document, or rich tables that stay readable in a pipe."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TextIO

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from shared.moments import iso

_WIDTH_OF_A_PIPE = 160
_LEAST_WIDTH = 24

_STYLES = {
    "processed": "green",
    "ignored": "dim",
    "dead": "bold red",
    "retrying": "yellow",
    "crisis": "bold magenta",
    "requeued": "green",
    "yes": "green",
}


def console(stream: TextIO | None = None) -> Console:
    """For stdout unless told otherwise; colour only on a terminal."""
    stream = stream or sys.stdout
    piped = not stream.isatty() and "COLUMNS" not in os.environ
    return Console(file=stream, width=_WIDTH_OF_A_PIPE if piped else None, highlight=False, soft_wrap=False)


def json_document(document: Any) -> None:
    click.echo(json.dumps(document, indent=2))


def cell(value: object) -> Text:
    """Any value as harmless text: what came from outside must not move the cursor or paint the screen."""
    if isinstance(value, Text):
        return value
    text = "-" if value is None else shown(value)
    return Text("".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text), _style(text))


def stacked(*values: object) -> Text:
    """One under the other in one cell, those that are not None: a table of narrow columns fits a small terminal."""
    return Text("\n").join(cell(value) for value in values if value is not None)


def shown(value: object) -> str:
    if isinstance(value, datetime):
        return iso(value.replace(microsecond=0)) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    return str(value)


def show(*parts: RenderableType) -> None:
    """Print on stdout; what is wider than the terminal runs on and is not cut: an id must stay fit to be copied."""
    for part in parts:
        console().print(part, crop=False)


def table(title: str | None, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> RenderableType:
    """A column folds between words and never inside one, except the last, which takes what room is left."""
    cells = [list(map(cell, row)) for row in rows]
    widths = [_longest_word([columns[at], *(row[at].plain for row in cells)]) for at in range(len(columns))]
    widths[-1] = min(widths[-1], _LEAST_WIDTH)
    made = Table(
        header_style="bold",
        box=SIMPLE_HEAD,
        padding=0,
        collapse_padding=True,
        pad_edge=False,
        show_edge=False,
        min_width=sum(widths) + len(widths) - 1,
    )
    for column, width in zip(columns, widths, strict=True):
        made.add_column(column, overflow="fold", min_width=width)
    for row in cells:
        made.add_row(*row)
    # A title of the table's own would be folded to the table's width.
    return Group(Text(title, "bold"), made) if title else made


def _longest_word(texts: Iterable[str]) -> int:
    return max(len(word) for text in texts for word in text.split() or [""])


def pairs(rows: Iterable[tuple[str, object]]) -> Table:
    """Names on the left, values on the right; what is not known is left out."""
    made = Table.grid(padding=(0, 2))
    for name, value in rows:
        if value is not None:
            made.add_row(Text(name, "bold"), cell(value))
    return made


def _style(text: str) -> str:
    return _STYLES.get(text, "")
