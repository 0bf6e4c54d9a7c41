"""A receiver of callbacks that behaves as badly as it is told to."""

import contextlib
import socket
import threading
import time
from collections import deque

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def status(code, *headers):
    return "\r\n".join([f"HTTP/1.1 {code} Said", "Content-Length: 0", *headers, "", ""]).encode()


def hangs(conn, stop):
    stop.wait()


def drips(conn, stop):
    """A header that never ends, a byte at a time."""
    conn.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while not stop.wait(0.02):
        conn.sendall(b"x")


def pours(conn, stop):
    """Ten megabytes of body."""
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n")
    for _ in range(160):
        conn.sendall(b"x" * 65536)


def boasts(conn, stop):
    """Headers without end, as fast as they go."""
    conn.sendall(b"HTTP/1.1 200 OK\r\n")
    while not stop.is_set():
        conn.sendall(b"X-Header: " + b"x" * 60000 + b"\r\n")


def closes(conn, stop):
    """Without a word."""


def babbles(conn, stop):
    conn.sendall(b"\x00\x01 no HTTP at all\r\n\r\n")


class Receiver:
    """`answers` are given in turn, the last one for ever: bytes, or a function of the connection."""

    def __init__(self):
        self.answers = deque([OK])
        self.requests = []
        self._stop = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hooks?a=1"

    def behave(self, *answers):
        self.answers = deque(answers)

    def close(self):
        self._stop.set()
        self._socket.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                conn, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=[conn], daemon=True).start()

    def _serve(self, conn):
        with conn, contextlib.suppress(OSError):
            head, body = _read(conn)
            lines = head.decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
            self.requests.append((lines[0], headers, body, time.time()))
            answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
            answer(conn, self._stop) if callable(answer) else conn.sendall(answer)


def _read(conn):
    data = b""
    while b"\r\n\r\n" not in data:
        data += conn.recv(65536) or _gone()
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(
        next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    )
    while len(body) < length:
        body += conn.recv(65536) or _gone()
    return head, body


def _gone():
    raise ConnectionError
