"""For translators: gathers the messages of the pages, and brings every catalogue up to date (`make catalogues`)."""

from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from ingress.account import words
from ingress.account.languages import CATALOGUES

_TEMPLATES = Path(__file__).parent / "templates"
_WIDTH = 120
# No dates and no names: they would change with every run.
_HEAD = """\
msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def gathered() -> Catalog:
    """Every message that a page can say."""
    found = Catalog(charset="utf-8")
    for path in sorted(_TEMPLATES.rglob("*.html")):
        with path.open("rb") as template:
            for _, _, said, _ in babel_extract(template, ("_",), (), {"silent": "false"}):
                text = said[0] if isinstance(said, tuple) else said  # what follows in a call are values
                if isinstance(text, str):
                    found.add(text)
    for text in words.every():
        found.add(text)
    return found


def renew(path: Path, messages: Catalog) -> None:
    """Add what is new, drop what is gone; what a translator wrote stays."""
    with path.open("rb") as written:
        catalogue = read_po(written, locale=path.stem)
    catalogue.update(messages, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with path.open("wb") as written:
        written.write(_HEAD.format(code=path.stem).encode())
        write_po(written, catalogue, width=_WIDTH, omit_header=True, no_location=True, sort_output=True)


if __name__ == "__main__":
    for catalogue_path in sorted(CATALOGUES.glob("*.po")):
        renew(catalogue_path, gathered())
