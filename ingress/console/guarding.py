"""Who is at work in a request, and what they may: every page of the console goes through `guarded`."""

from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from typing import Any

from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ingress.console import cookies
from ingress.console.house import House
from ingress.console.pages import page
from shared import audit, staff_sessions
from shared.errors import TransientError
from shared.staff_sessions import Session

View = Callable[..., AnyResponse]
_PATIENCE_SECONDS = 0.5


def current(house: House) -> Session | None:
    token = cookies.session(house, request)
    if not token:
        return None
    with house.transaction() as conn:
        return staff_sessions.find(conn, token, rule=house.terms.rule, lookup_key=house.terms.lookup_key)


def guarded(house: House, act: str | None = None) -> Callable[[View], View]:
    """For whoever is signed in and may do this; None: for whoever is signed in. The view finds them in `g.staff`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def judged(**path: Any) -> AnyResponse:
            session = current(house)
            if session is None:
                return redirect(url_for("console.sign_in"), 303)
            if act is not None and act not in session.acts:
                return _forbid(house, session, act)
            g.staff = session
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


def _forbid(house: House, session: Session, act: str) -> Response:
    with house.transaction() as conn:
        audit.record(conn, actor=session.actor, act="staff.act_refused", object=session.actor, after={"act": act})
    return page("message.html", 403, title="Not allowed", text="Your role does not allow this.")
