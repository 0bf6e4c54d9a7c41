"""dj-stripe under gunicorn, in an environment of its own: it needs an older stripe than ours."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from bench import processes, servers, signed
from bench.report import RESULTS
from bench.servers import Services
from bench.targets import Target, gunicorn, listening, row_counter

_PROGRAMS = RESULTS / "peers-venv" / "bin"
_SITE = "bench.peers.djstripe_site"
_PREPARE_SECONDS = 180


def lacks() -> str | None:
    """What to install first; None when it can run."""
    return (
        None if (_PROGRAMS / "gunicorn").exists() else "`make bench` builds its environment in build/bench/peers-venv"
    )


@contextmanager
def with_callback(services: Services) -> Iterator[Target]:
    """It keeps the request and calls the callback, which leaves the processing to others."""
    with _serving("djstripe", services, {}) as target:
        kept = row_counter(services.database_url("djstripe"), "djstripe", begins='{{"id":"evt_1{}%')
        yield replace(target, kept=kept)


@contextmanager
def as_shipped(services: Services) -> Iterator[Target]:
    """It fetches what the event is about and writes it down in the request; a stand-in for Stripe answers at once."""
    port = servers.free_port()
    command = ["granian", "--interface", "wsgi", "--no-ws", "--log-level", "error", "--host", "127.0.0.1"]
    command += ["--port", str(port), "bench.peers.stripe_api:application"]
    settings = {"STRIPE_API_HOST": f"http://127.0.0.1:{port}"}
    with (
        listening("stripe-api", command, port=port, services=services),
        _serving("djstripe-as-shipped", services, settings) as target,
    ):
        kept = row_counter(services.database_url("djstripe_as_shipped"), "djstripe_as_shipped")
        yield replace(target, kept=kept)


@contextmanager
def _serving(name: str, services: Services, settings: dict[str, str]) -> Iterator[Target]:
    environ = settings | {
        "DATABASE_URL": services.new_database(name.replace("-", "_")),
        "DJANGO_SETTINGS_MODULE": f"{_SITE}.settings",
        # bench/ is imported by name from the project's root; the programs are those of its own environment.
        "PATH": os.pathsep.join([str(_PROGRAMS), os.environ["PATH"]]),
    }
    port, path = servers.free_port(), _prepared(environ)
    program, *arguments = gunicorn(port, "django.core.wsgi:get_wsgi_application()")
    with listening(
        name,
        [str(_PROGRAMS / program), *arguments],
        port=port,
        services=services,
        environ=environ,
    ) as target:
        yield replace(target, url=f"http://127.0.0.1:{port}{path}")


def _prepared(environ: dict[str, str]) -> str:
    done = subprocess.run(
        [_PROGRAMS / "python", "-m", f"{_SITE}.prepare", signed.SECRET],
        env=processes.inherited() | environ,
        cwd=processes.ROOT,
        capture_output=True,
        text=True,
        timeout=_PREPARE_SECONDS,
        check=False,
    )
    if done.returncode:
        raise processes.DidNotStart(f"dj-stripe could not be prepared:\n{done.stderr[-2000:]}")
    return done.stdout.strip()
