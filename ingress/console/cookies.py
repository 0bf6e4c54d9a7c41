"""The console's cookies: the session's, and those that tie a form or a journey to a browser before there is one."""

from flask import Request
from werkzeug.wrappers import Response

from ingress.console.house import House

_SESSION, _FORM, _JOURNEY = "carelane", "carelane-form", "carelane-journey"
_JOURNEY_SECONDS = 600


def session(house: House, request: Request) -> str | None:
    return request.cookies.get(_name(house, _SESSION))


def form(house: House, request: Request) -> str | None:
    return request.cookies.get(_name(house, _FORM))


def set_session(house: House, response: Response, token: str) -> None:
    _set(house, response, _SESSION, token)


def set_form(house: House, response: Response, value: str) -> None:
    _set(house, response, _FORM, value)


def forget_session(house: House, response: Response) -> None:
    response.delete_cookie(_name(house, _SESSION), path="/", secure=house.is_tls, httponly=True, samesite="Strict")


def journey(house: House, request: Request) -> str | None:
    return request.cookies.get(_name(house, _JOURNEY))


def set_journey(house: House, response: Response, value: str) -> None:
    # Lax: it has to come along when a provider sends the browser back.
    name = _name(house, _JOURNEY)
    response.set_cookie(name, value, _JOURNEY_SECONDS, path="/", secure=house.is_tls, httponly=True, samesite="Lax")


def forget_journey(house: House, response: Response) -> None:
    response.delete_cookie(_name(house, _JOURNEY), path="/", secure=house.is_tls, httponly=True, samesite="Lax")


def _set(house: House, response: Response, name: str, value: str) -> None:
    # It ends with the browser; how long it opens anything, the server alone decides.
    response.set_cookie(_name(house, name), value, path="/", secure=house.is_tls, httponly=True, samesite="Strict")


def _name(house: House, name: str) -> str:
    """With the prefix a browser takes it from this host alone, over TLS alone."""
    return f"__Host-{name}" if house.is_tls else name
