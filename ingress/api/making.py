"""Makes what the application door works with, from its settings."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from ingress.api.access_ahead import Ahead
from ingress.api.credentials import Credentials
from ingress.api.identities import Identities
from ingress.api.published_keys import PublishedKeys
from ingress.api.ringing import Ringing
from ingress.api.workings import Workings
from shared import db
from shared.access_answer import AccessAnswers
from shared.access_cache import AccessCache
from shared.access_keeper import Keeper
from shared.bounded import Limits
from shared.config import Settings
from shared.db import Connection, Pool
from shared.people_settings import policy_of
from shared.waking import Bell

# Less than the access call may take in all. A query of it takes a millisecond or two.
_ACCESS_STATEMENT_TIMEOUT_MS = 60
# A person's page may take a little longer; it asks with threads and connections of its own.
_PAGE_STATEMENT_TIMEOUT_MS = 400
_PAGES = Limits(threads=2, budget_seconds=0.4)


@dataclass(frozen=True, slots=True)
class SingleStatements:
    """Each question of the access call is one statement: without BEGIN and COMMIT it is one journey, not three."""

    pool: Pool

    def transaction(self) -> AbstractContextManager[Connection]:
        return self.pool.statement()


@dataclass(frozen=True, slots=True)
class Made:
    workings: Workings
    ahead: Ahead
    pages: AccessAnswers
    ask: Callable[[str, str], None]  # a worker, by its task's name, about a row
    close: Callable[[], None]

    def settle(self, person: str, waiting: Sequence[int]) -> None:
        """As the calls about danger do after their commit."""
        self.workings.ring_first(waiting)
        self.workings.answers.answer(person)


def make(settings: Settings, pool: Pool, *, access_threads: int) -> Made:
    """Raises SettingsError where the settings do not suffice."""
    settings.require("database_url", "lookup_key", "seal_public_key")
    lookup_key, policy = settings.lookup_key or b"", policy_of(settings)
    # Its own pool, and its own cache of answers on this host: the one call that never waits for another.
    access_pool = Pool(
        settings.database_url or "",
        name="app-access",
        size=access_threads,
        statement_timeout_ms=_ACCESS_STATEMENT_TIMEOUT_MS,
        prepares=settings.prepared_statements,
    )
    cache = Keeper(AccessCache(settings.home / "run" / "access.sqlite", lookup_key))
    memory = Keeper(AccessCache(settings.home / "run" / "tokens.sqlite", lookup_key))
    answers = AccessAnswers(SingleStatements(access_pool), cache, policy, limits=Limits(threads=access_threads))
    page_pool = Pool(
        settings.database_url or "",
        name="app-pages",
        size=_PAGES.threads,
        statement_timeout_ms=_PAGE_STATEMENT_TIMEOUT_MS,
        prepares=settings.prepared_statements,
    )
    pages = AccessAnswers(SingleStatements(page_pool), cache, policy, limits=_PAGES)
    ringing, bell = Ringing(settings), Bell(settings.redis_url)
    workings = Workings(
        settings=settings,
        policy=policy,
        transaction=pool.transaction,
        credentials=Credentials(lookup_key, identities(settings), memory),
        answers=answers,
        ring=ringing.ring,
        ring_owed=bell.ring,
        tell_worker=ringing.ask,
        lookup_key=lookup_key,
        public_key=settings.seal_public_key or b"",
    )

    def close() -> None:
        ringing.close()
        bell.close()
        answers.close()
        pages.close()
        for kept in (cache, memory):
            kept.close()
        access_pool.close()
        page_pool.close()

    connect = partial(
        db.connect_on_loop,
        settings.database_url or "",
        name="app-loop",
        statement_timeout_ms=_ACCESS_STATEMENT_TIMEOUT_MS,
        prepares=settings.prepared_statements,
    )
    return Made(workings, Ahead(workings.credentials, connect), pages, ringing.ask, close)


def identities(settings: Settings) -> Identities:
    keys = None if settings.supabase_jwks_url is None else PublishedKeys(settings.supabase_jwks_url)
    if keys is not None:
        keys.begin()  # nobody who comes first should have to wait for it
    return Identities(
        secret=settings.supabase_jwt_secret,
        keys=keys,
        audience=settings.supabase_audience,
        issuer=settings.supabase_issuer,
        leeway_seconds=settings.supabase_leeway_seconds,
    )
