"""For each alert: series under which it fires, and like ones under which it does not."""

from collections.abc import Mapping
from dataclasses import dataclass

Series = Mapping[str, str]

# As promtool writes them, one value a minute: one that stays, and a counter that rises.
ALWAYS_0, ALWAYS_1 = "0x60", "1x60"


def rising(by: float) -> str:
    return f"0+{by}x60"


@dataclass(frozen=True)
class Case:
    """`minutes` is when it is looked at; `step` is how many of them lie between two values."""

    fires: Series
    quiet: Series
    minutes: int = 20
    step: int = 1


def _gauge(name: str, bad: float, good: float, *, minutes: int = 20) -> Case:
    return Case({name: f"{bad}x100"}, {name: f"{good}x100"}, minutes)


def _counted(name: str, *, by: float = 1, good: float = 0, minutes: int = 20) -> Case:
    return Case({name: rising(by)}, {name: rising(good)}, minutes)


_REQUESTS = "carelane_webhook_requests_total"
_ANSWERS = "carelane_access_answers_total"
_DOOR = 'up{job="carelane-webhook", instance="a"}'
_SETTLE = "carelane_event_settle_seconds"
_ACCESS = 'carelane_app_seconds_bucket{operation="getAccess", le="%s"}'
_ACCESS_COUNT = 'carelane_app_seconds_count{operation="getAccess"}'
_ARCHIVED, _NOT_ARCHIVED = "carelane_archive_age_seconds", "carelane_archive_failures_total"
_VIOLATIONS, _BREACHES = "carelane_access_violations_total", "carelane_crisis_breaches_total"
_SETTLED_CRISES = 'carelane_events_settled_total{lane="crisis"}'
_FOUND = 'carelane_self_check_findings{status="fault", instance="%s"}'
_LOOKED = 'carelane_self_check_timestamp_seconds{instance="%s"}'
_CALLS = 'carelane_app_requests_total{status="%s"}'


def _heartbeat(process: str, late_seconds: int) -> Case:
    name = f'carelane_heartbeat_age_seconds{{process="{process}"}}'
    return Case({name: f"{late_seconds}x100"}, {name: "4x100", "carelane_status_up": ALWAYS_1})


def _latencies(*, within_50_ms: float) -> Series:
    buckets = {"0.05": within_50_ms, "0.25": 60, "+Inf": 60}
    return {_ACCESS % most: rising(by) for most, by in buckets.items()} | {_ACCESS_COUNT: rising(60)}


CASES: Mapping[str, Case] = {
    "CarelaneDoorDown": Case(
        {_DOOR: "1x5 0x60"}, {_DOOR: ALWAYS_1, 'up{job="carelane-webhook", instance="b"}': ALWAYS_0}
    ),
    "CarelaneApplicationDoorDown": Case(
        {'up{job="carelane-app", instance="a"}': "1x5"},  # and then it is no target any more
        {'up{job="carelane-app", instance="a"}': ALWAYS_1, 'up{job="carelane-app", instance="b"}': ALWAYS_0},
    ),
    "CarelaneEventsNotKept": _counted(f'{_REQUESTS}{{outcome="processing_error"}}'),
    "CarelaneSignaturesRefused": Case(
        {f'{_REQUESTS}{{outcome="invalid_signature"}}': rising(20), f'{_REQUESTS}{{outcome="received"}}': rising(2)},
        {f'{_REQUESTS}{{outcome="invalid_signature"}}': rising(20), f'{_REQUESTS}{{outcome="received"}}': rising(60)},
        minutes=40,
    ),
    "CarelaneDatabaseAway": _gauge("carelane_status_up", 0, 1),
    "CarelaneCrisisLaneWaits": _gauge('carelane_lane_oldest_seconds{lane="crisis"}', 9, 0.2),
    "CarelaneCrisisSlow": Case(
        {_BREACHES: rising(2), _SETTLED_CRISES: rising(10)},
        {_BREACHES: rising(2), _SETTLED_CRISES: rising(900)},
    ),
    "CarelaneAccessViolation": Case({_VIOLATIONS: "0x15 1x20"}, {_VIOLATIONS: "1x40"}),
    "CarelaneAccessDegraded": Case(
        {f'{_ANSWERS}{{degraded="true"}}': rising(30), f'{_ANSWERS}{{degraded="false"}}': rising(60)},
        {f'{_ANSWERS}{{degraded="true"}}': rising(1), f'{_ANSWERS}{{degraded="false"}}': rising(60)},
    ),
    "CarelaneRelayDead": _heartbeat("relay", 90),
    "CarelaneNoticesStuck": _gauge("carelane_notices_untold_oldest_seconds", 90, 0),
    "CarelaneAuditStuck": _gauge("carelane_audit_unlinked_oldest_seconds", 900, 2),
    "CarelaneCrisisBreach": Case({_BREACHES: "0x15 1x20"}, {_BREACHES: "1x40"}),
    "CarelaneStandardLaneWaits": _gauge('carelane_lane_oldest_seconds{lane="standard"}', 900, 20),
    "CarelaneDeadLetters": Case(
        {'carelane_events_settled_total{lane="standard", state="dead"}': "0x15 1x20"},
        {'carelane_events_settled_total{lane="standard", state="dead"}': "7x40",
         'carelane_events_settled_total{lane="standard", state="processed"}': rising(9)},
    ),
    "CarelaneGuardStanding": _gauge("carelane_guards_standing", 1, 0),
    "CarelaneProcessDown": Case(
        {'carelane_supervised_up{process="steady"}': "1x5 0x60", 'carelane_supervised_up{process="relay"}': ALWAYS_1},
        {'carelane_supervised_up{process="steady"}': "1x5 0x2 1x60", 'up{job="node", instance="other"}': ALWAYS_0,
         'up{job="carelane-stream", instance="a"}': ALWAYS_1},
    ),
    "CarelaneWorkerWedged": Case(
        {'carelane_workers_wedged_total{why="it takes nothing up"}': "0x10 1x5 2x30"},
        {'carelane_workers_wedged_total{why="it takes nothing up"}': "0x10 1x40"},
    ),
    "CarelaneProcessRestarts": Case(
        {'carelane_supervised_restarts_total{process="steady"}': rising(1)},
        {'carelane_supervised_restarts_total{process="steady"}': "0x10 2x60",
         'process_start_time_seconds{job="carelane-workers", instance="a"}': "1000x10 2000x60"},
    ),
    "CarelaneRefusals": Case(
        {'carelane_security_acts_total{act="staff.sign_in_refused"}': rising(3)},
        {'carelane_security_acts_total{act="staff.sign_in_refused"}': rising(0.1),
         'carelane_security_acts_total{act="event.payload_viewed"}': rising(9)},
    ),
    "CarelaneGlassBroken": Case(
        {'carelane_security_acts_total{act="staff.glass_broken"}': "0x15 1x20"},
        {'carelane_security_acts_total{act="staff.glass_broken"}': "1x40"},
    ),
    "CarelaneBeatDead": _heartbeat("beat", 900),
    "CarelaneBrokerAway": _gauge("carelane_broker_up", 0, 1),
    "CarelanePayoutsStale": _counted("carelane_payouts_stale_total"),
    "CarelaneCallbacksLate": _gauge('carelane_callbacks_oldest_seconds{endpoint="backend"}', 1800, 2),
    "CarelaneCallbackEndpointDisabled": _gauge('carelane_callback_endpoint_disabled{endpoint="backend"}', 1, 0),
    "CarelaneStripeAway": _gauge("carelane_stripe_breaker_open", 1, 0),
    "CarelaneDrift": _counted('carelane_drift_total{drift="status"}'),
    "CarelaneConflicts": _counted('carelane_fold_conflicts_total{kind="invoice"}', good=0.01),
    "CarelaneSubjectsInDoubt": _gauge("carelane_subjects_in_doubt", 500, 3, minutes=90),
    "CarelaneUnseenVersion": _counted("carelane_unseen_api_versions_total"),
    "CarelaneSourcesMiss": _counted('carelane_webhook_source_violations_total{signed="true", mode="enforce"}'),
    "CarelaneSourcesStale": _gauge("carelane_webhook_sources_stale", 1, 0),
    "CarelaneGraceSurge": _counted('carelane_grace_total{change="started"}', by=2, good=0.1, minutes=40),
    "CarelaneEmergencySurge": _counted(
        'carelane_emergency_accesses_opened_total{reason="code"}', by=2, good=0.1, minutes=40
    ),
    "CarelaneAnswersSlow": Case(
        _latencies(within_50_ms=50),
        _latencies(within_50_ms=60),
        minutes=40,
    ),
    "CarelaneCallsFail": Case(
        {_CALLS % "5xx": rising(5), _CALLS % "2xx": rising(60)},
        {_CALLS % "5xx": rising(0.1), _CALLS % "2xx": rising(60)},
        minutes=40,
    ),
    "CarelaneConnectionsShort": Case(
        {'carelane_connections{process="carelane-app"}': "60x60", 'carelane_connections{process="others"}': "30x60",
         "carelane_connections_most": "100x60"},
        # Two doors tell of the same connections.
        {'carelane_connections{process="carelane-app", instance="a"}': "60x60",
         'carelane_connections{process="carelane-app", instance="b"}': "60x60", "carelane_connections_most": "100x60"},
    ),
    "CarelanePoolShort": _counted("carelane_pool_timeouts_total", by=3, good=0.1),
    "CarelaneArchiveStuck": Case(
        {"carelane_archive_on": ALWAYS_1, _ARCHIVED: "1200x60", _NOT_ARCHIVED: ALWAYS_0},
        {"carelane_archive_on": ALWAYS_0, _ARCHIVED: "1200x60", _NOT_ARCHIVED: rising(1)},
    ),
    "CarelaneTransactionsOld": _gauge("carelane_database_transaction_age", 1.5e9, 2e8, minutes=90),
    # Where each worker tells of itself, what one found is over when another has looked since.
    "CarelaneSelfCheck": Case(
        {_FOUND % "a": ALWAYS_1, _LOOKED % "a": rising(60)},
        {_FOUND % "a": ALWAYS_1, _LOOKED % "a": "60x60", _FOUND % "b": ALWAYS_0, _LOOKED % "b": rising(60)},
        minutes=40,
    ),
    "CarelaneUpkeepFailed": _counted('carelane_upkeep_failed_total{step="statistics"}'),
    "CarelaneFiguresMissing": Case(
        {"carelane_status_up": ALWAYS_1},
        {"carelane_status_up": ALWAYS_1, "carelane_connections_most": "100x60"},
    ),
    "CarelaneCrisisDay": Case(
        {f'{_SETTLE}_bucket{{lane="crisis", le="0.2"}}': rising(90), f'{_SETTLE}_count{{lane="crisis"}}': rising(100)},
        {f'{_SETTLE}_bucket{{lane="crisis", le="0.2"}}': rising(100), f'{_SETTLE}_count{{lane="crisis"}}': rising(100)},
        minutes=40,
    ),
    "CarelaneDeadLettersLeft": Case(
        {'carelane_dead_letters{reason_code="schema"}': "3x60"},
        # Since an hour.
        {'carelane_dead_letters{reason_code="schema"}': "_x28 3x30"},
        minutes=1800,
        step=60,
    ),
    "CarelaneReportMissing": Case(
        {"carelane_report_age_seconds": "100000x60"}, {"carelane_report_age_seconds": "4000x60"}, minutes=300, step=60
    ),
    "CarelaneQuiet": Case(
        {f'{_REQUESTS}{{outcome="received"}}': "5x60"}, {f'{_REQUESTS}{{outcome="received"}}': "0+1x60"},
        minutes=1800,
        step=60,
    ),
    "CarelaneBackfilled": _counted("carelane_backfilled_total"),
}  # fmt: skip
