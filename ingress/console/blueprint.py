"""The console as one blueprint under /console, with its headers and its own words for what goes wrong."""

import structlog
from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from ingress.console import (
    acts,
    comparisons,
    dead_letters,
    events,
    headers,
    now,
    oversight,
    payload,
    people,
    sign_in,
    single_sign_on,
    subjects,
    words,
)
from ingress.console.forms import Forged
from ingress.console.house import House
from ingress.console.pages import page
from ingress.look import look
from shared.errors import NotFound, TransientError


def console(house: House) -> Blueprint:
    made = Blueprint("console", __name__, url_prefix="/console", template_folder="templates", static_folder="static")
    made.register_blueprint(look())
    words.add(made)
    for rooms in (sign_in, now, events, dead_letters, acts, payload, people, subjects, comparisons, oversight):
        rooms.add_routes(made, house)
    if house.provider is not None:
        single_sign_on.add_routes(made, house, house.provider)
    # So that what is not here is told by a page, and not by the door in the words of its calls.
    made.add_url_rule("/<path:_place>", "nothing", _nothing, methods=["GET"])
    made.after_request(lambda response: headers.add(response, is_tls=house.is_tls))
    made.register_error_handler(Forged, _forged)
    made.register_error_handler(NotFound, _missing)
    made.register_error_handler(TransientError, _away)
    made.register_error_handler(HTTPException, _http)
    made.register_error_handler(Exception, _failed)
    return made


def _forged(_error: Forged) -> Response:
    text = "This form was not sent from a page of ours, or the page was too old. Nothing was done."
    return page("message.html", 403, title="Not accepted", text=text)


def _nothing(_place: str) -> Response:
    return page("message.html", 404, title="Not found here", text="There is no such page.")


def _missing(error: NotFound) -> Response:
    words = str(error)
    return page("message.html", 404, title="Not found", text=f"{words[:1].upper()}{words[1:]}.")


def _away(_error: TransientError) -> Response:
    response = page("message.html", 503, title="Not now", text="Carelane is busy, or its database does not answer.")
    response.headers["Retry-After"] = "5"
    return response


def _http(error: HTTPException) -> Response:
    return page("message.html", error.code or 500, title="Not found here", text="There is no such page.")


def _failed(_error: Exception) -> Response:
    structlog.get_logger(__name__).exception("a page of the console failed", action="console.failed")
    return page("message.html", 500, title="Failed", text="The page failed. It was written down; nothing was done.")
