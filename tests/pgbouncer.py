"""PgBouncer for tests: Debian's, in transaction mode, before a PostgreSQL of the test's."""

import contextlib
import grp
import os
import pwd
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from ingress.cli.up.program import Program
from tests.peers import need
from tests.servers import free_port, running

_CONFIGURATION = """\
[databases]
* = host={host} port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {place}/users
admin_users = {user}
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 500
# Our sessions bring their time limits as `options`, which a shared connection cannot take over.
ignore_startup_parameters = options,extra_float_digits
"""


@contextlib.contextmanager
def pooled(place: Path, database_url: str, *, connections: int):
    """The same database through a PgBouncer that has so many connections to it for everybody."""
    program, port, address = need("pgbouncer", package="pgbouncer"), free_port(), urlsplit(database_url)
    place.mkdir()
    (place / "users").write_text(f'"{address.username}" "{address.password}"\n')
    (place / "pgbouncer.ini").write_text(
        _CONFIGURATION.format(
            host=address.hostname,
            server_port=address.port,
            port=port,
            place=place,
            user=address.username,
            size=connections,
        )
    )
    url = address._replace(netloc=f"{address.username}:{address.password}@127.0.0.1:{port}").geturl()
    with running(_program(place, program, url)):
        yield url


def _program(place: Path, program: Path, url: str) -> Program:
    command: tuple[str, ...] = (str(program), str(place / "pgbouncer.ini"))
    if os.geteuid() == 0:  # it refuses to run as root, and drops to whom it is told
        nobody = pwd.getpwnam("nobody")
        for path in (place, *place.iterdir()):
            os.chown(path, nobody.pw_uid, grp.getgrgid(nobody.pw_gid).gr_gid)
        command = (*command, "-u", "nobody")

    def answers() -> bool:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    return Program(
        name="pgbouncer",
        command=command,
        environ={"PATH": os.environ["PATH"]},
        directory=place,
        log=place / "pgbouncer.log",
        is_ready=answers,
    )
