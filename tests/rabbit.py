"""RabbitMQ for tests: Debian's, as a process of its own on loopback, with its data in a directory of the test's."""

import os
import secrets
import signal
import subprocess
import time
from pathlib import Path

import amqp

from tests.peers import need
from tests.servers import free_port

PROGRAM = "/usr/lib/rabbitmq/bin/rabbitmq-server"
_CONFIGURATION = """\
listeners.tcp.default = 127.0.0.1:{port}
default_user = carelane
default_pass = test
loopback_users = none
log.console = true
log.console.level = warning
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 512MB
"""


class Rabbit:
    """`stop` ends all of it, and the name server that Erlang starts beside it."""

    def __init__(self, place: Path) -> None:
        need(PROGRAM, package="rabbitmq-server")
        place.mkdir(parents=True, exist_ok=True)
        self.place, self.port, self.process = place, free_port(), None
        (place / "rabbitmq.conf").write_text(_CONFIGURATION.format(port=self.port))
        (place / "plugins").write_text("[].\n")
        (place / ".erlang.cookie").write_text(secrets.token_hex(16))
        (place / ".erlang.cookie").chmod(0o400)
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(place),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(free_port()),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"carelane{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONFIG_FILE": str(place / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(place / "none.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(place / "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(place / "data"),
            "RABBITMQ_LOG_BASE": str(place / "logs"),
            "RABBITMQ_PID_FILE": str(place / "pid"),
            # One scheduler: the tests share a small machine.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
        }

    @property
    def url(self) -> str:
        return f"amqp://carelane:test@127.0.0.1:{self.port}//"

    def start(self) -> None:
        with (self.place / "rabbitmq.log").open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM], env=self.environ, stdout=log, stderr=log, cwd=self.place, start_new_session=True
            )
        deadline = time.monotonic() + 120
        while not self._answers():
            assert self.process.poll() is None, self._said()
            assert time.monotonic() < deadline, self._said()
            time.sleep(0.2)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self._end(signal.SIGTERM)
        subprocess.run(["epmd", "-kill"], env=self.environ, check=False, capture_output=True, timeout=20)

    def freeze(self, number: int = signal.SIGSTOP) -> None:
        os.killpg(self.process.pid, number)

    def _end(self, number: int) -> None:
        os.killpg(self.process.pid, number)
        self.process.wait(60)

    def _answers(self) -> bool:
        try:
            connection = amqp.Connection(
                host=f"127.0.0.1:{self.port}", userid="carelane", password="test", connect_timeout=2
            )
            connection.connect()
            connection.close()
        except (amqp.AMQPError, OSError):
            return False
        return True

    def _said(self) -> str:
        return (self.place / "rabbitmq.log").read_text(errors="replace")[-3000:]
