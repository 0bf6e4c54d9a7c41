"""Dead letters: what they died of, which match, and the one form that requeues or discards them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from flask import Blueprint, Response, request, url_for

from ingress.console.asked import PAGE, Asked
from ingress.console.guarding import guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import dead_letters
from shared.db import Connection
from shared.dead_letters import Cause, Filter
from shared.events import Event
from shared.inbox import customer_hash
from shared.rules.lanes import LANES

_MOST_CAUSES = 30
_NOTHING: Mapping[str, str] = MappingProxyType({})


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
            return shown(self._house, conn, asked)


def shown(
    house: House, conn: Connection, asked: Asked, *, refused: str | None = None, typed: Mapping[str, str] = _NOTHING
) -> Response:
    """The list with its form; after a form that could not be taken it says why, and what was typed is still there."""
    chosen, after, as_of = wanted(house, asked), asked.row(), dead_letters.read_at(conn)
    # Nothing that dies after this page was made belongs to what its button says.
    counted = replace(chosen, until=min(chosen.until or as_of, as_of))
    causes = dead_letters.causes(conn, counted)
    found = dead_letters.listing(conn, counted, after=after, most=PAGE + 1)
    told = [*asked.faults, *([f"{refused[:1].upper()}{refused[1:]}."] if refused else [])]
    return page(
        "dead_letters.html",
        422 if told else 200,
        title="Dead letters",
        problem=" ".join(told),
        given=asked.given(),
        causes=[(cause, _narrowed(asked, cause), _is_chosen(cause, chosen)) for cause in causes[:_MOST_CAUSES]],
        total=sum(cause.count for cause in causes),
        found=found[:PAGE],
        is_first=after is None,
        as_of=as_of.isoformat(),
        reason=typed.get("reason", ""),
        lanes=LANES,
        **_addresses(asked, found),
    )


def _addresses(asked: Asked, found: Sequence[Event]) -> Mapping[str, str | None]:
    """Of this list from its beginning, further on, without a cause; `query` is what of it a form's address carries."""
    here = url_for("console.dead_letters")
    return {
        "first": asked.address(here),
        "onward": asked.address(here, after=found[PAGE - 1].id) if len(found) > PAGE else None,
        "all_causes": asked.address(here, code=None, type=None, **{"class": None}),
        "query": asked.address(""),
    }


def _narrowed(asked: Asked, cause: Cause) -> str:
    values = {"class": cause.reason_class, "code": cause.code, "type": cause.type}
    return asked.address(url_for("console.dead_letters"), **values)


def _is_chosen(cause: Cause, chosen: Filter) -> bool:
    return chosen.codes == (cause.code,) and chosen.types == (cause.type,)
