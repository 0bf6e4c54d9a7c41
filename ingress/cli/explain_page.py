"""An event's story as a page: a headline, then a few plain sentences under each heading."""

from collections.abc import Callable, Iterable, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ingress.cli import explain_words, explain_work, screen
from ingress.cli.moments import Line, at
from shared.explanation import Explanation

_SECTIONS: Mapping[str, Callable[[Explanation], Iterable[Line]]] = {
    "Receipt": explain_words.receipt,
    "Lane": explain_words.lane,
    "Waits and attempts": explain_work.work,
    "How it ended": explain_words.ending,
    "Further deliveries": explain_words.deliveries,
    "What it changed": explain_words.changes,
    "Effects and notices": explain_words.owed,
    "Audit": explain_words.audit,
}


def page(story: Explanation) -> RenderableType:
    parts: list[RenderableType] = [screen.cell(explain_words.headline(story))]
    for title, tell in _SECTIONS.items():
        parts += [Text(""), Text(title, "bold"), _section(tell(story))]
    return Group(*parts)


def _section(lines: Iterable[Line]) -> RenderableType:
    """Moments on the left and sentences beside them; without a moment there is no left side."""
    told = list(lines)
    made = Table.grid(padding=(0, 2, 0, 0))
    for moment, sentence in told:
        cells = [screen.cell(at(moment) if moment else "")] if any(moment for moment, _ in told) else []
        made.add_row(*cells, screen.cell(sentence))
    return Padding(made, (0, 0, 0, 2), expand=False)
