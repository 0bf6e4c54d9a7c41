"""People with subscriptions, the application door of the Procfile, and a bare one beside it."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from bench import backlog, processes, running, servers, signed
from bench.access_calls import Asking
from bench.access_stores import Server, Stores
from bench.backlog import Keys
from bench.statements import load
from ingress.cli.up.program import Program
from ingress.cli.up.readiness import answers
from shared import db, people, tokens
from shared.people import Link, Person
from shared.rules.standing import Policy

_PEOPLE = 200
_SETTLE_SECONDS = 120.0
_WORKERS = ("standard", "steady", "relay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`door` may be stopped and started again; it comes up in its home, with what it knew."""

    stores: Stores
    door: Server
    asking: Asking
    bare: Asking


@contextmanager
def scene(stores: Stores) -> Iterator[Scene]:
    """Each person's answer was computed once, so that it is known when it can be computed no more."""
    programs = _programs(stores)
    known = [f"person-{number}" for number in range(_PEOPLE)]
    bearer = _fill(stores, programs, known)
    asking = Asking(port=int(programs["app"].environ["CARELANE_APP_PORT"]), people=known, bearer=bearer)
    bare = Asking(port=servers.free_port(), people=known, bearer=bearer)
    door, log = _door(programs["app"], asking.port), stores.services.home / "logs" / "bare.log"
    workers = programs["app"].environ["CARELANE_APP_PROCESSES"]
    with door.running(), _bare(bare.port, workers, log).running():
        running.until(lambda: not asking.once(known[0]).is_degraded, seconds=60, what="an answer that was computed")
        for person in known:
            asking.once(person)
        yield Scene(stores=stores, door=door, asking=asking, bare=bare)


def _programs(stores: Stores) -> dict[str, Program]:
    """All of the Procfile, as a role that owns its database and is no superuser."""
    services, statements = stores.services, load("access")
    services.new_database("access")
    with psycopg.connect(services.database_url("postgres"), autocommit=True) as conn:
        for name in ("make_role", "give_database"):
            conn.execute(statements[name].encode())
    url = f"postgresql://caller:bench@127.0.0.1:{services.postgres_port}/access"
    return servers.carelane(services.home / "carelane", database_url=url, redis_url=services.redis_url)


def _fill(stores: Stores, programs: Mapping[str, Program], known: Sequence[str]) -> str:
    """Subscriptions, as the workers carry them; the people they belong to; a service's token, which is returned."""
    environ = programs["standard"].environ
    keys, url, wish = Keys.of(environ), environ["DATABASE_URL"], signed.Wish(count=len(known))
    with ExitStack() as stack:
        conn = stack.enter_context(psycopg.connect(url, autocommit=True, row_factory=dict_row))
        for name in _WORKERS:
            stack.enter_context(servers.program(programs[name]))
        carelane = running.Carelane(url="", keys=keys, conn=conn, processes={}, services=stores.services)
        after = carelane.last_row()
        backlog.release(conn, keys, wish)
        carelane.wait(after, seconds=_SETTLE_SECONDS)
    with db.connect(url, name="bench") as conn:
        for number, user_id in enumerate(known):
            wanted = Link(person=Person(user_id=user_id), stripe_customer_id=wish.customer_of(number))
            people.link(conn, wanted, actor="bench", lookup_key=keys.lookup, policy=Policy())
        made = tokens.create(conn, tokens.Wanted("bench", ("access",)), actor="bench", lookup_key=keys.lookup)
    return made.secret


def _door(app: Program, port: int) -> Server:
    """Alive is enough: it is started while its database is away, too."""
    return _served("app", app.command, app.environ, port=port, log=app.log)


def _bare(port: int, workers: str, log: Path) -> Server:
    """As many processes as the door has."""
    command = (sys.executable, "-m", "ingress.serve", "bench.access_bare", "--port", str(port), "--workers", workers)
    return _served("bare-flask", command, processes.inherited(), port=port, log=log)


def _served(name: str, command: Sequence[str], environ: Mapping[str, str], *, port: int, log: Path) -> Server:
    ready = partial(answers, "127.0.0.1", port, "/healthz")
    return Server(partial(processes.running, name, command, environ=environ, log=log, ready=ready))
