"""A person's page as one blueprint under /account, with its headers and its own kind words for what goes wrong."""

import structlog
from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from ingress.account import desk, headers
from ingress.account.house import House
from ingress.account.rendering import message_page
from ingress.account.visitors import NotOurs
from ingress.api.problems import Problem
from ingress.look import look
from shared.errors import TransientError

_RETRY_AFTER_SECONDS = "5"


def account(house: House) -> Blueprint:
    made = Blueprint("account", __name__, url_prefix="/account", template_folder="templates", static_folder="static")
    made.register_blueprint(look())
    desk.add_routes(made, house)
    made.after_request(lambda response: headers.add(response, origins=house.application, is_tls=house.is_tls))

    def away(_error: TransientError) -> Response:
        response = message_page(house, "away")
        response.headers["Retry-After"] = _RETRY_AFTER_SECONDS
        return response

    def failed(_error: Exception) -> Response:
        structlog.get_logger(__name__).exception("a person's page failed", action="account.failed")
        return message_page(house, "failed")

    made.register_error_handler(Problem, lambda _error: message_page(house, "who"))
    made.register_error_handler(NotOurs, lambda _error: message_page(house, "not_ours"))
    made.register_error_handler(TransientError, away)
    made.register_error_handler(HTTPException, lambda _error: message_page(house, "not_here"))
    made.register_error_handler(Exception, failed)
    return made
