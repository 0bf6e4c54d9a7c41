"""Peers that run on Node.js, two processes each, from lock files beside their servers."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench import servers, signed
from bench.servers import Services
from bench.targets import Target, listening, row_counter

_HERE = Path(__file__).parent


def lacks(name: str) -> str | None:
    """What to install before the peer in this folder can run; None when it can."""
    if not shutil.which("node"):
        return "node is not here; Debian has it in nodejs and npm"
    if not (_HERE / name / "node_modules").is_dir():
        return f"run `npm install --no-save` in bench/peers/{name}"
    return None


@contextmanager
def fastify(services: Services) -> Iterator[Target]:
    """Fastify + pg + BullMQ; a broker database of its own."""
    database_url = services.new_database("fastify")
    environ = {"DATABASE_URL": database_url, "REDIS_URL": services.redis_url.removesuffix("0") + "1"}
    with _serving("fastify", services, environ) as target:
        yield target


@contextmanager
def sync_engine(services: Services) -> Iterator[Target]:
    """stripe-sync-engine: what it keeps of an event is the subscription that the event is about."""
    environ = {"DATABASE_URL": services.new_database("sync_engine")}
    with _serving("sync_engine", services, environ, begins="sub_1{}%") as target:
        yield target


@contextmanager
def _serving(name: str, services: Services, environ: dict[str, str], *, begins: str = "evt_1{}%") -> Iterator[Target]:
    port = servers.free_port()
    settings = {"NODE_ENV": "production", "PORT": str(port), "WEBHOOK_SECRET": signed.SECRET}
    with listening(
        name.replace("_", "-"),
        ["node", str(_HERE / name / "server.js")],
        port=port,
        services=services,
        environ=environ | settings,
    ) as target:
        yield replace(target, kept=row_counter(environ["DATABASE_URL"], name, begins=begins))
