"""The command as a whole: exit codes, the document, and that one trouble hides no other."""

import base64
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from ingress.cli.main import cli
from shared import crypto
from shared.config import variable_names
from tests.servers import free_port


@pytest.fixture
def doctor(monkeypatch, tmp_path, database_url, valkey_url):
    for name in variable_names():
        monkeypatch.delenv(name, raising=False)
    usual = {
        "CARELANE_HOME": str(tmp_path),
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey_url,
        "CARELANE_WEBHOOK_PORT": str(free_port()),
        "CARELANE_APP_PORT": str(free_port()),
        "CARELANE_STREAM_PORT": str(free_port()),
    }

    def run(*arguments, **more):
        result = CliRunner(env=usual | more).invoke(cli, ["doctor", *arguments])
        return result.exit_code, result.stdout

    return run


@pytest.fixture
def document(doctor):
    """The exit code, whether all is well, and the checks by name."""

    def run(**more):
        code, text = doctor("--json", **more)
        told = json.loads(text)
        return code, told["ok"], {check["name"]: check for check in told["checks"]}

    return run


def beating(conn):
    conn.execute("INSERT INTO heartbeats (process, place, since) VALUES ('relay', 'here', now() - interval '1 hour')")


def test_warnings_alone_are_no_failure(document, conn):
    beating(conn)
    code, well, checks = document()
    assert (code, well) == (0, True)
    assert checks["beat"]["status"] == checks["webhook door"]["status"] == "warning"
    assert all(check["action"] for check in checks.values() if check["status"] != "ok")
    assert set(checks["beat"]) == {"name", "status", "message", "action"}


def test_a_fault_is_a_failure_and_says_what_to_do(document):
    code, well, checks = document()
    assert (code, well) == (1, False)
    assert checks["relay"]["status"] == "fault"


def test_people_see_a_table_with_what_to_do(doctor):
    code, text = doctor()
    assert code == 1
    assert "The relay has never shown itself" in text
    assert "Start it" in text


def test_with_the_database_down_redis_is_looked_at_all_the_same(document):
    code, _, checks = document(DATABASE_URL="postgresql://nobody:hidden@127.0.0.1:1/none")
    assert code == 1
    assert checks["postgresql"]["status"] == "fault"
    assert checks["redis eviction"]["status"] == "ok"
    assert "hidden" not in json.dumps(checks)


def test_with_redis_down_the_database_is_looked_at_all_the_same(document):
    _, _, checks = document(REDIS_URL="redis://127.0.0.1:1/0")
    assert checks["redis"]["status"] == "fault"
    assert checks["tables"]["status"] == "ok"


def test_without_any_setting_each_lack_is_told(document):
    code, _, checks = document(DATABASE_URL="", REDIS_URL="")
    assert code == 1
    assert checks["postgresql"]["status"] == checks["redis"]["status"] == "fault"


def test_settings_that_cannot_be_used_hide_nothing(document, tmp_path):
    key = f"file:{tmp_path / 'nowhere'}"
    code, _, checks = document(CARELANE_UNSEAL_PRIVATE_KEY=key)
    assert code == 1
    assert "CARELANE_UNSEAL_PRIVATE_KEY names a file that cannot be read" in checks["settings"]["message"]
    assert checks["tables"]["status"] == "ok"


def test_keys_that_do_not_belong_together_are_a_fault(document):
    mine, other = crypto.new_private_key(), crypto.public_key_of(crypto.new_private_key())
    pair = {"CARELANE_UNSEAL_PRIVATE_KEY": mine, "CARELANE_SEAL_PUBLIC_KEY": other}
    _, _, checks = document(**{name: base64.b64encode(key).decode() for name, key in pair.items()})
    assert checks["keys"]["status"] == "fault"
    pair["CARELANE_SEAL_PUBLIC_KEY"] = crypto.public_key_of(mine)
    _, _, checks = document(**{name: base64.b64encode(key).decode() for name, key in pair.items()})
    assert checks["keys"]["status"] == "ok"


def test_a_server_that_takes_the_call_and_never_answers_holds_nobody_up(document):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        _, _, checks = document(
            REDIS_URL=f"redis://127.0.0.1:{port}/0",
            DATABASE_URL=f"postgresql://x:y@127.0.0.1:{port}/z",
            CARELANE_WEBHOOK_PORT=str(port),
        )
    assert {checks[name]["status"] for name in ("redis", "postgresql", "webhook door")} == {"fault"}


@pytest.fixture
def stub_door():
    """Doors that answer everything with one status: `stub_door(503)` gives a port."""
    servers = []

    def start(status):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status if self.path == "/readyz" else 404)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return str(server.server_address[1])

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_door_that_is_there_and_not_ready_is_a_fault(document, stub_door):
    _, _, checks = document(CARELANE_WEBHOOK_PORT=stub_door(503), CARELANE_APP_PORT=stub_door(200))
    assert checks["webhook door"]["status"] == "fault"
    assert "503" in checks["webhook door"]["message"]
    assert checks["application door"]["status"] == "ok"
