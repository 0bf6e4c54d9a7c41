"""Who is at work in a request, and what they may: every page of the console goes through `guarded`."""

from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from typing import Any

from flask import Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ingress.console import cookies, forms, way_back
from ingress.console.house import House
from ingress.console.pages import page
from shared import audit, staff_sessions
from shared.errors import TransientError
from shared.staff_sessions import Session

View = Callable[..., AnyResponse]
_PATIENCE_SECONDS = 0.5


def current(house: House, *, is_work: bool = True) -> Session | None:
    token = cookies.session(house, request)
    if not token:
        return None
    with house.transaction() as conn:
        terms = house.terms
        return staff_sessions.find(conn, token, rule=terms.rule, lookup_key=terms.lookup_key, is_work=is_work)


def guarded(house: House, act: str | None = None, *, is_work: bool = True) -> Callable[[View], View]:
    """For whoever is signed in and may do this; None: for whoever is signed in.

    The view finds them in `g.staff`, and what its forms must carry in `g.csrf`. A view that is no work keeps no session
    alive.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def judged(**path: Any) -> AnyResponse:
            session = current(house, is_work=is_work)
            if session is None:
                return redirect(way_back.to_sign_in(request, house.origins), 303)
            g.staff, g.csrf = session, forms.token(house, cookies.session(house, request) or "")
            if act is not None and act not in session.acts:
                return forbid(house, act)
            return view(**path)

        return judged

    return decorate


def few_at_once(most: int) -> Callable[[View], View]:
    """All views that it decorates together; who finds no place within a moment is asked to come again."""
    places = BoundedSemaphore(most)

    def decorate(view: View) -> View:
        @wraps(view)
        def bounded(**path: Any) -> AnyResponse:
            if not places.acquire(timeout=_PATIENCE_SECONDS):
                raise TransientError("too many people sign in at once", code="console_busy")
            try:
                return view(**path)
            finally:
                places.release()

        return bounded

    return decorate


def forbid(house: House, act: str) -> Response:
    actor = g.staff.actor
    with house.transaction() as conn:
        audit.record(conn, actor=actor, act="staff.act_refused", object=actor, after={"act": act})
    return page("message.html", 403, title="Not allowed", text="Your role does not allow this.")
