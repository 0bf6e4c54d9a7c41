"""What a page was asked for by its address: each value read, bounded, and told where it cannot be one."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

_LONGEST = 255
_LARGEST_ROW = 18
PAGE = 50


class Asked:
    """The values of a query; `faults` gathers what is wrong with them, in words. What is wrong counts as not given."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.faults: list[str] = []

    def text(self, name: str) -> str | None:
        found = self._values.get(name, "").strip()
        if len(found) > _LONGEST or not found.isprintable():
            self.faults.append(
                f"{_words(name)} is longer than {_LONGEST} characters, or holds some that cannot be shown."
            )
            return None
        return found or None

    def one_of(self, name: str, known: Collection[str]) -> str | None:
        found = self.text(name)
        if found is not None and found not in known:
            self.faults.append(f"{_words(name)} is none of {', '.join(known)}.")
            return None
        return found

    def moment(self, name: str) -> datetime | None:
        """UTC, as every time in the console."""
        found = self.text(name)
        try:
            return None if found is None else _in_utc(datetime.fromisoformat(found))
        except (ValueError, OverflowError):  # the second: in UTC it would lie before the first year or after the last
            self.faults.append(f"{_words(name)} is no moment such as 2026-11-21T14:00.")
            return None

    def row(self, name: str = "after") -> int | None:
        found = self.text(name)
        if found is not None and not re.fullmatch(rf"[0-9]{{1,{_LARGEST_ROW}}}", found):
            self.faults.append("The address does not lead on from a list of ours.")
            return None
        return None if found is None else int(found)

    def flag(self, name: str) -> bool:
        return self.text(name) is not None

    def given(self) -> dict[str, str]:
        """What is not empty, to be written into a form or an address again."""
        return {name: value for name, value in self._values.items() if value.strip()}

    def address(self, path: str, **changes: object) -> str:
        """Of the same list with some values changed; None takes one away. Where the list goes on is left out."""
        kept = {name: value for name, value in self.given().items() if name != "after"}
        kept |= {name: str(value) for name, value in changes.items() if value is not None}
        left = {name: value for name, value in kept.items() if name not in changes or changes[name] is not None}
        return f"{path}?{urlencode(left)}" if left else path


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _words(name: str) -> str:
    return f"“{name.replace('_', ' ')}”"
