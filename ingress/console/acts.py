"""Acts on many events: begun by a form, carried on while their page is open, taken back within their time."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ingress.console import cookies, dead_letters, forms
from ingress.console.asked import PAGE, Asked
from ingress.console.guarding import View, forbid, guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import bulk_work, staff_acts
from shared import dead_letters as letters
from shared.bulk_acts import DISCARD, DONE, REPLAY, REQUEUE, Act, Mandate
from shared.bulk_work import TooMany, Work
from shared.db import Connection
from shared.reasons import fault_of

_ACTS = (REQUEUE, DISCARD, REPLAY)
_NEEDS: Mapping[str, str] = {act.name: f"events.{act.name}" for act in _ACTS}
_TOO_LATE = (
    "The time to take it back is over, or somebody did so already. Requeue the letters instead: that undoes a discard."
)
_SAYS: Mapping[str, str] = {
    "requeued": "tried again",
    "discarded": "put aside",
    "replayed": "carried through again",
    "undone": "taken back: they wait for a person again",
    "already_running": "somebody else sent them on already",
    "changed_meanwhile": "changed meanwhile, so left alone",
    "already_discarded": "put aside already",
    "not_dead": "no dead letters any more",
    "not_found": "not there",
    "dead": "dead letters: requeue them instead",
    "ambiguous": "several events share the id",
    "body_gone": "their body was removed when its time had come",
}


def add_routes(blueprint: Blueprint, house: House) -> None:
    desk, sees = Desk(house), guarded(house, "events.see")
    for act in _ACTS:
        begins = guarded(house, _NEEDS[act.name])(desk.beginner(act))
        blueprint.add_url_rule(f"/acts/{act.name}", f"act_{act.name}", begins, methods=["POST"])
    blueprint.add_url_rule("/acts/<uuid:act_id>", "act", sees(desk.show), methods=["GET"])
    blueprint.add_url_rule("/acts/<uuid:act_id>/go-on", "act_go_on", sees(desk.go_on), methods=["POST"])
    blueprint.add_url_rule("/acts/<uuid:act_id>/undo", "act_undo", sees(desk.undo), methods=["POST"])


class Desk:
    def __init__(self, house: House) -> None:
        self._house = house

    def beginner(self, act: Act) -> View:
        def begin() -> AnyResponse:
            typed = self._form()
            with self._house.transaction() as conn:
                try:
                    act_id = self._keep(conn, act, typed)
                except (TooMany, ValueError) as error:
                    return dead_letters.shown(self._house, conn, Asked(request.args), refused=str(error), typed=typed)
            staff_acts.go_on(self._house.transaction, act_id, seconds=self._house.step_seconds)
            return redirect(url_for("console.act", act_id=act_id), 303)

        return begin

    def _keep(self, conn: Connection, act: Act, typed: Mapping[str, str]) -> uuid.UUID:
        """Raises TooMany, and ValueError for what cannot be begun."""
        reason = typed.get("reason", "").strip()
        if fault := fault_of(reason):
            raise ValueError(fault)
        work = self._chosen(conn, act, typed)
        if not (work.matched or work.refused):
            raise ValueError("nothing was ticked, or nothing matches any more")
        return staff_acts.begin(conn, work, staff_id=g.staff.id, mandate=Mandate(g.staff.actor, reason))

    def show(self, act_id: uuid.UUID) -> Response:
        asked = Asked(request.args)
        outcome, after = asked.one_of("outcome", tuple(_SAYS)), asked.row() or 0
        with self._house.transaction() as conn:
            kept = staff_acts.find(conn, act_id)
            found = staff_acts.items(conn, act_id, outcome=outcome, after=after, most=PAGE + 1)
        here = url_for("console.act", act_id=act_id)
        return page(
            "act.html",
            title=_title(kept),
            kept=kept,
            is_mine=kept.carrier == g.staff.actor,
            done=sum(count for name, count in kept.counts.items() if name in DONE),
            counts=[
                (name, _SAYS.get(name, name), count, asked.address(here, outcome=name))
                for name, count in kept.counts.items()
                if name
            ],
            items=found[:PAGE],
            says=_SAYS,
            outcome=outcome,
            everything=asked.address(here, outcome=None),
            onward=asked.address(here, after=found[PAGE - 1].position) if len(found) > PAGE else None,
        )

    def go_on(self, act_id: uuid.UUID) -> AnyResponse:
        self._form()
        with self._house.transaction() as conn:
            kept = staff_acts.find(conn, act_id)
        # Who began it answers for it: nobody else's session carries it on.
        if kept.carrier != g.staff.actor or _NEEDS[kept.act] not in g.staff.acts:
            return forbid(self._house, _NEEDS[kept.act])
        staff_acts.go_on(self._house.transaction, act_id, seconds=self._house.step_seconds)
        return redirect(url_for("console.act", act_id=act_id), 303)

    def undo(self, act_id: uuid.UUID) -> AnyResponse:
        self._form()
        if _NEEDS[DISCARD.name] not in g.staff.acts:
            return forbid(self._house, _NEEDS[DISCARD.name])
        with self._house.transaction() as conn:
            is_taken = staff_acts.take_back(conn, act_id, actor=g.staff.actor)
        if not is_taken:
            return page("message.html", 409, title="Not taken back", text=_TOO_LATE)
        staff_acts.go_on(self._house.transaction, act_id, seconds=self._house.step_seconds)
        return redirect(url_for("console.act", act_id=act_id), 303)

    def _chosen(self, conn: Connection, act: Act, typed: Mapping[str, str]) -> Work:
        """What was ticked, or all that matched when the page was made: what died since is not among it."""
        if typed.get("which") != "all":
            return bulk_work.named(conn, act, _ticked())
        asked, as_of = Asked(request.args), _made_at(typed.get("as_of", ""))
        chosen = dead_letters.wanted(self._house, asked)
        if asked.faults or as_of is None or act is REPLAY:
            raise ValueError("the address of the list was changed: nothing was done")
        counted = replace(chosen, until=min(chosen.until or as_of, as_of))
        # Counted before they are read one by one: to read a million in vain takes longer than anybody waits.
        if (total := sum(cause.count for cause in letters.causes(conn, counted))) > staff_acts.MOST:
            raise TooMany(f"{total:,} match, and one act takes {staff_acts.MOST:,}: narrow the filter")
        return bulk_work.matching(conn, act, counted)

    def _form(self) -> Mapping[str, str]:
        return forms.read(self._house, request, cookies.session(self._house, request))


def _made_at(text: str) -> datetime | None:
    """When the page was made, as it says itself; None for what no page of ours says."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None else found


def _ticked() -> Sequence[str]:
    rows = request.form.getlist("row")[: PAGE * 2]
    return [f"#{row}" for row in rows if row.isascii() and row.isdigit() and len(row) <= 18]  # noqa: PLR2004 - a bigint


def _title(kept: staff_acts.Kept) -> str:
    what = {"requeue": "Requeueing", "discard": "Discarding", "replay": "Replaying"}[kept.act]
    begins = f"Taking back: {what.lower()}" if kept.undone_at else what
    return f"{begins} {kept.chosen:,} {'event' if kept.chosen == 1 else 'events'}"
