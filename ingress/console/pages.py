"""Renders the console's templates; every value in them is text and never markup."""

from http import HTTPStatus
from typing import Any

from flask import Response, render_template


def page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    return Response(render_template(f"console/{template}", **values), status, content_type="text/html; charset=utf-8")
