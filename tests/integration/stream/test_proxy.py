"""A stream through nginx, with the location that is shipped: what is told passes at once, and so does the end."""

import os
import re
import subprocess

import pytest

from tests.peers import need
from tests.running import ROOT, until
from tests.servers import free_port
from tests.sse import Stream

LOCATION = (ROOT / "deploy/nginx-stream.conf").read_text(encoding="utf-8")
WHOLE = """
worker_processes 1;
pid {place}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {place}/body;
    proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi;
    scgi_temp_path {place}/scgi;
    server {{
        listen 127.0.0.1:{port};
        {location}
    }}
}}
"""


@pytest.fixture
def proxy_port(door, tmp_path):
    program, port = need("nginx", package="nginx-light"), free_port()
    assert "127.0.0.1:8002" in LOCATION
    location = re.sub(r"127\.0\.0\.1:800[12]", f"127.0.0.1:{door.port}", LOCATION)
    (tmp_path / "nginx.conf").write_text(WHOLE.format(place=tmp_path, port=port, location=location))
    directives = "daemon off;" + (" user root;" if os.getuid() == 0 else "")
    command = [program, "-e", "stderr", "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-g", directives]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    until(lambda: process.poll() is not None or answers(port))
    assert process.poll() is None
    yield port
    process.terminate()
    process.wait(30)


def answers(port):
    try:
        stream = Stream(port)
    except OSError:
        return False
    stream.close()
    return True


def test_what_is_told_passes_a_proxy_at_once(proxy_port, listen, owe, user_id):
    stream = listen(person=user_id, port=proxy_port)
    stream.next()
    for _ in range(3):
        [mine] = owe(f"person:{user_id}")
        # Nothing comes after it that could push it along.
        assert stream.next().data == {"n": mine}
