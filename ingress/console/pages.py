"""Renders the console's templates; every value in them is text and never markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, g, render_template, request, url_for

from shared.staff_sessions import Session

# The places of the console in the order of its navigation, and the act that opens each; None: for whoever is signed in.
_PLACES = (
    ("home", "Start", None),
    ("now", "Now", "events.see"),
    ("events", "Events", "events.see"),
    ("dead_letters", "Dead letters", "events.see"),
    ("people", "People", "people.see"),
    ("subjects", "Objects", "events.see"),
    ("payouts", "Payouts", "events.see"),
    ("accounts", "Accounts", "events.see"),
    ("audit", "Audit", "audit.read"),
    ("security", "Security", "audit.read"),
    ("settings", "Settings", "audit.read"),
)


@dataclass(frozen=True, slots=True)
class Place:
    address: str
    words: str
    is_here: bool


def page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """With the navigation for whoever is signed in."""
    staff: Session | None = g.get("staff")
    known = {} if staff is None else {"staff": staff, "csrf": g.csrf, "places": _places(staff)}
    body = render_template(f"console/{template}", **(known | values))
    return Response(body, status, content_type="text/html; charset=utf-8")


def _places(staff: Session) -> Sequence[Place]:
    here = (request.endpoint or "").removeprefix("console.")
    return [
        Place(url_for(f"console.{name}"), words, here == name or here.startswith(f"{name}_"))
        for name, words, act in _PLACES
        if act is None or act in staff.acts
    ]
