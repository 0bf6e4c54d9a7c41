"""PostgreSQL and Valkey for tests, started the way `carelane up` starts them."""

import contextlib
import secrets
import socket
import time
from collections.abc import Iterator

import psycopg

from ingress.cli.up import roles
from ingress.cli.up.program import Program

PASSWORDS = {name: secrets.token_hex(16) for name in ("POSTGRES_ADMIN", "POSTGRES", *roles.PASSWORDS)}


_GIVEN: set[int] = set()


def free_port() -> int:
    """Below the ports that the kernel gives to connections: one of those may be taken before our server listens.

    None is given twice: whoever has it may not listen yet.
    """
    while True:
        port = 10_000 + secrets.randbelow(10_000)
        if port in _GIVEN:
            continue
        _GIVEN.add(port)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Server:
    """A program that a test may stop and start again."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process = None

    def start(self) -> None:
        self.process = self.program.spawn()
        deadline = time.monotonic() + 60
        while not self.program.is_ready():
            assert self.process.poll() is None, self.program.last_lines()
            assert time.monotonic() < deadline, self.program.last_lines()
            time.sleep(0.05)

    def stop(self) -> None:
        for number, seconds in self.program.stop_steps:
            self.process.send_signal(number)
            with contextlib.suppress(Exception):
                self.process.wait(seconds)
                return
        self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@contextlib.contextmanager
def running(program: Program) -> Iterator[Server]:
    server = Server(program)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def url(port: int, name: str) -> str:
    return f"postgresql://postgres:{PASSWORDS['POSTGRES_ADMIN']}@127.0.0.1:{port}/{name}"


def admin(port: int) -> "psycopg.Connection":
    return psycopg.connect(url(port, "postgres"), autocommit=True)
