"""Comparing with Stripe now: asked for on an object's page, made by a worker, shown on a page of its own."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ingress.console import cookies, forms
from ingress.console.guarding import guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import comparisons
from shared.bulk_acts import Mandate
from shared.comparisons import MOST_NAMES
from shared.reasons import fault_of
from shared.task_messages import COMPARE

_LONGEST_NAME = 255
_REFUSED: Mapping[str, str] = {
    "no_key": "Carelane has no key of Stripe's here: STRIPE_API_KEY is not set. Nothing was compared.",
    "failed": "It failed, and that was written down. Nothing was compared to its end.",
}
_AWAY = "Stripe does not answer, or Carelane has stopped asking it for a while. Nothing was compared: try again later."
# How what was found reads, by the kind of drift.
_FOUND: Mapping[str, str] = {
    "missing": "was not known here",
    "status": "stands differently at Stripe",
    "fields": "differs from Stripe's",
    "doubtful": "was a guess, which Stripe has settled",
    "refused": "stands at Stripe where no known step leads to",
    "gone": "is not shown by Stripe any more",
    "unanswered": "Stripe answers with errors about it",
    "unreadable": "cannot be read as Stripe shows it",
}


def add_routes(blueprint: Blueprint, house: House) -> None:
    desk = Desk(house)
    asks, sees = guarded(house, "reconcile.run"), guarded(house, "events.see")
    # Nobody may be sitting before a page that renews itself.
    watches = guarded(house, "events.see", is_work=False)
    blueprint.add_url_rule("/comparisons", "compare", asks(desk.ask), methods=["POST"])
    path = "/comparisons/<uuid:comparison_id>"
    blueprint.add_url_rule(path, "comparison", sees(desk.show), methods=["GET"])
    blueprint.add_url_rule(f"{path}/live", "comparison_live", watches(desk.show), methods=["GET"])


class Desk:
    def __init__(self, house: House) -> None:
        self._house = house

    def ask(self) -> AnyResponse:
        typed = forms.read(self._house, request, cookies.session(self._house, request))
        reason, names = typed.get("reason", "").strip(), _names(request.form.getlist("name"))
        fault = fault_of(reason) or (None if names else "nothing was named that could be compared")
        if fault is not None:
            return page("message.html", 422, title="Not compared", text=f"{fault[:1].upper()}{fault[1:]}.")
        with self._house.transaction() as conn:
            mandate = Mandate(g.staff.actor, reason)
            comparison_id = comparisons.ask(conn, names, staff_id=g.staff.id, mandate=mandate)
        self._house.ask(COMPARE, str(comparison_id))
        return redirect(url_for("console.comparison", comparison_id=comparison_id), 303)

    def show(self, comparison_id: uuid.UUID) -> Response:
        with self._house.transaction() as conn:
            found = comparisons.find(conn, comparison_id)
        return page(
            "comparison.html",
            title="Comparing with Stripe",
            one=found,
            refused=None if found.refused is None else _REFUSED.get(found.refused, _AWAY),
            found=[(drifted, _sides(drifted["differences"])) for drifted in found.findings or ()],
            says=_FOUND,
        )


def _sides(differences: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """By field what is known here and what Stripe says, the status first; one of no name where no field tells it."""
    return sorted(differences.items(), key=lambda one: (one[0] != "status", one[0])) or [("", {})]


def _names(given: Sequence[str]) -> list[str]:
    """Each once, none that no object can bear."""
    kept = dict.fromkeys(one.strip() for one in given[:MOST_NAMES])
    return [one for one in kept if one and len(one) <= _LONGEST_NAME and one.isprintable()]
