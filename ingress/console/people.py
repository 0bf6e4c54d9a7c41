"""People: who is in danger now, one person's state and history, and what a clinician or support may do for them."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ingress.console import cookies, forms
from ingress.console.asked import Asked
from ingress.console.guarding import guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import access, crises, emergency, payment_status, people, people_views
from shared.access_document import document
from shared.crises import AlreadyResolved, Report
from shared.crisis_notes import Note
from shared.db import Connection
from shared.emergency import Terms
from shared.errors import NotFound
from shared.inbox import customer_hash
from shared.people_settings import emergency_of, policy_of
from shared.rules.access import SEVERITIES
from shared.rules.emergency import REASONS

_SHORTEST_NOTE, _LONGEST_NOTE = 3, 10_000


def add_routes(blueprint: Blueprint, house: House) -> None:
    desk, sees = Desk(house), guarded(house, "people.see")
    cares, opens = guarded(house, "crises.act"), guarded(house, "emergency.open")
    blueprint.add_url_rule("/people", "people", sees(desk.listing), methods=["GET"])
    blueprint.add_url_rule("/people/<path:user_id>", "people_one", sees(desk.show), methods=["GET"])
    blueprint.add_url_rule("/people/<path:user_id>/crisis", "people_crisis", cares(desk.open_crisis), methods=["POST"])
    path = "/people/<path:user_id>/crises/<uuid:crisis_id>/resolve"
    blueprint.add_url_rule(path, "people_resolve", cares(desk.resolve), methods=["POST"])
    blueprint.add_url_rule(
        "/people/<path:user_id>/emergency", "people_emergency", opens(desk.open_emergency), methods=["POST"]
    )
    blueprint.add_url_rule("/people/<path:user_id>/code", "people_code", opens(desk.issue_code), methods=["POST"])


class Desk:
    def __init__(self, house: House) -> None:
        self._house = house
        self._policy = policy_of(house.settings)

    def listing(self) -> AnyResponse:
        asked = Asked(request.args)
        who, problem = asked.text("who"), " ".join(asked.faults)
        with self._house.transaction() as conn:
            if who is not None:
                found = self._named(conn, who)
                if found is not None:
                    return redirect(url_for("console.people_one", user_id=found), 303)
                problem = "Nobody is known by that. An id of the application is needed, or a Stripe customer's (cus_…)."
            danger, emergencies = people_views.in_danger(conn), people_views.in_emergency(conn)
        status = 422 if asked.faults else 404 if problem else 200
        return page(
            "people.html",
            status,
            title="People",
            problem=problem,
            given=asked.given(),
            danger=danger,
            emergencies=emergencies,
        )

    def show(self, user_id: str) -> Response:
        return self._person(user_id)

    def open_crisis(self, user_id: str) -> AnyResponse:
        severity = self._form().get("severity", "")
        if severity not in SEVERITIES:
            return self._person(user_id, 422, problem="Choose how grave it is.")
        with self._house.transaction() as conn:
            report = Report(user_id, "clinician", severity)
            opened = crises.begin(conn, report, actor=g.staff.actor, policy=self._policy)
        return self._settled(user_id, opened.waiting)

    def resolve(self, user_id: str, crisis_id: uuid.UUID) -> AnyResponse:
        note = self._form(longest=_LONGEST_NOTE + 1).get("note", "").replace("\r\n", "\n").strip()
        public_key = self._house.settings.seal_public_key
        if not _SHORTEST_NOTE <= len(note) <= _LONGEST_NOTE or public_key is None:
            problem = f"Write a note on how it ended, of {_LONGEST_NOTE:,} characters at most. It is kept sealed."
            return self._person(user_id, 422, problem=problem, note=note)
        try:
            with self._house.transaction() as conn:
                if crises.find(conn, crisis_id).user_id != user_id:
                    raise NotFound("no crisis of this person goes by this id")
                crises.resolve(conn, crisis_id, Note(note, public_key), actor=g.staff.actor, policy=self._policy)
        except AlreadyResolved:
            return self._person(user_id, 409, problem="Somebody has resolved it already. Your note was not kept.")
        return self._settled(user_id, ())

    def open_emergency(self, user_id: str) -> AnyResponse:
        reason = self._form().get("reason", "")
        if reason not in REASONS:
            return self._person(user_id, 422, problem="Choose a reason.")
        with self._house.transaction() as conn:
            opened = emergency.begin(conn, user_id, reason, actor=g.staff.actor, terms=self._terms())
        return self._settled(user_id, opened.waiting)

    def issue_code(self, user_id: str) -> AnyResponse:
        self._form()
        with self._house.transaction() as conn:
            issued = emergency.issue_code(conn, user_id, actor=g.staff.actor, terms=self._terms())
        return self._person(user_id, issued=issued)

    def _person(self, user_id: str, status: int = 200, **more: Any) -> Response:
        user_id = user_id.replace("\0", "")
        with self._house.transaction() as conn:
            values = self._read(conn, user_id)
        return page(
            "person.html", status, title=f"Person {user_id}", severities=SEVERITIES, reasons=REASONS, **values, **more
        )

    def _read(self, conn: Connection, user_id: str) -> Mapping[str, Any]:
        person = people.require(conn, user_id)
        people_views.note_look(conn, user_id, actor=g.staff.actor)
        reading = access.read(conn, user_id)
        assert reading is not None  # noqa: S101 - for mypy: the person was found by the same transaction
        return {
            "person": person,
            "has": document(user_id, reading.decide(self._policy), reading.at),
            "pays": payment_status.document(conn, user_id),
            "life": people_views.life(conn, user_id),
        }

    def _named(self, conn: Connection, who: str) -> str | None:
        if who.startswith("cus_"):
            hashed = customer_hash(self._house.terms.lookup_key, who)
            return None if hashed is None else people_views.person_of(conn, hashed)
        found = people.find(conn, who)
        return None if found is None else found.user_id

    def _settled(self, user_id: str, waiting: Sequence[int]) -> AnyResponse:
        self._house.settle(user_id, waiting)
        return redirect(url_for("console.people_one", user_id=user_id), 303)

    def _terms(self) -> Terms:
        rule = emergency_of(self._house.settings)
        return Terms(policy=self._policy, rule=rule, lookup_key=self._house.terms.lookup_key)

    def _form(self, **bounds: int) -> Mapping[str, str]:
        return forms.read(self._house, request, cookies.session(self._house, request), **bounds)
