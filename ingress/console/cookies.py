"""The console's two cookies: the session's, and one that ties a form to a browser before there is a session."""

from flask import Request
from werkzeug.wrappers import Response

from ingress.console.house import House

_SESSION, _FORM = "carelane", "carelane-form"


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


def _set(house: House, response: Response, name: str, value: str) -> None:
    # It ends with the browser; how long it opens anything, the server alone decides.
    response.set_cookie(_name(house, name), value, path="/", secure=house.is_tls, httponly=True, samesite="Strict")


def _name(house: House, name: str) -> str:
    """With the prefix a browser takes it from this host alone, over TLS alone."""
    return f"__Host-{name}" if house.is_tls else name
