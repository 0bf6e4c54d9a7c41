"""nginx as `deploy/nginx-hosts.conf` has it, before two hosts of a test."""

import contextlib
import os
import socket
from pathlib import Path

from ingress.cli.up.program import Program
from tests.peers import need
from tests.running import ROOT
from tests.servers import free_port, running

_AROUND = """\
daemon off;
worker_processes 1;
pid {place}/nginx.pid;
error_log {place}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {place}/body;
    proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi;
    scgi_temp_path {place}/scgi;
{hosts}
}}
"""
_DOORS = {"8000": "CARELANE_WEBHOOK_PORT", "8001": "CARELANE_APP_PORT", "8002": "CARELANE_STREAM_PORT"}


@contextlib.contextmanager
def balanced(place: Path, one, two):
    """The ports of the webhook, application and stream doors of both hosts together."""
    program, listening = need("nginx", package="nginx-light"), {usual: free_port() for usual in _DOORS}
    place.mkdir()
    text = (ROOT / "deploy" / "nginx-hosts.conf").read_text(encoding="utf-8")
    for usual, setting in _DOORS.items():
        text = text.replace(f"listen {usual};", f"listen 127.0.0.1:{listening[usual]};")
        for name, host in (("one", one), ("two", two)):
            text = text.replace(f"{name}.internal:{usual}", f"127.0.0.1:{host.environ[setting]}")
    assert ".internal:" not in text
    (place / "nginx.conf").write_text(_AROUND.format(place=place, hosts=text))

    def listens() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", listening["8000"]), timeout=1):
            return True
        return False

    nginx = Program(
        name="nginx",
        command=(str(program), "-e", "stderr", "-p", str(place), "-c", str(place / "nginx.conf")),
        environ={"PATH": os.environ["PATH"]},
        directory=place,
        log=place / "nginx.log",
        is_ready=listens,
    )
    with running(nginx):
        yield tuple(listening.values())
