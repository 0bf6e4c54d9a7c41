"""Renders the pages of a person, in their language; every value in them is text and never markup."""

from http import HTTPStatus
from typing import Any

from flask import Response, render_template, request

from ingress.account import cookies
from ingress.account.hotline import ways
from ingress.account.house import House
from ingress.account.languages import SOURCE, Language
from ingress.account.words import OUTSIDE, PAGES

_CHOSEN = "lang"


def page(house: House, template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    language = language_of(house)
    text = render_template(
        f"account/{template}",
        _=language.say,
        language=language,
        languages=house.languages.values(),
        ways=ways(language.code),
        plan_url=house.plan_url,
        **values,
    )
    response = Response(text, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = language.code
    if request.args.get(_CHOSEN) == language.code:
        cookies.set_language(house, response, language.code)
    return response


def message_page(house: House, what: str) -> Response:
    status, title, text = PAGES[what]
    return page(house, "message.html", status, title=title, text=text, is_outside=what in OUTSIDE)


def language_of(house: House) -> Language:
    """As it was just chosen, or before, or as the browser asks for it."""
    for wanted in (request.args.get(_CHOSEN), cookies.language(house, request)):
        if wanted is not None and wanted in house.languages:
            return house.languages[wanted]
    best = request.accept_languages.best_match(list(house.languages), default=SOURCE)
    return house.languages[best]
