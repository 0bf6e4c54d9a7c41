"""One request and its whole answer over a kept connection; next to nothing is done between the two moments.

What a caller does with an answer would delay others of its process, and be taken for the server's own time.
"""

import socket
import time
from dataclasses import dataclass

_TIMEOUT_SECONDS = 10.0
_OK = b"HTTP/1.1 200"


class CutOff(RuntimeError):
    """The connection was closed before the answer's end."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """`asked_at` is on the monotonic clock; the seconds are from the request's first byte to the answer's last."""

    asked_at: float
    seconds: float
    answer: bytes

    @property
    def is_ok(self) -> bool:
        return self.answer.startswith(_OK)

    @property
    def body(self) -> bytes:
        return self.answer.partition(b"\r\n\r\n")[2]


def connect(host: str | None, port: int | None) -> socket.socket:
    connection = socket.create_connection((host or "127.0.0.1", port or 80), _TIMEOUT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def exchange(connection: socket.socket, request: bytes) -> Exchanged:
    """Raises CutOff, and OSError when nothing comes in ten seconds."""
    asked_at = time.monotonic()
    connection.sendall(request)
    answer = b""
    while not _is_whole(answer):
        more = connection.recv(65_536)
        if not more:
            raise CutOff(f"after {len(answer)} bytes")
        answer += more
    return Exchanged(asked_at, time.monotonic() - asked_at, answer)


def _is_whole(answer: bytes) -> bool:
    head, parted, body = answer.partition(b"\r\n\r\n")
    if not parted:
        return False
    _, _, length = head.lower().partition(b"content-length:")
    return len(body) >= int(length.split(b"\r\n", 1)[0] or b"0")
