"""For who watches over the house: the audit trail, the doors, and the settings that are in force."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from flask import Blueprint, Response, request, url_for

from ingress.console.asked import PAGE, Asked
from ingress.console.guarding import guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import audit_views, security_views
from shared.audit_views import Wanted
from shared.config import Settings
from shared.setting_values import WebhookSecret


def add_routes(blueprint: Blueprint, house: House) -> None:
    desk, reads = Desk(house), guarded(house, "audit.read")
    blueprint.add_url_rule("/audit", "audit", reads(desk.audit), methods=["GET"])
    blueprint.add_url_rule("/security", "security", reads(desk.security), methods=["GET"])
    blueprint.add_url_rule("/settings", "settings", reads(desk.settings), methods=["GET"])


@dataclass(frozen=True, slots=True)
class Seen:
    name: str
    value: str
    is_default: bool


class Desk:
    def __init__(self, house: House) -> None:
        self._house = house

    def audit(self) -> Response:
        asked = Asked(request.args)
        act = asked.text("act")
        wanted = Wanted(
            acts=(act,) if act else (),
            actor=asked.text("actor"),
            object=asked.text("object"),
            since=asked.moment("since"),
            until=asked.moment("until"),
            after=asked.row(),
            most=PAGE,
        )
        with self._house.transaction() as conn:
            found = audit_views.page(conn, wanted)
        onward = None if found.after is None else asked.address(url_for("console.audit"), after=found.after)
        return page(
            "audit.html",
            422 if asked.faults else 200,
            title="Audit",
            problem=" ".join(asked.faults),
            given=asked.given(),
            found=found,
            onward=onward,
        )

    def security(self) -> Response:
        with self._house.transaction() as conn:
            watch = security_views.read(conn)
        return page("security.html", title="Security", watch=watch)

    def settings(self) -> Response:
        return page("settings.html", title="Settings", seen=list(seen(self._house.settings)))


def seen(settings: Settings) -> Iterator[Seen]:
    """Every setting as this door reads it; of a secret only whether there is one."""
    for declared in fields(Settings):
        value = getattr(settings, declared.name)
        yield Seen(
            declared.metadata["name"],
            _shown(value, is_secret=not declared.repr),
            is_default=value == declared.default,
        )


def _shown(value: Any, *, is_secret: bool) -> str:
    match value:
        case None | ():
            return "not set"
        case (WebhookSecret(), *_):
            return "set: " + ", ".join(one.name for one in value)
        case _ if is_secret:
            return "set"
        case bytes():
            return "set"
        case frozenset() | tuple():
            return ", ".join(sorted(map(str, value)))
        case _:
            return str(value)
