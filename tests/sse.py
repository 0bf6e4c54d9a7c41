"""A client of Server-Sent Events as browsers are one: it reads events and remembers the last id."""

import http.client
import json
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
        name, data = "message", []
        while line := self._line():
            if line == "\n":
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
                self.last_id = value
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
