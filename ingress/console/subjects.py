"""What events are about: one subject's state, its history and its conflicts; also payouts and connected accounts."""

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ingress.console.asked import PAGE, Asked
from ingress.console.guarding import guarded
from ingress.console.house import House
from ingress.console.pages import page
from shared import account_views, attention, payout_views, subjects
from shared.payout_views import Wanted
from shared.rules.owed_payout import STEPS

_MOST_SHOWN = 20
_NAMES_OF_A_PAYOUT = ("payoutId", "stripeTransferId", "stripePayoutId")
_ONBOARDING = ("pending", "restricted", "completed")


def add_routes(blueprint: Blueprint, house: House) -> None:
    desk, sees = Desk(house), guarded(house, "events.see")
    blueprint.add_url_rule("/subjects", "subjects", sees(desk.subject), methods=["GET"])
    blueprint.add_url_rule("/payouts", "payouts", sees(desk.payouts), methods=["GET"])
    blueprint.add_url_rule("/payouts/<path:payout_id>", "payouts_one", sees(desk.payout), methods=["GET"])
    blueprint.add_url_rule("/accounts", "accounts", sees(desk.accounts), methods=["GET"])
    blueprint.add_url_rule("/accounts/<path:account_id>", "accounts_one", sees(desk.account), methods=["GET"])


class Desk:
    def __init__(self, house: House) -> None:
        self._house = house

    def subject(self) -> Response:
        asked = Asked(request.args)
        named = asked.text("subject")
        with self._house.transaction() as conn:
            found = () if named is None else subjects.find(conn, named)
            stories = [subjects.story(conn, one) for one in found[:_MOST_SHOWN]]
            conflicts = attention.conflicts(conn) if named is None else ()
            unsure = attention.ambiguous(conn) if named is None else ()
        return page(
            "subjects.html",
            422 if asked.faults else 200,
            title="Objects" if named is None else f"History of {named}",
            problem=" ".join(asked.faults),
            given=asked.given(),
            stories=stories,
            conflicts=conflicts,
            unsure=unsure,
        )

    def payouts(self) -> AnyResponse:
        asked = Asked(request.args)
        wanted = Wanted(
            stale_hours=self._house.settings.payout_stale_hours,
            livemode=self._house.settings.livemode,
            creator_id=asked.text("creator"),
            payout_id=asked.text("payout"),
            status=asked.one_of("status", tuple(STEPS)),
            stale=True if asked.flag("late") else None,
        )
        with self._house.transaction() as conn:
            found = payout_views.listing(conn, wanted, after=asked.text("after"), most=PAGE + 1)
            alarms = attention.payouts(conn)
        onward = None
        if len(found) > PAGE:
            onward = asked.address(url_for("console.payouts"), after=found[PAGE - 1]["payoutId"])
        return page(
            "payouts.html",
            422 if asked.faults else 200,
            title="Payouts",
            problem=" ".join(asked.faults),
            given=asked.given(),
            found=found[:PAGE],
            alarms=alarms,
            statuses=tuple(STEPS),
            stale_hours=self._house.settings.payout_stale_hours,
            onward=onward,
        )

    def payout(self, payout_id: str) -> Response:
        wanted = Wanted(stale_hours=self._house.settings.payout_stale_hours, payout_id=payout_id.replace("\0", ""))
        with self._house.transaction() as conn:
            found = payout_views.one(conn, wanted)
            owed = subjects.find(conn, str(found["payoutId"]), kind="owed_payout")
            stories = [subjects.story(conn, one) for one in owed]
        named = [one for name in _NAMES_OF_A_PAYOUT if (one := found[name])]
        return page("payout.html", title=f"Payout {payout_id}", payout=found, stories=stories, named=named)

    def accounts(self) -> Response:
        asked = Asked(request.args)
        status, after = asked.one_of("status", _ONBOARDING), asked.text("after")
        with self._house.transaction() as conn:
            found = account_views.listing(conn, status=status, after=after, most=PAGE + 1)
        onward = asked.address(url_for("console.accounts"), after=found[PAGE - 1].id) if len(found) > PAGE else None
        return page(
            "accounts.html",
            422 if asked.faults else 200,
            title="Accounts",
            problem=" ".join(asked.faults),
            given=asked.given(),
            found=found[:PAGE],
            statuses=_ONBOARDING,
            onward=onward,
        )

    def account(self, account_id: str) -> Response:
        known = account_id.replace("\0", "")
        with self._house.transaction() as conn:
            found = payout_views.account(conn, known, livemode=self._house.settings.livemode)
            told = subjects.find(conn, known, kind="account")[:_MOST_SHOWN]
            stories = [subjects.story(conn, one) for one in told]
        return page("account.html", title=f"Account {known}", account=found, stories=stories)
