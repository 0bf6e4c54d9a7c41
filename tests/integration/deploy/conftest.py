"""The edge as docker-compose.yml runs it: nginx with our configuration, on this machine's ports."""

import http.client
import os
import re
import ssl
import subprocess
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.peers import need
from tests.running import until
from tests.servers import free_port

CONF = Path(__file__).resolve().parents[3] / "deploy" / "nginx.conf"
DEADLINE_SECONDS = 30


class Edge:
    """nginx in front of `door_port`; `log` is its access log."""

    def __init__(self, place, *, door_port):
        self.port, self.place, self.log = free_port(), place, place / "access.log"
        self._door_port = door_port
        self.tls = ssl.create_default_context(cafile=str(place / "tls_certificate"))

    def configuration(self):
        changes = {
            "/run/secrets/": f"{self.place}/",
            "/tmp/": f"{self.place}/",
            "/dev/stdout": str(self.log),
            "listen 8443": f"listen 127.0.0.1:{self.port}",
            "127.0.0.1:8080": f"127.0.0.1:{free_port()}",
            "http://webhook:8000": f"http://127.0.0.1:{self._door_port}",
        }
        text = CONF.read_text(encoding="utf-8")
        assert [old for old in changes if old not in text] == []
        return re.sub("|".join(map(re.escape, changes)), lambda found: changes[found[0]], text)

    def command(self, *more):
        program = need("nginx", package="nginx-light")
        return [program, "-e", "stderr", "-p", self.place, "-c", self.place / "nginx.conf", *more]

    def connect(self, tls=None):
        connection = http.client.HTTPSConnection(
            "localhost", self.port, timeout=DEADLINE_SECONDS, context=tls or self.tls
        )
        connection.connect()
        return connection

    def ask(self, method, path, body=None, **headers):
        """Status, headers in lower case, body."""
        connection = self.connect()
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it was answered before it was all sent
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                connection.request(method, path, body, named, encode_chunked="Transfer_Encoding" in headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


def write_certificate(place):
    """A throw-away key and a certificate for localhost, valid today."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (place / "tls_certificate").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (place / "tls_key").write_bytes(key.private_bytes(*plain))


class Recorder:
    """A door that notes what comes to it and answers 200."""

    def __init__(self):
        self.requests = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                recorder.requests.append((self.path, dict(self.headers), body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]


@pytest.fixture(scope="module")
def recorder():
    made = Recorder()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join(10)


@pytest.fixture(scope="module")
def start_edge(tmp_path_factory):
    """Starts nginx in front of a port."""
    started = []

    def start(door_port):
        need("nginx", package="nginx-light")
        place = tmp_path_factory.mktemp("edge")
        place.chmod(0o755)
        write_certificate(place)
        edge = Edge(place, door_port=door_port)
        (place / "nginx.conf").write_text(edge.configuration())
        with (place / "error.log").open("wb") as errors:
            # Started by root its workers would be nobody, who may not enter the tests' directory.
            directives = "daemon off;" + (" user root;" if os.getuid() == 0 else "")
            process = subprocess.Popen(edge.command("-g", directives), stderr=errors, start_new_session=True)
        started.append(process)
        until(lambda: process.poll() is not None or _answers(edge))
        assert process.poll() is None, (place / "error.log").read_text()
        return edge

    yield start
    for process in started:
        process.terminate()
        process.wait(DEADLINE_SECONDS)


def _answers(edge):
    with suppress(OSError):
        edge.connect().close()
        return True
    return False


@pytest.fixture(scope="module")
def edge(start_edge, recorder):
    return start_edge(recorder.port)


def setting(name):
    """The value of a directive of nginx.conf that stands there once."""
    (value,) = re.findall(rf"^\s*{name} (.+);$", CONF.read_text(encoding="utf-8"), re.MULTILINE)
    return value
