"""The application door's process: `python -m ingress.serve ingress.api.door`."""

from functools import partial

from prometheus_client import CollectorRegistry

from ingress.account.blueprint import account
from ingress.account.house import house_of as pages_of
from ingress.api.app import Door, create_app
from ingress.api.making import Made, make
from ingress.api.problems import problem
from ingress.console.blueprint import console
from ingress.console.house import house_of
from ingress.front import Front, Limits
from shared import config, pulse, queries, status, telemetry
from shared.db import Pool

# A person may be waiting: rather no answer than a late one.
_STATEMENT_TIMEOUT_MS = 2000
_THREADS = 8
# Beside the pool of all other calls: whatever keeps those waiting, the access call has threads of its own.
_ACCESS_PATH = "/api/access/"
_ACCESS_THREADS = 4
# A bulk act takes a second connection for its reply.
_CONNECTIONS = _THREADS + 4


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
        registry=CollectorRegistry(),
        workings=made.workings,
    )

    app = create_app(door)
    app.register_blueprint(console(house_of(settings, pool.transaction, made.settle, made.ask_for_look)))
    app.register_blueprint(account(pages_of(settings, made.workings, made.pages)))

    def close() -> None:
        made.close()
        pool.close()

    limits = Limits(
        threads=_THREADS,
        max_body_bytes=settings.max_body_bytes,
        reserved_path=_ACCESS_PATH,
        reserved_threads=_ACCESS_THREADS,
    )
    beat = partial(pulse.beat, settings.home, "app")
    return Front(app, limits, refusal=problem, beat=beat, close=close)


def _ask(pool: Pool) -> None:
    with pool.transaction() as conn:
        conn.execute(queries.load("inbox")["can_keep"])


def _read(pool: Pool) -> status.Status:
    with pool.transaction() as conn:
        return status.read(conn)
