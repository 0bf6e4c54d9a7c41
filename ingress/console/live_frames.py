"""What a page that listens is told of the application's answers: its new parts, that none came, or that it is over."""

from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus

from ingress.wsgi import Answer

CONTENT_TYPE = "text/event-stream"
HEARTBEAT = b": beat\n\n"
# How soon a browser comes again after an end that it was not told the reason of.
OPENING = b"retry: 1000\n\n"
_AWAY = b"event: away\ndata: away\n\n"
_ENDED = b"event: ended\ndata: ended\n\n"
_AWAY_ID = "away"


@dataclass(frozen=True, slots=True)
class Told:
    """`id` is what the page knows after the frame; an empty frame tells nothing."""

    frame: bytes
    id: str
    is_last: bool = False


def told(answer: Answer, known: str | None) -> Told:
    """A refusal ends it: the page then asks by itself, and is told why as every request is."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Told(b"" if known == _AWAY_ID else _AWAY, _AWAY_ID)
    if answer.status != HTTPStatus.OK:
        return Told(_ENDED, "", is_last=True)
    found = blake2b(answer.body, digest_size=12).hexdigest()
    return Told(b"" if found == known else _frame(found, answer.body), found)


def _frame(id_: str, body: bytes) -> bytes:
    lines = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return b"id: " + id_.encode() + b"\n" + b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"
