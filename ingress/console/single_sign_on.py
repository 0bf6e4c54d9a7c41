"""Signing in by an OpenID provider: the way there, and the way back."""

import hmac
from dataclasses import dataclass
from secrets import token_urlsafe

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ingress.console import cookies
from ingress.console.caller import source
from ingress.console.guarding import few_at_once
from ingress.console.house import House
from ingress.console.pages import page
from ingress.console.provider import Held, NotProven, Provider, held
from shared import staff_sessions, staff_sign_in
from shared.staff_sign_in import Refused

_MOST_AT_ONCE = 2
_NOT_PROVEN = "Your organisation's sign-in did not vouch for you, or it took too long. Begin again."
_NOT_LINKED = "Nobody here goes by the identity {subject}. Ask an admin to run: carelane staff link NAME {subject}"


def add_routes(blueprint: Blueprint, house: House, provider: Provider) -> None:
    desk, few = Desk(house, provider), few_at_once(_MOST_AT_ONCE)
    blueprint.add_url_rule("/oidc/start", "oidc_start", few(desk.start), methods=["GET"])
    blueprint.add_url_rule("/oidc/back", "oidc_back", few(desk.back), methods=["GET"])


@dataclass(frozen=True, slots=True)
class Desk:
    house: House
    provider: Provider

    def start(self) -> AnyResponse:
        cookie = token_urlsafe(32)
        response = redirect(self.provider.way_there(self._held(cookie)), 303)
        cookies.set_journey(self.house, response, cookie)
        return response

    def back(self) -> AnyResponse:
        cookie = cookies.journey(self.house, request)
        tied = self._held(cookie) if cookie else None
        state, code = request.args.get("state", ""), request.args.get("code", "")
        if tied is None or not code or not hmac.compare_digest(state.encode(), tied.state.encode()):
            return self._refused(_NOT_PROVEN)
        try:
            subject = self.provider.subject(code, tied)
        except NotProven:
            return self._refused(_NOT_PROVEN)
        return self._begin(subject)

    def _begin(self, subject: str) -> AnyResponse:
        terms, before = self.house.terms, cookies.session(self.house, request)
        with self.house.transaction() as conn:
            done = staff_sign_in.sign_in_vouched(conn, subject, terms, source=source(self.house))
            if before and not isinstance(done, Refused):
                staff_sessions.end(conn, before, lookup_key=terms.lookup_key)
        if isinstance(done, Refused):
            return self._refused(_NOT_LINKED.format(subject=subject))
        # A page and no redirect: one that began at the provider would not carry a cookie that is SameSite=Strict.
        response = page("message.html", title="Signed in", text=f"You are signed in as {done.account.name}.")
        cookies.set_session(self.house, response, done.token)
        cookies.forget_journey(self.house, response)
        return response

    def _refused(self, text: str) -> Response:
        response = page("message.html", 403, title="Not signed in", text=text)
        cookies.forget_journey(self.house, response)
        return response

    def _held(self, cookie: str) -> Held:
        return held(self.house.terms.lookup_key, cookie)
