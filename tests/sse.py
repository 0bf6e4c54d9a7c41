"""A client of Server-Sent Events as browsers are one: it reads events and remembers the last id."""

import contextlib
import http.client
import json
import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    name: str
    data: object
    id: str | None


class Stream:
    """One connection; `last_id` is what to come back with."""

    def __init__(self, port, header=None, *, query="", last_id=None, timeout=20):
        self.last_id = last_id
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        headers = {} if header is None else {"Authorization": f"Bearer {header}"}
        if last_id is not None:
            headers["Last-Event-ID"] = str(last_id)
        self._connection.request("GET", f"/api/stream{query}", headers=headers)
        self.answer = self._connection.getresponse()
        self.status = self.answer.status

    def document(self):
        return json.loads(self.answer.read())

    def next(self):
        """The next event, or None at the end of the stream; heartbeats pass unseen, but their ids count."""
        name, data, last_id = "message", [], self.last_id
        while line := self._line():
            if line == "\n":
                # Not before: what was cut off in the middle of an event was not heard.
                self.last_id = last_id
                if data:
                    return Event(name, json.loads("\n".join(data)), self.last_id)
                name = "message"
                continue
            field, _, value = line.rstrip("\n").partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif field == "id":
                last_id = value
        return None

    def events(self, count):
        return [self.next() for _ in range(count)]

    def until(self, name):
        """The next event of this name."""
        while (found := self.next()) is not None and found.name != name:
            pass
        return found

    def close(self):
        self.answer.close()
        self._connection.close()

    def _line(self):
        try:
            return self.answer.readline().decode()
        except (http.client.HTTPException, ConnectionError):
            return ""


class Listener(threading.Thread):
    """Somebody who comes back whenever their stream ends, as a browser would; `heard` are (id, data), in order."""

    def __init__(self, port, header, *, query=""):
        super().__init__(daemon=True)
        self._port, self._header, self._query = port, header, query
        self._stopped = threading.Event()
        self.heard, self.gaps, self.connections, self.last_id = [], [], 0, None
        self.start()

    def stop(self):
        self._stopped.set()
        self.join(20)

    def run(self):
        while not self._stopped.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._listen()
            self._stopped.wait(0.05)

    def _listen(self):
        stream = Stream(self._port, self._header, query=self._query, last_id=self.last_id, timeout=5)
        try:
            if stream.status != http.HTTPStatus.OK:
                return
            self.connections += 1
            while not self._stopped.is_set() and (event := stream.next()) is not None:
                if event.name == "stream:gap":
                    self.gaps.append(event.data)
                elif not event.name.startswith("stream:"):
                    self.heard.append((int(event.id), event.data))
                self.last_id = stream.last_id
        finally:
            # A heartbeat may have moved it since.
            self.last_id = stream.last_id
            stream.close()
