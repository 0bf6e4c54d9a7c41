"""Valkey with a replica, watched by three Sentinels, for tests."""

import contextlib
import os
import signal
import time
from pathlib import Path

import redis

from ingress.cli.up.binaries import valkey_server
from ingress.cli.up.program import Program
from tests.servers import Server, free_port

PASSWORD, SERVICE, SENTINELS = "test", "carelane", 3
_SERVER = """\
bind 127.0.0.1
port {port}
requirepass {password}
masterauth {password}
dir {place}
appendonly yes
save ""
maxmemory-policy noeviction
repl-diskless-sync-delay 0
{follows}
"""
_SENTINEL = """\
bind 127.0.0.1
port {port}
dir {place}
sentinel monitor {service} 127.0.0.1 {primary} 2
sentinel auth-pass {service} {password}
sentinel down-after-milliseconds {service} 1000
sentinel failover-timeout {service} 5000
"""


class Watched:
    """`kill_primary` ends whichever server is the primary; the Sentinels make the other one it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        ports = [free_port(), free_port()]
        self.servers = {port: self._server(port, ports[0]) for port in ports}
        self.sentinels = {port: self._sentinel(port, ports[0]) for port in (free_port() for _ in range(SENTINELS))}

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.sentinels)
        return f"sentinel://:{PASSWORD}@{hosts}/0?service={SERVICE}"

    def start(self) -> None:
        for server in (*self.servers.values(), *self.sentinels.values()):
            server.start()
        self._until(lambda: self._told("num-slaves") == 1 and self._told("num-other-sentinels") == SENTINELS - 1)

    def stop(self) -> None:
        for server in (*self.sentinels.values(), *self.servers.values()):
            if server.process is not None and server.process.poll() is None:
                server.process.send_signal(signal.SIGCONT)
                server.kill()

    def primary(self) -> int:
        return int(self._told("port"))

    def kill_primary(self) -> int:
        """The port of the server that was it."""
        port = self.primary()
        self.servers[port].kill()
        return port

    def wait_for_another(self, port: int) -> int:
        """Until another than this one is the primary; its port."""
        self._until(lambda: self.primary() != port)
        return self.primary()

    def _told(self, what: str):
        for port in self.sentinels:
            with contextlib.suppress(redis.RedisError), redis.Redis(port=port, socket_timeout=2) as client:
                return client.sentinel_masters()[SERVICE][what]
        return -1

    def _until(self, condition) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, "the Sentinels did not agree in time"
            time.sleep(0.1)

    def _server(self, port: int, primary: int) -> Server:
        follows = "" if port == primary else f"replicaof 127.0.0.1 {primary}"
        text = _SERVER.format(port=port, place=self._home(port), password=PASSWORD, follows=follows)
        return self._program(port, text)

    def _sentinel(self, port: int, primary: int) -> Server:
        words = {"port": port, "place": self._home(port), "password": PASSWORD}
        text = _SENTINEL.format(service=SERVICE, primary=primary, **words)
        return self._program(port, text, "--sentinel")

    def _home(self, port: int) -> Path:
        place = self.place / str(port)
        place.mkdir(parents=True, exist_ok=True)
        return place

    def _program(self, port: int, text: str, *options: str) -> Server:
        place, password = self._home(port), None if options else PASSWORD
        (place / "server.conf").write_text(text)

        def answers() -> bool:
            try:
                with redis.Redis(port=port, password=password, socket_timeout=2) as client:
                    return client.ping()
            except redis.RedisError:
                return False

        return Server(
            Program(
                name=f"valkey-{port}",
                command=(str(valkey_server()), str(place / "server.conf"), *options),
                environ={"PATH": os.environ["PATH"]},
                directory=place,
                log=place / "log",
                is_ready=answers,
            )
        )
