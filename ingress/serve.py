"""A door's process: `python -m ingress.serve ingress.webhook.door`. Granian, with one listening socket for its workers.

Granian on Linux gives each worker a socket of its own on the same port. When such a worker ends or is killed, what the
kernel had put into its queue is reset; and while it is frozen, its share of all callers waits in vain. One socket, held
by the main process, outlives every worker: what none has accepted yet is taken by the next one.

SIGHUP replaces the workers one by one. The main process imports nothing of ours but this file, so that a new worker
runs the code that is installed when it starts.
"""

import gc
import signal
import socket
import sys
from functools import partial
from importlib import import_module
from typing import Any

import click
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

_BACKLOG = 2048
# Above what CARELANE_STREAMS allows: the door refuses with a word, where granian would let callers wait.
_MOST_STREAMS = 200_000
# A new worker gets this long to open before the old one is told to close; one that needs longer makes callers wait.
_OVERLAP_SECONDS = 2.0
# Longer than a request may take: 10 s for its body.
_LAST_ANSWERS_SECONDS = 12


class _OneSocket(MPServer):
    def _init_shared_socket(self) -> None:
        self._sso = listener(self.bind_addr, self.bind_port)
        self._ssp = None
        self._shd = SocketHolder(self._sso.fileno(), False, self.backlog)  # type: ignore[assignment,call-arg]


def listener(host: str, port: int) -> socket.socket:
    """The socket that workers inherit. Raises OSError when the port is taken."""
    family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind(address)
    opened.listen(_BACKLOG)
    opened.setblocking(False)
    opened.set_inheritable(True)
    return opened


def _open(module: str) -> Any:
    """Build the door, in a worker."""
    # The handlers inherited from granian's main process note a wish that nobody here looks at: until granian sets the
    # worker's own, being asked to stop is to end it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    made = import_module(module).create()
    # All this lives as long as the process. To look through it for what could be freed takes tens of milliseconds, in
    # which nobody is answered.
    gc.collect()
    gc.freeze()
    return made


@click.command()
@click.argument("module")
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, required=True)
@click.option("--workers", type=int, default=1)
@click.option("--streams", is_flag=True, help="Answers that do not end: many at once, each sent as fast as it is read.")
def serve(*, module: str, host: str, port: int, workers: int, streams: bool) -> None:
    """Serve the door that MODULE's create() builds."""
    server = _OneSocket(
        module,
        address=host,
        port=port,
        workers=workers,
        # Of RSGI granian 2.8 buffers a streamed answer without bound; of ASGI `send` waits for the reader.
        interface=Interfaces.ASGI if streams else Interfaces.RSGI,
        loop=Loops.uvloop,  # docs/decisions/0034-doors-on-uvloop.md
        http=HTTPModes.http1,
        websockets=False,
        backlog=_BACKLOG,
        backpressure=_MOST_STREAMS if streams else _BACKLOG // 2,
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=32_768),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=_OVERLAP_SECONDS,
        workers_kill_timeout=_LAST_ANSWERS_SECONDS,
    )
    try:
        server.serve(target_loader=partial(_open, module), wrap_loader=False)
    except OSError as error:
        sys.exit(f"the door cannot listen on {host}, port {port}: {error}")


if __name__ == "__main__":
    serve()
