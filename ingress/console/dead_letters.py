"""Dead letters: what they died of, which match, and the one form that requeues or discards them."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, request, url_for

from ingress.console.asked import PAGE, Asked
from ingress.console.guarding import guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import dead_letters
from shared.db import Connection
from shared.dead_letters import Cause, Filter
from shared.inbox import customer_hash
from shared.rules.lanes import LANES

_MOST_CAUSES = 30


def add_routes(blueprint: Blueprint, house: House) -> None:
    desk, sees = Desk(house), guarded(house, "events.see")
    blueprint.add_url_rule("/dead-letters", "dead_letters", sees(desk.listing), methods=["GET"])


def wanted(house: House, asked: Asked) -> Filter:
    """Which dead letters an address asks for; `who` is a person, or a Stripe customer by its `cus_…` id."""
    who, kind = asked.text("who"), asked.text("type")
    classes, code = asked.text("class"), asked.text("code")
    is_customer = who is not None and who.startswith("cus_")
    return Filter(
        types=(kind,) if kind else (),
        classes=(classes,) if classes else (),
        codes=(code,) if code else (),
        account=asked.text("account"),
        lane=asked.one_of("lane", LANES),
        person=None if is_customer else who,
        customer=customer_hash(house.terms.lookup_key, who) if is_customer else None,
        since=asked.moment("since"),
        until=asked.moment("until"),
        text=asked.text("text"),
        discarded=asked.flag("discarded"),
    )


class Desk:
    def __init__(self, house: House) -> None:
        self._house = house

    def listing(self) -> Response:
        asked = Asked(request.args)
        with self._house.transaction() as conn:
            return shown(self._house, conn, asked, problem=None)


def shown(house: House, conn: Connection, asked: Asked, *, problem: str | None, reason: str = "") -> Response:
    """The list with its form; after a form that could not be taken it says why, and what was typed is still there."""
    chosen, after = wanted(house, asked), asked.row()
    as_of = _now(conn)
    # Nothing that dies after this page was made belongs to what its button says.
    counted = replace(chosen, until=min(chosen.until or as_of, as_of))
    causes = dead_letters.causes(conn, counted)
    found = dead_letters.listing(conn, counted, after=after, most=PAGE + 1)
    onward = found[PAGE - 1].id if len(found) > PAGE else None
    problem = " ".join([*asked.faults, *([problem] if problem else [])])
    here = url_for("console.dead_letters")
    return page(
        "dead_letters.html",
        422 if problem else 200,
        title="Dead letters",
        problem=problem,
        given=asked.given(),
        causes=[
            (cause, asked.address(here, **_of(cause)), _is_chosen(cause, chosen)) for cause in causes[:_MOST_CAUSES]
        ],
        all_causes=asked.address(here, code=None, **{"class": None}),
        total=sum(cause.count for cause in causes),
        found=found[:PAGE],
        onward=None if onward is None else asked.address(here, after=onward),
        first=asked.address(here),
        is_first=after is None,
        query=asked.address(""),
        as_of=as_of.isoformat(),
        reason=reason,
        lanes=LANES,
    )


def _of(cause: Cause) -> dict[str, object]:
    return {"class": cause.reason_class, "code": cause.code, "type": cause.type}


def _is_chosen(cause: Cause, chosen: Filter) -> bool:
    return chosen.codes == (cause.code,) and chosen.types == (cause.type,)


def _now(conn: Connection) -> datetime:
    """By the database's clock, which also says when a letter died."""
    row = conn.execute("SELECT clock_timestamp() AS now").fetchone()
    found: datetime = row["now"] if row else datetime.now(UTC)
    return found
