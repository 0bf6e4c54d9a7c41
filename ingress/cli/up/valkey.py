"""The embedded Valkey: the doorbell's server, on loopback, behind a password that stands on no command line."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import redis

from ingress.cli.up.binaries import valkey_server
from ingress.cli.up.home import write_private
from ingress.cli.up.program import Program
from shared import broker, priority

_CONFIGURATION = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
daemonize no
dir ./
# Nothing rests on what lies here: events are in PostgreSQL. A second of nudges may go, the relay repeats them.
appendonly yes
appendfsync everysec
save ""
maxmemory 256mb
# Evicting would lose messages without a word; refusing is seen, and the relay tries again.
maxmemory-policy noeviction
"""


def program(home: Path, *, port: int, password: str, environ: Mapping[str, str] = os.environ) -> Program:
    """Valkey with its data in home/valkey."""
    directory = home / "valkey"
    directory.mkdir(mode=0o700, exist_ok=True)
    write_private(directory / "valkey.conf", _CONFIGURATION.format(port=port, password=password))
    return Program(
        name="valkey",
        # Whatever is told about a person in danger passes it.
        command=(*priority.first_of_all(), str(valkey_server()), "valkey.conf"),
        environ={name: environ[name] for name in ("PATH", "LANG", "TZ") if name in environ},
        directory=directory,
        log=home / "logs" / "valkey.log",
        is_ready=lambda: answers(f"redis://:{password}@127.0.0.1:{port}/0"),
        ready_seconds=30.0,
        longest_delay_seconds=1.0,
        stop_steps=((signal.SIGTERM, 10.0),),
        is_service=True,
    )


def answers(redis_url: str) -> bool:
    """Whether it answers us; a stranger on the port does not know the password."""
    client = broker.connect(redis_url, timeout_seconds=1.0)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()
