"""The application door's process: `python -m ingress.serve ingress.api.door`."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

import orjson
from prometheus_client import CollectorRegistry

from ingress.account.blueprint import account
from ingress.account.house import house_of as pages_of
from ingress.api import access, assessments, crises, emergency_access, hotline
from ingress.api.app import Door, create_app
from ingress.api.making import Made, make
from ingress.api.metrics import Metrics
from ingress.api.problems import problem
from ingress.api.watching import watch
from ingress.console.blueprint import console
from ingress.console.house import house_of
from ingress.console.living import Living
from ingress.front import Front, Limits
from ingress.front_threads import Group
from ingress.wsgi import Answer
from shared import config, pulse, queries, status, telemetry
from shared.access_document import Document
from shared.db import Pool

# A person may be waiting: rather no answer than a late one.
_STATEMENT_TIMEOUT_MS = 2000
_THREADS = 8
_ACCESS_PATH = "/api/access/"
_ACCESS_THREADS = 4
# Promised are 100 ms: what has no answer by then is answered about nobody.
_ACCESS_SECONDS = 0.09
# What a person in danger calls: an operator's bulk act may hold a thread for seconds.
_DANGER_PATHS = tuple(
    call.path
    for calls in (crises.CALLS, assessments.CALLS, emergency_access.CALLS, hotline.CALLS)
    for call in calls
    if call.is_open_to_people
)
_DANGER_THREADS = 4
# No thread holds more than one at a time; the access call has a pool of its own.
_CONNECTIONS = _THREADS + _DANGER_THREADS


def create() -> Front:
    """Build the door from the environment; raises SettingsError when it cannot be used."""
    settings = config.load()
    settings.require("database_url", "lookup_key", "seal_public_key")
    telemetry.configure("app", settings)
    pool = Pool(settings.database_url or "", name="app", size=_CONNECTIONS, statement_timeout_ms=_STATEMENT_TIMEOUT_MS)
    made: Made = make(settings, pool, access_threads=_ACCESS_THREADS)
    door = Door(
        database_answers=lambda: _ask(pool),
        status=lambda: _read(pool),
        metrics=Metrics(CollectorRegistry()),
        gauges=watch(settings, pool).gauges,
        workings=made.workings,
    )

    app = create_app(door)
    app.register_blueprint(console(house_of(settings, pool.transaction, made.settle, made.ask)))
    app.register_blueprint(account(pages_of(settings, made.workings, made.pages)))

    def close() -> None:
        made.close()
        pool.close()

    limits = Limits(
        threads=_THREADS,
        max_body_bytes=settings.max_body_bytes,
        apart=apart(lambda: _to_anybody(door, made.workings.answers.to_anybody())),
    )
    beat = partial(pulse.beat, settings.home, "app")
    return Front(
        app,
        limits,
        ahead=made.ahead,
        live=Living(),
        refusal=lambda code: _counted(door, code),
        beat=beat,
        close=close,
    )


def apart(to_anybody: Callable[[], Answer]) -> tuple[Group, ...]:
    """The calls that wait for no other: threads of their own, whatever holds those of the rest."""
    return (
        Group(
            paths=(_ACCESS_PATH,),
            threads=_ACCESS_THREADS,
            answer_timeout_seconds=_ACCESS_SECONDS,
            instead=to_anybody,
        ),
        Group(paths=_DANGER_PATHS, threads=_DANGER_THREADS),
    )


def _ask(pool: Pool) -> None:
    with pool.transaction() as conn:
        conn.execute(queries.load("inbox")["can_keep"])


def _read(pool: Pool) -> status.Status:
    with pool.transaction() as conn:
        return status.read(conn)


def _counted(door: Door, code: str) -> Answer:
    answer = problem(code)
    door.metrics.answered_by_front(answer.status)
    return answer


def _to_anybody(door: Door, document: Document) -> Answer:
    """On the event loop: it needs no thread, and who asks was not checked."""
    status = int(HTTPStatus.OK)
    door.metrics.answered_by_front(status)
    headers = [("content-type", "application/json"), ("cache-control", "no-store")]
    return Answer(status, headers, orjson.dumps(access.counted(document)))
