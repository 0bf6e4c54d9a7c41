"""The languages of a person's page: English is in the code, each other one is a catalogue `catalogues/xx.po`.

Catalogues are read as their translators write them, once for each process: no compiled copy can be forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).parent / "catalogues"
SOURCE = "en"
_LONGEST_ZONE = 64


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    locale: Locale
    translations: NullTranslations

    def say(self, text: str, **values: object) -> str:
        """A message in this language; one that nobody has translated yet in English."""
        found: str = self.translations.gettext(text)
        return found.format(**values)

    def day(self, at: datetime, zone: str) -> str:
        """A moment's day where the person is, as `November 28, 2026`."""
        return format_date(at.astimezone(_zone(zone)), "long", locale=self.locale)

    def moment(self, at: datetime, zone: str) -> str:
        hour = format_time(at, "short", tzinfo=_zone(zone), locale=self.locale)
        return f"{self.day(at, zone)}, {hour}" + (" UTC" if zone == "UTC" else "")

    @property
    def name(self) -> str:
        """As its own speakers call it."""
        own = self.locale.get_display_name(self.code) or self.code
        return own[:1].upper() + own[1:]

    @property
    def direction(self) -> str:
        return str(self.locale.text_direction)


def read_all(folder: Path = CATALOGUES) -> Mapping[str, Language]:
    """By code, English first."""
    source = Language(SOURCE, Locale.parse(SOURCE), NullTranslations())
    return {SOURCE: source} | {path.stem: read(path) for path in sorted(folder.glob("*.po"))}


def read(path: Path) -> Language:
    with path.open("rb") as written:
        catalogue = read_po(written, locale=path.stem)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(path.stem, Locale.parse(path.stem), Translations(compiled))


def is_zone(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_ZONE and name.isascii() and _find(name) is not None


def _zone(name: str) -> tzinfo:
    return _find(name) or ZoneInfo("UTC")


def _find(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
