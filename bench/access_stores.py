"""PostgreSQL and Valkey of the figure "access": servers that are taken away and given back."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bench import servers
from bench.processes import Running
from bench.report import RESULTS
from bench.servers import Services
from ingress.cli.up import postgres, valkey
from ingress.cli.up.home import make_home


class Server:
    """A process that is started, stopped and started again; ready when `start` returns."""

    def __init__(self, opened: Callable[[], AbstractContextManager[Running]]) -> None:
        self._opened = opened
        self._stack = ExitStack()
        self._pid = 0

    def start(self) -> None:
        self._pid = self._stack.enter_context(self._opened()).pid

    def stop(self) -> None:
        """Does nothing where it is stopped already."""
        self._stack.close()

    @contextmanager
    def running(self) -> Iterator[None]:
        self.start()
        try:
            yield
        finally:
            self.stop()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The first one before its children: it would bear more of them meanwhile."""
        first = psutil.Process(self._pid)
        first.suspend()
        children = first.children(recursive=True)
        for child in children:
            child.suspend()
        try:
            yield
        finally:
            for process in (*children, first):
                process.resume()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    services: Services
    postgres: Server
    valkey: Server


@contextmanager
def stores() -> Iterator[Stores]:
    """Both, running, on the disk the project lies on."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=RESULTS, prefix="access-") as directory:
        made = _make(make_home(Path(directory)))
        with made.postgres.running(), made.valkey.running():
            yield made


def _make(home: Path) -> Stores:
    passwords = {name: secrets.token_hex(16) for name in ("POSTGRES_ADMIN", "POSTGRES", "VALKEY")}
    postgres_port, valkey_port = servers.free_port(), servers.free_port()
    database = postgres.program(home, port=postgres_port, passwords=passwords)
    broker = valkey.program(home, port=valkey_port, password=passwords["VALKEY"])
    return Stores(
        # Whose processor time is nobody's concern here: they come and go.
        services=Services(
            home=home, postgres_port=postgres_port, valkey_port=valkey_port, passwords=passwords, processes=()
        ),
        postgres=Server(partial(servers.program, database)),
        valkey=Server(partial(servers.program, broker)),
    )
