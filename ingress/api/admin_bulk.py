"""Requeueing, discarding and replaying by the application door: so many as one call can carry, an outcome for each."""

import time
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from ingress.api.calls import Asked, Reply
from ingress.api.shapes import Flag, Shape, Whole, text
from shared import bulk_work, dead_letters, events
from shared.bulk_acts import Act, Mandate, Outcome
from shared.bulk_work import Report, TooMany, Work
from shared.pace import Pace
from shared.reasons import LONGEST_REASON, fault_of

MOST = 5_000
_FASTEST = 10_000
# The front answers for us after five seconds: what was not come to by then is told, and a further call takes it.
_SECONDS = 2.5


class BulkGiven(Shape):
    """Either `ids` or `filter`; with `dryRun` nothing is changed and no reason is needed."""

    ids = fields.List(text(), load_default=None, validate=validate.Length(min=1, max=MOST))
    reason = text(LONGEST_REASON, load_default=None)
    dry_run = Flag(load_default=False)
    rate_per_second = Whole(load_default=None, validate=validate.Range(min=1, max=_FASTEST))

    @validates_schema
    def _is_meant(self, data: Mapping[str, Any], **_more: Any) -> None:
        if (data.get("ids") is None) == (data.get("filter") is None):
            raise ValidationError("Either ids or a filter is needed, and not both.", "ids")
        if not data.get("dry_run") and (fault := fault_of(data.get("reason"))):
            raise ValidationError(fault, "reason")


def perform(asked: Asked, act: Act, wanted: dead_letters.Filter | events.Filter | None) -> Reply:
    work = asked.workings.ask(
        lambda conn: (
            bulk_work.named(conn, act, asked.body["ids"]) if wanted is None else bulk_work.matching(conn, act, wanted)
        )
    )
    if asked.body["dry_run"]:
        return Reply(document=Report(work, work.refused, dry_run=True).to_json())
    if work.matched > MOST:
        raise TooMany(f"{work.matched:,} match, and a call takes {MOST:,}: narrow the filter, or use the command")
    return Reply(document=_carry_out(asked, work).to_json())


def _carry_out(asked: Asked, work: Work) -> Report:
    ends = time.monotonic() + _SECONDS
    pace = Pace(
        asked.body["rate_per_second"],
        clock=time.monotonic,
        sleep=time.sleep,
        stopped=lambda: time.monotonic() >= ends,
    )
    mandate = Mandate(asked.actor, (asked.body["reason"] or "").strip())
    carried: list[Outcome] = []
    for done in bulk_work.carry_out(asked.workings.transaction, work, mandate=mandate, pace=pace):
        carried += done
    return bulk_work.report(work, carried, cancelled=len(carried) < work.matched)
