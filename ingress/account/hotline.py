"""How to reach the 988 line from a page, in the person's language where it speaks it."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.rules.people_words import HOTLINE


@dataclass(frozen=True, slots=True)
class Ways:
    """Links. On the telephone a voice asks for the language; a text and the chat say it by themselves."""

    call: str
    text: str
    chat: str


_ENGLISH = Ways(f"tel:{HOTLINE.phone}", f"sms:{HOTLINE.text}", "https://chat.988lifeline.org/")
# https://988lifeline.org/get-help/what-to-expect: who texts this word is answered in Spanish.
_SPANISH = Ways(_ENGLISH.call, f"sms:{HOTLINE.text}?body=AYUDA", "https://988lifeline.org/es/")
_BY_LANGUAGE: Mapping[str, Ways] = {"es": _SPANISH}


def ways(language: str) -> Ways:
    return _BY_LANGUAGE.get(language, _ENGLISH)
