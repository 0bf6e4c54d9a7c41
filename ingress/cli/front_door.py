"""The front door as Stripe meets it: one kept-alive connection, every wait bounded."""

import contextlib
import http.client
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from shared.config import Settings, SettingsError

PATH = "/api/webhooks/stripe"
_TIMEOUT_SECONDS = 10.0
_LONGEST_ANSWER_BYTES = 65_536
_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "carelane-send (as Stripe/1.0)",
}
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - an address to listen on is none to connect to


@dataclass(frozen=True, slots=True)
class Answer:
    """What the door said; without a status it said nothing, and `text` is why."""

    status: int | None
    text: str

    @property
    def accepted(self) -> bool:
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)


class FrontDoor:
    """Posts bodies to one address; opens its connection at the first post and again after it was lost."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingsError([f"the address {url} is not http://… or https://…"])
        try:
            port = parts.port
        except ValueError as error:
            raise SettingsError([f"the address {url} has no usable port"]) from error
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, port, timeout=_TIMEOUT_SECONDS)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def close(self) -> None:
        self._connection.close()

    def post(self, body: bytes, signature: str | None) -> Answer:
        """One delivery; a kept-alive connection that the door had closed meanwhile is opened once more."""
        reused = self._connection.sock is not None
        try:
            return self._post(body, signature)
        except (http.client.HTTPException, OSError) as error:
            self.close()
            if reused and isinstance(error, ConnectionError):
                return self.post(body, signature)
            return Answer(None, f"no answer: {error or type(error).__name__}")

    def _post(self, body: bytes, signature: str | None) -> Answer:
        headers = _HEADERS if signature is None else _HEADERS | {"Stripe-Signature": signature}
        # A body that is too large is answered before it is all read, and the rest of it meets a closed door.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._connection.request("POST", self._target, body=body, headers=headers)
        with self._connection.getresponse() as response:
            answer = Answer(response.status, _words(response.read(_LONGEST_ANSWER_BYTES)))
            read_whole = response.isclosed()
        if not read_whole:
            self.close()
        return answer


def address(settings: Settings) -> str:
    """Where this deployment's front door stands, as far as the settings tell."""
    host = _ANYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.webhook_port}{PATH}"


def _words(raw: bytes) -> str:
    """The answer in a word or two: its error code, `duplicate`, or `received`."""
    try:
        said: Any = json.loads(raw)
    except ValueError:
        return ""
    if not isinstance(said, dict):
        return ""
    if said.get("error"):
        return str(said["error"])
    return next((word for word in ("duplicate", "received") if said.get(word)), "")
