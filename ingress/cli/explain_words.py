"""An event's story in plain sentences, section by section."""

import json
from collections.abc import Iterator

from ingress.cli.event_page import reason_text
from ingress.cli.moments import Line, at, span
from shared.explanation import MOST_TOLD, PROMISED, Explanation, Record, Told

_MODES = {True: "live mode", False: "test mode", None: "no mode told"}
_VERDICTS = {
    "repeated": "It told nothing that was not known.",
    "conflict": "It contradicts the history, so it is kept and not applied.",
}
_MOST = 20


def headline(story: Explanation) -> str:
    event = story.event
    about = " ".join(filter(None, (event.object_kind, event.object_id)))
    account = "the platform's own account" if event.account is None else f"account {event.account}"
    state = f"{event.state}, and discarded at {at(event.discarded_at)}" if event.discarded_at else event.state
    kind = f"{event.type or 'of no known type'}{about and f', about {about}'}"
    return f"{event.event_id} (row #{event.id}): {kind}; {account}, {_MODES[event.livemode]}. It is {state}."


def receipt(story: Explanation) -> Iterator[Line]:
    event, kept = story.event, story.receipt
    if event.occurred_at:
        yield event.occurred_at, "It happened at Stripe."
    if event.secret_name:
        yield event.signed_at, f"Signed; the secret that matched is {event.secret_name}."
    version = kept.api_version or "not told"
    how = "Received" if event.source == "webhook" else f"Brought by {event.source}"
    yield event.received_at, f"{how}: {kept.body_bytes:,} bytes, API version {version}."
    if not kept.body_kept:
        yield None, "Its body is gone: it can neither be shown nor processed."


def lane(story: Explanation) -> Iterator[Line]:
    yield None, f"{story.event.lane}, urgency {story.event.urgency}, because {story.lane_words}."


def ending(story: Explanation) -> Iterator[Line]:
    event = story.event
    if event.settled_at is None:
        yield None, "It has not ended."
    else:
        why = f" because of {reason_text(event.reason)}" if event.reason else ""
        yield event.settled_at, f"It ended as {event.state}{why}."
    if event.waits_for and event.settled_at:
        yield None, f"It is taken up again when this appears: {' or '.join(event.waits_for)}."
    if story.latency is not None:
        end = "end" if event.series == 1 else "first end"
        yield None, f"From receipt to its {end}: {span(story.latency)}{_promise(story)}."


def _promise(story: Explanation) -> str:
    if story.within_promise is None:
        return ""
    promised = span(PROMISED[story.event.lane])
    kept = "within" if story.within_promise else "later than"
    return f", {kept} the {promised} promised for the {story.event.lane} lane"


def deliveries(story: Explanation) -> Iterator[Line]:
    further = [delivery for delivery in story.history.deliveries if delivery.duplicate]
    total = story.receipt.further_deliveries
    if not total:
        yield None, "None: it came once."
    for delivery in further[-_MOST:]:
        body = "with the same body" if delivery.same_body else "with another body: the first was kept"
        yield delivery.delivered_at, f"Came again {body}; the secret that matched is {delivery.secret_name}."
    if total > _MOST:
        yield None, f"{total} in all; these are the last."


def changes(story: Explanation) -> Iterator[Line]:
    if not story.told:
        yield None, "Nothing: it told of no subject."
    for told in story.told:
        moved = f"moved from {told.from_status or '(new)'} to {told.to_status}" if told.to_status else "did not move"
        yield told.occurred_at, f"{told.kind} {told.subject_id} {moved}: {_verdict(told)}"


def _verdict(told: Told) -> str:
    why = f" ({told.reason})" if told.reason else ""
    late = "It came late and found its place before what is newer, of which it changed nothing." if told.stale else ""
    return " ".join(filter(None, (f"{told.verdict}{why}.", _VERDICTS.get(told.verdict), late)))


def owed(story: Explanation) -> Iterator[Line]:
    if not (story.effects or story.notices):
        yield None, "None."
    for effect in story.effects:
        yield effect.happened_at, f"Effect {effect.kind} on {effect.recipient}, once for ever."
    for notice in story.notices:
        end = f"told at {at(notice.told_at)}" if notice.told_at else "owed, not told yet"
        yield notice.owed_at, f"Notice {notice.kind} to {notice.recipient}: {end}."


def audit(story: Explanation) -> Iterator[Line]:
    if not story.audit:
        yield None, "Nobody acted on it."
    yield from map(_record, story.audit)
    if len(story.audit) == MOST_TOLD:
        yield None, f"There may be more; these are the last {MOST_TOLD}."


def _record(record: Record) -> Line:
    reason = f", because: {record.reason}" if record.reason else ""
    before = f"; before {json.dumps(record.before)}" if record.before else ""
    after = f"; after {json.dumps(record.after)}" if record.after else ""
    return record.at, f"{record.act} by {record.actor}{reason}{before}{after}."
