"""The Celery application: two queues, JSON only, and settings that keep PostgreSQL the queue of record.

Celery's command line needs a module-level `app`, so this one module reads the settings when it is imported.
"""

import gc
import logging
import os
from typing import Any

from billiard import pool as child_pool  # type: ignore[import-untyped]
from celery import Celery, signals

from shared import heartbeats, priority, telemetry
from shared.config import Settings, load
from shared.rules.lanes import MESSAGE_PRIORITY, STANDARD
from workers import broker_settings, job_monitors, tasks, transport, vitals

STANDARD_LANE = "standard"
# Three times what a child needs; `deploy` gives a worker, parent and child, 512 MiB.
_CHILD_KIB_AT_MOST = 300 * 1024


def configuration(settings: Settings) -> dict[str, Any]:
    """Celery's settings, each for a reason that was measured or read in its source."""
    return {
        # The broker's own, among them the queues: named here, and not only by -Q, so that Flower knows both even when
        # no worker is alive.
        **broker_settings.of(settings),
        # A results backend leaks keys and nobody reads it: outcomes are in PostgreSQL.
        "result_backend": None,
        "task_ignore_result": True,
        "task_serializer": "json",
        # A pickled message would run whatever its sender likes.
        "accept_content": ["json"],
        "result_accept_content": ["json"],
        "task_default_queue": "standard",
        "task_create_missing_queues": False,
        # Acknowledged when done, so that a stopping worker gives its message back. A lost child's message is NOT
        # requeued by Celery: a task that kills its child would be redelivered without end. The lease ends instead.
        "task_acks_late": True,
        "task_reject_on_worker_lost": False,
        "task_acks_on_failure_or_timeout": True,
        # One message in hand and none in reserve: a reserved crisis would wait behind a slow task.
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": True,
        # No eta and no countdown is ever used; this trips the alarm if one slips in.
        "worker_eta_task_limit": 1,
        # Off, a worker that lives through a broker's restart may never consume again.
        "worker_enable_remote_control": True,
        # Flower lives by these; the arguments they show are row ids.
        "worker_send_task_events": True,
        # The doorbell does not go through Celery's publisher, so nothing would send it.
        "task_send_sent_event": False,
        # Logs go through our own scrubbing.
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        # Asked to stop first, so that the reason can be noted; then killed, and the lease's end notes it.
        "task_soft_time_limit": settings.soft_limit_seconds,
        "task_time_limit": settings.hard_limit_seconds,
        # Celery's workers have grown without end before; one that did gives way to a fresh child. Not after so many
        # tasks: a fresh child takes most of a second, and to have one every thousand was the p99 of a crisis.
        "worker_max_memory_per_child": _CHILD_KIB_AT_MOST,
        # A child first loads the extensions (workers/extensions.py); after this long it would be killed.
        "worker_proc_alive_timeout": 30.0,
        # A worker waits for its broker for as long as it takes, at its start too.
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "timezone": "UTC",
        "beat_schedule": {
            "make-partitions": {
                "task": tasks.UPKEEP,
                "schedule": 6 * 3600,
                # Without a priority it would lie on the best step and be served before a crisis.
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 3600},
            },
            "keep-house": {
                "task": tasks.HOUSEKEEPING,
                "schedule": 3600,
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 3600},
            },
            "sum-hours": {
                "task": tasks.SUM_HOURS,
                "schedule": 600,
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 600},
            },
            "renew-sources": {
                "task": tasks.RENEW_SOURCES,
                "schedule": 3600,
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 3600},
            },
            "check-self": {
                "task": tasks.SELF_CHECK,
                "schedule": 600,
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 600},
            },
            "forget-bodies": {
                "task": tasks.FORGET_BODIES,
                "schedule": 3600,
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 3600},
            },
            "watch-payouts": {
                "task": tasks.WATCH_PAYOUTS,
                "schedule": 300,
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 300},
            },
            "watch-access": {
                "task": tasks.WATCH_ACCESS,
                "schedule": 60,
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 60},
            },
            # Both go on for a few seconds with what is in hand; how often one begins anew is a setting.
            "backfill": {
                "task": tasks.BACKFILL,
                "schedule": 30,
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 30},
            },
            "reconcile": {
                "task": tasks.RECONCILE,
                "schedule": 60,
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 60},
            },
            "daily-report": {
                "task": tasks.DAILY_REPORT,
                "schedule": 1800,
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 1800},
            },
            "beat-seen": {
                "task": tasks.BEAT_SEEN,
                "schedule": heartbeats.BEAT_EVERY_SECONDS,
                "options": {"queue": "standard", "priority": MESSAGE_PRIORITY[STANDARD], "expires": 60},
            },
        },
    }


def build(settings: Settings) -> Celery:
    if settings.stripe_api_key is not None:
        settings.require("lookup_key")  # what Stripe lists is kept as the door keeps it
    celery = Celery("carelane")
    transport.install(celery)
    celery.conf.update(configuration(settings))
    tasks.register(celery, settings)
    # A child that is asked to stop waits until its parent has read its last outcome, which now and then never happens
    # (one stop in eight, celery 5.7.0 with billiard 4.3.2), for tenths of a second as many as this. Nothing rests on
    # that outcome: the event's own is committed, and a message that was not acknowledged finds nothing to do.
    child_pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 20
    _connect_signals(settings)
    vitals.connect(settings)
    job_monitors.connect(celery, settings)
    return celery


def _connect_signals(settings: Settings) -> None:
    def configure_logging(**_: Any) -> None:
        telemetry.configure(os.environ.get("CARELANE_PROCESS", "worker"), settings)
        # Celery tells each message twice at INFO; what became of it is told once, by us.
        logging.getLogger("celery").setLevel(logging.WARNING)

    def choose_lanes(instance: Any, **_: Any) -> None:
        served = list(instance.app.amqp.queues.consume_from)
        kept = broker_settings.lanes_of(settings, served)
        for lane in set(served) - set(kept):
            instance.app.amqp.queues.deselect(lane)

    def take_place(sender: Any, **_: Any) -> None:
        # Before the children are made. Who serves only the crisis lane goes before everybody, the webhook door next.
        if STANDARD_LANE in sender.app.amqp.queues.consume_from:
            priority.give_way()
        else:
            priority.go_first()
            signals.worker_process_init.connect(go_first, weak=False)

    def go_first(**_: Any) -> None:
        # The child that does the work, too: who goes first leaves that to no child of its own.
        priority.go_first()

    def leave_alone(**_: Any) -> None:
        # What is here lives as long as the process. To look through it for what could be freed takes tens of
        # milliseconds, in which an event waits; and a child would so copy what it shares with its parent.
        gc.collect()
        gc.freeze()

    signals.setup_logging.connect(configure_logging, weak=False)
    signals.celeryd_after_setup.connect(choose_lanes, weak=False)
    signals.worker_init.connect(take_place, weak=False)
    signals.worker_init.connect(leave_alone, weak=False)
    signals.worker_process_init.connect(leave_alone, weak=False)


app = build(load())
