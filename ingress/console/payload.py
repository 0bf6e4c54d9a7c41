"""An event's body for who has broken the glass: a worker opens it, for this door holds no key that does."""

import time

from flask import Blueprint, Response, g, request

from ingress.console import cookies, forms
from ingress.console.guarding import few_at_once, guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import events, looks
from shared.errors import NotFound
from shared.events import Event
from shared.looks import Look, Refused
from shared.payloads import Payload
from shared.reasons import fault_of
from shared.task_messages import LOOK

# Each waits in a thread of the door for a while.
_MOST_AT_ONCE = 2
_LOOK_AGAIN_SECONDS = 0.05
_SAID = {
    "body_gone": "The body was removed when its time had come.",
    "integrity": "The body was changed, or its key is not here: nobody can open it. That is on record.",
}
_NOBODY = "No worker opened it in time. Try again; if that goes on, see on the page Now what does not answer."


def add_routes(blueprint: Blueprint, house: House) -> None:
    desk, few = Desk(house), few_at_once(_MOST_AT_ONCE)
    opens = guarded(house, "payloads.open")(few(desk.show))
    blueprint.add_url_rule("/events/<int:row>/payload", "events_payload", opens, methods=["POST"])


class Desk:
    def __init__(self, house: House) -> None:
        self._house = house

    def show(self, row: int) -> Response:
        typed = forms.read(self._house, request, cookies.session(self._house, request))
        reason = typed.get("reason", "").strip()
        if fault := fault_of(reason):
            return page("message.html", 422, title="Not opened", text=f"{fault[:1].upper()}{fault[1:]}.")
        with self._house.transaction() as conn:
            event = _event(events.find(conn, [f"#{row}"])[f"#{row}"])
            look = looks.ask(conn, event, staff_id=g.staff.id, reason=reason)
        self._house.ask(LOOK, str(look.id))
        match self._wait(look):
            case Payload() as payload:
                return page("payload.html", title="Payload", event=event, text=payload.text())
            case Refused(code):
                return page("message.html", 409, title="Not opened", text=_SAID[code])
            case None:
                return page("message.html", 503, title="Not opened", text=_NOBODY)

    def _wait(self, look: Look) -> Payload | Refused | None:
        ends = time.monotonic() + self._house.look_seconds
        while True:
            with self._house.transaction() as conn:
                if (found := looks.collect(conn, look)) is not None:
                    return found
                if time.monotonic() >= ends:
                    looks.forget(conn, look)
                    return None
            time.sleep(_LOOK_AGAIN_SECONDS)


def _event(found: tuple[Event, ...]) -> Event:
    if not found:
        raise NotFound("no event has this row")
    return found[0]
