"""The pages and forms of a person: each route unwraps, calls one function, renders."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ingress.account import cookies, reading, words
from ingress.account.house import House
from ingress.account.rendering import message_page, page
from ingress.account.showing import shown
from ingress.account.visitors import Visitor, begin, form_token, read_form, require_application, visitor
from ingress.api import emergency_access
from ingress.api.calls import Asked, Reply
from ingress.api.principals import person
from shared.rules.emergency import REASONS


def add_routes(blueprint: Blueprint, house: House) -> None:
    desk = Desk(house)
    blueprint.add_url_rule("", "page", desk.page, methods=["GET"])
    blueprint.add_url_rule("/parts/<name>", "part", desk.part, methods=["GET"])
    blueprint.add_url_rule("/session", "session", desk.hand_over, methods=["POST"])
    blueprint.add_url_rule("/leave", "leave", desk.leave, methods=["POST"])
    blueprint.add_url_rule("/emergency", "emergency", desk.open_emergency, methods=["POST"])
    blueprint.add_url_rule("/<path:_elsewhere>", "elsewhere", desk.elsewhere, methods=["GET"])


@dataclass(frozen=True, slots=True)
class Desk:
    house: House

    def page(self) -> AnyResponse:
        return self._show("page.html", visitor(self.house, request), title=words.PAGE)

    def part(self, name: str) -> AnyResponse:
        if name not in words.PARTS:
            abort(404)
        return self._show("part.html", visitor(self.house, request), title=words.PARTS[name], part=name)

    def hand_over(self) -> AnyResponse:
        """The application gives a person's token, in the body of a form: an address would be written into logs."""
        require_application(self.house, request)
        given = request.headers.get("Authorization") or f"Bearer {request.form.get('token', '')}"
        begun = begin(self.house, given, zone=request.form.get("zone", ""))
        response = self._onward(request.form.get("part", ""), request.form.get("lang"))
        cookies.set_session(self.house, response, begun.sealed)
        return response

    def leave(self) -> AnyResponse:
        read_form(self.house, request, visitor(self.house, request).sealed)
        response = message_page(self.house, "left")
        cookies.forget_session(self.house, response)
        return response

    def open_emergency(self) -> AnyResponse:
        who = visitor(self.house, request)
        if who.session is None:
            return message_page(self.house, "who")
        typed = read_form(self.house, request, who.sealed)
        reply = self._open(who.session.user_id, typed)
        if reply.problem is not None:
            status, problem = words.CODES[reply.problem.code]
            part = typed.get("part", "")
            template, title = ("part.html", words.PARTS[part]) if part in words.PARTS else ("page.html", words.PAGE)
            return self._show(template, who, status, title=title, part=part, problem=problem)
        return self._onward(typed.get("part", ""))

    def elsewhere(self, _elsewhere: str) -> AnyResponse:
        abort(404)

    def _open(self, user_id: str, typed: Mapping[str, str]) -> Reply:
        code, reason = typed.get("code", "").strip(), typed.get("reason", "")
        wanted = {"user_id": user_id, "code": code or None, "reason": reason if reason in REASONS else REASONS[0]}
        workings, who = self.house.workings, person(user_id, frozenset())
        with workings.transaction() as conn:
            asked = Asked(workings=workings, principal=who, path={}, body=wanted, connection=conn)
            reply = emergency_access.begin(asked)
        if reply.after is not None:
            reply.after()
        return reply

    def _show(self, template: str, who: Visitor, status: int = 200, **more: Any) -> Response:
        session = who.session
        known = reading.of_nobody(self.house) if session is None else reading.read(self.house, session.user_id)
        form = "" if session is None else form_token(self.house, who.sealed)
        seen = shown(known, self.house.clock())
        response = page(self.house, template, status, shown=seen, session=session, form=form, **more)
        if who.is_new:
            cookies.set_session(self.house, response, who.sealed)
        return response

    def _onward(self, part: str, language: str | None = None) -> AnyResponse:
        """By name and never by address: nobody can be sent elsewhere."""
        lang = language if language in self.house.languages else None
        if part in words.PARTS:
            return redirect(url_for("account.part", name=part, lang=lang), 303)
        return redirect(url_for("account.page", lang=lang), 303)
