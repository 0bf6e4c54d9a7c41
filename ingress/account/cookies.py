"""The cookies of a person's page: the sealed session, and the language that was chosen."""

from datetime import timedelta
from typing import Literal

from flask import Request
from werkzeug.wrappers import Response

from ingress.account.house import House

_SESSION, _LANGUAGE = "carelane-account", "carelane-language"
_YEAR = timedelta(days=365)


def session(house: House, request: Request) -> str | None:
    return request.cookies.get(_name(house, _SESSION))


def set_session(house: House, response: Response, sealed: str) -> None:
    _set(house, response, _SESSION, sealed, house.lasts)


def forget_session(house: House, response: Response) -> None:
    _set(house, response, _SESSION, "", timedelta())


def language(house: House, request: Request) -> str | None:
    return request.cookies.get(_name(house, _LANGUAGE))


def set_language(house: House, response: Response, code: str) -> None:
    _set(house, response, _LANGUAGE, code, _YEAR)


def _set(house: House, response: Response, name: str, value: str, lasts: timedelta) -> None:
    # In a frame on the application's page it is a cookie of a third party: then it is kept for that page alone.
    is_framed = house.is_tls and bool(house.application)
    same_site: Literal["None", "Lax"] = "None" if is_framed else "Lax"
    response.set_cookie(
        _name(house, name),
        value,
        max_age=lasts,
        path="/",
        secure=house.is_tls,
        httponly=True,
        samesite=same_site,
        partitioned=is_framed,
    )


def _name(house: House, name: str) -> str:
    """With the prefix a browser takes it from this host alone, over TLS alone."""
    return f"__Host-{name}" if house.is_tls else name
