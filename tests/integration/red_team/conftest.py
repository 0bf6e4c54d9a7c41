"""The three doors as processes over one database, tokens to misuse, and all that a request could change."""

import base64

import psycopg
import pytest
from psycopg.rows import dict_row

from shared import crypto, tokens
from shared.db import connect
from shared.tokens import Wanted
from tests.factories.deliveries import SECRET
from tests.factories.identities import SECRET as IDENTITY_SECRET
from tests.integration.cloning import cloned
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.red_team.at_webhook_door import LIMIT
from tests.integration.webhook.conftest import serving

# What may change all the same: that something was refused, how often, and what each process keeps of itself.
MAY_CHANGE = ("audit", "audit_unsealed", "staff_tries", "data_keys", "heartbeats")
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""
PER_MINUTE = 100


@pytest.fixture(scope="module")
def database(postgres_port, template_database):
    with cloned(postgres_port, template_database) as url:
        yield url


@pytest.fixture(scope="module")
def environ(database, valkey_url, tmp_path_factory):
    home = tmp_path_factory.mktemp("red_team")
    (home / "sources").write_text("198.51.100.0/24\n")
    public_key = crypto.public_key_of(crypto.new_private_key())
    return {
        "DATABASE_URL": database,
        "REDIS_URL": valkey_url,
        "CARELANE_HOME": str(home),
        "CARELANE_LOOKUP_KEY": base64.b64encode(LOOKUP_KEY).decode(),
        "CARELANE_SEAL_PUBLIC_KEY": base64.b64encode(public_key).decode(),
        "CARELANE_MAX_BODY_BYTES": str(LIMIT),
        "CARELANE_TRUSTED_PROXIES": "127.0.0.0/8",
        "CARELANE_UNSIGNED_PER_MINUTE": str(PER_MINUTE),
        "CARELANE_SOURCES_FILE": str(home / "sources"),
        "CARELANE_SOURCES_MODE": "enforce",
    }


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="module")
def webhook_door(environ, log):
    secret = {"STRIPE_WEBHOOK_SECRETS": f"current={SECRET.value}"}
    with serving("ingress.webhook.door", log / "webhook", **environ, **secret) as served:
        yield served


@pytest.fixture(scope="module")
def application_door(environ, log):
    with serving("ingress.api.door", log / "app", **environ, CARELANE_SUPABASE_JWT_SECRET=IDENTITY_SECRET) as served:
        yield served


@pytest.fixture(scope="module")
def stream_door(environ, log):
    options = {"CARELANE_SUPABASE_JWT_SECRET": IDENTITY_SECRET}
    with serving("ingress.stream.door", log / "stream", "--streams", **environ, **options) as served:
        yield served


@pytest.fixture(scope="module")
def held(database):
    """Tokens that somebody may have and misuse."""
    wanted = {"all": tokens.SCOPES, "people": ["people"], "reads": ["admin:read"], "revoked": tokens.SCOPES}
    with connect(database, name="test") as conn:
        made = {
            name: tokens.create(conn, Wanted(name, scopes), actor="test", lookup_key=LOOKUP_KEY).secret
            for name, scopes in wanted.items()
        }
        tokens.revoke(conn, "revoked", actor="test")
    return made


@pytest.fixture
def everything(database):
    def read():
        with psycopg.connect(database, row_factory=dict_row) as conn:
            tables = {row["relname"] for row in conn.execute(TABLES)} - {*MAY_CHANGE}
            return {table: conn.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables}  # noqa: S608

    return read
