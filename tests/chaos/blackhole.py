"""A TCP proxy on loopback that can go half-open: the connections of that moment stay up and carry no byte any more."""

import selectors
import socket
import threading
from contextlib import suppress

LOOK_SECONDS = 0.2
PIECE_BYTES = 65_536


class Blackhole:
    def __init__(self, target_port):
        self._target_port = target_port
        self._swallowed = threading.Event()
        self._over = threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._door.settimeout(LOOK_SECONDS)
        self.port = self._door.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def swallow(self):
        """From now on nothing passes on any connection that is open; new ones are served."""
        self._swallowed.set()
        self._swallowed = threading.Event()

    def close(self):
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._door.close()

    def _accept(self):
        while not self._over.is_set():
            with suppress(TimeoutError):
                client, _ = self._door.accept()
                self._threads.append(threading.Thread(target=self._carry, args=[client, self._swallowed]))
                self._threads[-1].start()

    def _carry(self, client, swallowed):
        with (
            client,
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self._target_port)) as server,
            selectors.DefaultSelector() as ready,
        ):
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while not self._over.is_set():
                if swallowed.is_set():
                    self._over.wait(LOOK_SECONDS)
                elif not self._pass(ready, swallowed):
                    return

    @staticmethod
    def _pass(ready, swallowed):
        for key, _ in ready.select(LOOK_SECONDS):
            if swallowed.is_set():
                return True
            piece = key.fileobj.recv(PIECE_BYTES)
            if not piece:
                return False
            key.data.sendall(piece)
        return True
