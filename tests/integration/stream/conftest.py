"""A stream door of its own over real stores, one for all these tests, and what is told through it."""

import base64
import itertools
import secrets
from types import SimpleNamespace

import pytest
import redis
from psycopg import sql

from shared import db, notices, people, tokens
from shared.people import Link, Person
from shared.rules.standing import Policy
from shared.tokens import Wanted
from tests.factories.identities import SECRET, token
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.webhook.conftest import serving
from tests.running import until
from tests.servers import admin, url
from tests.sse import Stream
from workers.placing import Placing

POLICY = Policy()
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def stores(postgres_port, template_database, valkey_url):
    """A database for all of them; what a test does in it is about people of its own."""
    name = f"stream_{secrets.token_hex(6)}"
    with admin(postgres_port) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template_database))
        )
    pool = db.Pool(url(postgres_port, name), name="test", size=4)
    client = redis.Redis.from_url(valkey_url, socket_timeout=5)
    yield SimpleNamespace(url=url(postgres_port, name), pool=pool, placing=Placing(pool, client), redis_url=valkey_url)
    client.close()
    pool.close()
    with admin(postgres_port) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def environ(stores, tmp_path_factory):
    return {
        "DATABASE_URL": stores.url,
        "REDIS_URL": stores.redis_url,
        "CARELANE_HOME": str(tmp_path_factory.mktemp("stream")),
        "CARELANE_LOOKUP_KEY": base64.b64encode(LOOKUP_KEY).decode(),
        "CARELANE_SUPABASE_JWT_SECRET": SECRET,
        "CARELANE_SUPABASE_LEEWAY_SECONDS": "0",
    }


@pytest.fixture(scope="session")
def door(environ, tmp_path_factory):
    log = tmp_path_factory.mktemp("door") / "log"
    with serving("ingress.stream.door", log, "--streams", **environ) as served:
        until(lambda: served.get("/readyz")[0] == 200)
        yield served
    assert "Traceback" not in log.read_text()


@pytest.fixture
def user_id():
    return f"person-{next(_numbers)}"


@pytest.fixture
def linked(stores, user_id):
    """The person, known to us."""
    link(stores, user_id)
    return user_id


def link(stores, user_id, **changes):
    wanted = Link(person=Person(user_id=user_id, **changes))
    with stores.pool.transaction() as conn:
        people.link(conn, wanted, actor="test", lookup_key=LOOKUP_KEY, policy=POLICY)


@pytest.fixture
def owe(stores):
    """Owe notices and have them told, as the process for it does."""

    def owe(recipient, count=1, *, kind="access:updated", **data):
        with stores.pool.transaction() as conn:
            made = [next(_numbers) for _ in range(count)]
            for number in made:
                told = {"n": number, **data}
                notices.owe(conn, cause=f"test:{number}", kind=kind, recipient=recipient, data=told)
        stores.placing.place_all()
        return made

    return owe


@pytest.fixture
def service(stores):
    def service(*scopes):
        with stores.pool.transaction() as conn:
            wanted = Wanted(f"service-{next(_numbers)}", scopes)
            return tokens.create(conn, wanted, actor="test", lookup_key=LOOKUP_KEY).secret

    return service


@pytest.fixture
def listen(door):
    """Open a stream, which ends with the test."""
    opened = []

    def listen(header=None, *, person=None, port=None, **more):
        header = token(sub=person) if person is not None else header
        opened.append(Stream(port or door.port, header, **more))
        return opened[-1]

    yield listen
    for stream in opened:
        stream.close()
