"""Signing in and out, enrolling, breaking the glass: each route unwraps a form, calls one function, renders."""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ingress.console import cookies, forms, way_back
from ingress.console.caller import source
from ingress.console.guarding import few_at_once, guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import staff_acts, staff_enrolment, staff_glass, staff_sessions, staff_sign_in
from shared.rules.staff_limits import GLASS_MINUTES, WINDOW_MINUTES
from shared.rules.staff_roles import ACT_WORDS
from shared.staff_enrolment import Begun, Enrolled, Setup, Weak
from shared.staff_sign_in import Credentials, Refused, SignedIn

# Checking a password takes a processor for a while: however many are tried, the door's other calls get their turn.
_MOST_AT_ONCE = 2
_SAID = {
    "wrong": (403, "That is not right. Check what you typed, and take a code that was not used yet."),
    "too_many": (429, f"Too many failed tries. Wait {WINDOW_MINUTES} minutes, then try again."),
    "no_reason": (422, "Say why, in a sentence."),
    "not_allowed": (403, "Your role does not allow this."),
}


def add_routes(blueprint: Blueprint, house: House) -> None:
    desk = Desk(house)
    at_work, few = guarded(house), few_at_once(_MOST_AT_ONCE)
    blueprint.add_url_rule("", "home", at_work(desk.home), methods=["GET"])
    blueprint.add_url_rule("/sign-in", "sign_in", desk.sign_in_page, methods=["GET"])
    blueprint.add_url_rule("/sign-in", "sign_in_now", few(desk.sign_in), methods=["POST"])
    blueprint.add_url_rule("/enrol", "enrol", desk.enrol_page, methods=["GET"])
    blueprint.add_url_rule("/enrol", "enrol_now", few(desk.enrol), methods=["POST"])
    blueprint.add_url_rule("/enrol/finish", "enrol_finish", few(desk.enrol_finish), methods=["POST"])
    blueprint.add_url_rule("/sign-out", "sign_out", at_work(desk.sign_out), methods=["POST"])
    blueprint.add_url_rule("/break-glass", "break_glass", few(at_work(desk.break_glass)), methods=["POST"])


@dataclass(frozen=True, slots=True)
class Desk:
    house: House

    def sign_in_page(self) -> AnyResponse:
        back = way_back.checked(request.args.get("back"))
        return self._with_form("sign_in.html", title="Sign in", back=back, is_lost="lost" in request.args)

    def sign_in(self) -> AnyResponse:
        typed = self._form()
        given = Credentials(
            name=typed.get("name", "").strip().lower(),
            password=typed.get("password", ""),
            code=typed.get("code", ""),
            source=source(self.house),
        )
        with self.house.transaction() as conn:
            done = staff_sign_in.sign_in(conn, given, self.house.terms, now=self.house.clock())
            self._end_held(conn, done)
        back = way_back.checked(typed.get("back"))
        if isinstance(done, Refused):
            return self._refused("sign_in.html", done, title="Sign in", back=back)
        response = redirect(back or url_for("console.home"), 303)
        cookies.set_session(self.house, response, done.token)
        return response

    def enrol_page(self) -> AnyResponse:
        return self._with_form("enrol.html", title="Set up your account")

    def enrol(self) -> AnyResponse:
        setup = self._setup(self._form())
        with self.house.transaction() as conn:
            begun = staff_enrolment.begin(conn, setup, self.house.terms)
        if isinstance(begun, Refused):
            return self._refused("enrol.html", begun, title="Set up your account")
        return self._second_step(setup, begun)

    def enrol_finish(self) -> AnyResponse:
        typed = self._form()
        setup, password, code = self._setup(typed), typed.get("password", ""), typed.get("code", "")
        with self.house.transaction() as conn:
            done = staff_enrolment.finish(
                conn, setup, password=password, code=code, terms=self.house.terms, now=self.house.clock()
            )
        if isinstance(done, Enrolled):
            response = page("recovery.html", title="Your recovery codes", codes=done.recovery_codes)
            cookies.set_session(self.house, response, done.token)
            return response
        problem = f"The password cannot be taken: {done.why}." if isinstance(done, Weak) else _SAID[done.code][1]
        status = 422 if isinstance(done, Weak) else _SAID[done.code][0]
        return self._second_step(setup, None, status=status, problem=problem)

    def home(self) -> AnyResponse:
        return self._home(200)

    def sign_out(self) -> AnyResponse:
        token = cookies.session(self.house, request) or ""
        forms.read(self.house, request, token)
        with self.house.transaction() as conn:
            staff_sessions.sign_out(conn, g.staff, token, lookup_key=self.house.terms.lookup_key)
        response = redirect(url_for("console.sign_in"), 303)
        cookies.forget_session(self.house, response)
        return response

    def break_glass(self) -> AnyResponse:
        typed = forms.read(self.house, request, cookies.session(self.house, request))
        with self.house.transaction() as conn:
            done = staff_glass.break_glass(
                conn,
                g.staff,
                reason=typed.get("reason", ""),
                code=typed.get("code", ""),
                source=source(self.house),
                terms=self.house.terms,
                now=self.house.clock(),
            )
        if isinstance(done, Refused):
            status, problem = _SAID[done.code]
            return self._home(status, problem=problem)
        return redirect(url_for("console.home"), 303)

    def _home(self, status: int, **more: Any) -> Response:
        with self.house.transaction() as conn:
            unfinished = staff_acts.latest(conn, unfinished_of=g.staff.id)
        told = {"minutes": GLASS_MINUTES, "words": ACT_WORDS, "unfinished": unfinished}
        return page("home.html", status, title="Start", **told, **more)

    def _end_held(self, conn: Any, done: SignedIn | Refused) -> None:
        held = cookies.session(self.house, request)
        if held and isinstance(done, SignedIn):
            staff_sessions.end(conn, held, lookup_key=self.house.terms.lookup_key)

    def _second_step(self, setup: Setup, begun: Begun | None, *, status: int = 200, **more: Any) -> Response:
        shown = {} if begun is None else {"secret": begun.secret, "uri": begun.uri}
        known = {"name": setup.name, "setup": setup.code}
        return self._with_form("enrol_finish.html", status, title="Set up your account", **shown, **known, **more)

    def _refused(self, template: str, refused: Refused, **values: Any) -> Response:
        status, problem = _SAID[refused.code]
        response = self._with_form(template, status, problem=problem, **values)
        if refused.code == "too_many":
            response.headers["Retry-After"] = str(WINDOW_MINUTES * 60)
        return response

    def _with_form(self, template: str, status: int = 200, **values: Any) -> Response:
        """A form tied to this browser, for whoever is not signed in yet."""
        held = cookies.form(self.house, request)
        cookie = held or token_urlsafe(32)
        response = page(template, status, csrf=forms.token(self.house, cookie), house=self.house, **values)
        if held is None:
            cookies.set_form(self.house, response, cookie)
        return response

    def _form(self) -> Mapping[str, str]:
        return forms.read(self.house, request, cookies.form(self.house, request))

    def _setup(self, typed: Mapping[str, str]) -> Setup:
        name = typed.get("name", "").strip().lower()
        return Setup(name=name, code=typed.get("setup", "").strip(), source=source(self.house))
