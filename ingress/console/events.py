"""Kept events: the search, and one event's whole story."""

from collections.abc import Callable, Iterable, Mapping

from flask import Blueprint, Response, request, url_for

from ingress.cli import explain_words, explain_work
from ingress.cli.moments import Line
from ingress.console.asked import PAGE, Asked
from ingress.console.guarding import guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import event_search, events, explanation
from shared.bulk_acts import REPLAY
from shared.event_search import Wanted
from shared.events import Event
from shared.explanation import Explanation
from shared.inbox import customer_hash
from shared.rules.lanes import LANES
from shared.status import STATES

_SECTIONS: Mapping[str, Callable[[Explanation], Iterable[Line]]] = {
    "How it came": explain_words.receipt,
    "Why this lane": explain_words.lane,
    "Waits and attempts": explain_work.work,
    "How it ended": explain_words.ending,
    "Further deliveries": explain_words.deliveries,
    "What it changed": explain_words.changes,
    "Effects and notices": explain_words.owed,
    "What staff did": explain_words.audit,
}


def add_routes(blueprint: Blueprint, house: House) -> None:
    desk, sees = Desk(house), guarded(house, "events.see")
    blueprint.add_url_rule("/events", "events", sees(desk.search), methods=["GET"])
    blueprint.add_url_rule("/events/<reference>", "events_one", sees(desk.show), methods=["GET"])


class Desk:
    def __init__(self, house: House) -> None:
        self._house = house

    def search(self) -> Response:
        asked = Asked(request.args)
        wanted = self._wanted(asked)
        with self._house.transaction() as conn:
            found = event_search.search(conn, wanted)
        onward = None if found.after is None else asked.address(url_for("console.events"), after=found.after)
        return page(
            "events.html",
            200 if not asked.faults else 422,
            title="Events",
            problem=" ".join(asked.faults),
            given=asked.given(),
            found=found,
            onward=onward,
            states=STATES,
            lanes=LANES,
        )

    def show(self, reference: str) -> Response:
        """By its row; or by its id, where one event alone bears it."""
        named = f"#{reference}" if reference.isascii() and reference.isdigit() else reference.replace("\0", "")
        with self._house.transaction() as conn:
            found = events.find(conn, [named])[named]
            if len(found) == 1:
                return self._story(explanation.explain(conn, found[0]))
        if not found:
            return page("message.html", 404, title="Not found", text="No event goes by this id.")
        return page("events_several.html", title="Several events share this id", found=found)

    def _story(self, story: Explanation) -> Response:
        return page(
            "event.html",
            title=story.event.type or "An event of no known type",
            story=story,
            event=story.event,
            headline=explain_words.headline(story),
            sections={title: list(tell(story)) for title, tell in _SECTIONS.items()},
            may=possible(story.event),
        )

    def _wanted(self, asked: Asked) -> Wanted:
        state, kind, who = asked.one_of("state", STATES), asked.text("type"), asked.text("who")
        is_customer = who is not None and who.startswith("cus_")
        return Wanted(
            filter=events.Filter(
                states=(state,) if state else (),
                types=(kind,) if kind else (),
                lane=asked.one_of("lane", LANES),
                account=asked.text("account"),
                person=None if is_customer else who,
                customer=customer_hash(self._house.terms.lookup_key, who) if is_customer else None,
                object_id=asked.text("object"),
                since=asked.moment("since"),
                until=asked.moment("until"),
            ),
            event_id=asked.text("event"),
            after=asked.row(),
            most=PAGE,
        )


def possible(event: Event) -> tuple[str, ...]:
    """What can be done with an event as it stands."""
    if event.state == "dead":
        return ("requeue",) if event.discarded_at else ("requeue", "discard")
    return (REPLAY.name,) if event.state in REPLAY.takes else ()
