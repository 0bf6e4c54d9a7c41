"""One POST to the outside: a checked address, one deadline for all of it, no redirect, no more read than the head."""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any

from shared.callback_urls import Target
from shared.rules.callback_targets import Network, is_allowed, is_inside

_MOST_HEAD_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Answered:
    """`retry_after_seconds` is the other side's wish, if it had one that can be read."""

    status: int
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """`code` says why; nothing of what the other side said."""

    code: str


class _Refused(OSError):
    """The name leads to where callbacks may not go."""


class _TooLong(OSError):
    """The head of the answer has no end."""


def post(
    target: Target, body: bytes, headers: Mapping[str, str], *, networks: Sequence[Network], seconds: float
) -> Answered | Unanswered:
    """Raises nothing for what the other side or the network does."""
    ends = time.monotonic() + seconds
    try:
        with closing(_Wire(_connect(target, networks, ends), ends)) as wire:
            return _exchange(target, wire, body, headers)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Unanswered(_code(error))


def _connect(target: Target, networks: Sequence[Network], ends: float) -> socket.socket:
    """The name is looked up once, and what was checked is what is connected to."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    may = is_inside if target.scheme == "http" else is_allowed
    if not all(may(str(address[0]), networks) for *_, address in found):
        raise _Refused
    last: OSError = TimeoutError()
    for family, kind, protocol, _, address in found:
        try:
            return _open(target, (family, kind, protocol), address, ends)
        except OSError as error:
            last = error
    raise last


def _open(target: Target, how: tuple[int, int, int], address: Any, ends: float) -> socket.socket:
    plain = socket.socket(*how)
    try:
        plain.settimeout(_left(ends))
        plain.connect(address)
        if target.scheme == "http":
            return plain
        plain.settimeout(_left(ends))
        return _trust().wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _exchange(target: Target, wire: "_Wire", body: bytes, headers: Mapping[str, str]) -> Answered:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = wire
    all_headers = {"Host": target.authority, **headers, "Connection": "close"}
    connection.request("POST", target.path, body, all_headers)
    # What it says beyond its status is of no interest: ten megabytes of it are not even read.
    response = connection.getresponse()
    return Answered(response.status, _seconds(response.headers.get("Retry-After")))


class _Wire:
    """What http.client takes for a socket; every wait ends at one deadline, however slowly the other side drips."""

    def __init__(self, sock: socket.socket, ends: float) -> None:
        self._sock = sock
        self._ends = ends

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(_left(self._ends))
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._sock, self._ends))

    def close(self) -> None:
        self._sock.close()


class _Incoming(io.RawIOBase):
    def __init__(self, sock: socket.socket, ends: float) -> None:
        self._sock = sock
        self._ends = ends
        self._left_bytes = _MOST_HEAD_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left_bytes <= 0:
            raise _TooLong
        self._sock.settimeout(_left(self._ends))
        count = self._sock.recv_into(buffer)
        self._left_bytes -= count
        return count


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _seconds(text: str | None) -> float | None:
    return (
        float(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < len("1000000") else None
    )


_CODES: tuple[tuple[type[BaseException], str], ...] = (
    (_Refused, "address_not_allowed"),
    (_TooLong, "answer_without_end"),
    (socket.gaierror, "name_unknown"),
    (TimeoutError, "timeout"),
    (ssl.SSLError, "tls"),
    (ConnectionRefusedError, "connection_refused"),
    (ConnectionError, "connection_closed"),
    (http.client.HTTPException, "answer_unreadable"),
    (OSError, "unreachable"),
)


def _code(error: BaseException) -> str:
    return next((code for kind, code in _CODES if isinstance(error, kind)), "answer_unreadable")
