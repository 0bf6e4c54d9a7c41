"""A batch of deliveries as wrk takes them: the request's unchanging pieces, and a file of fixed-length records."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from bench import signed
from bench.report import RESULTS

_WIDTHS = {"signature": 64, "event": 28, "subject": 28, "item": 28, "customer": 18, "created": 10}
_ENDS = list(accumulate(_WIDTHS.values()))
RECORD_BYTES = _ENDS[-1]
# Where a field stands in a record, first and last, counted from one as Lua does.
_PLACES = {name: (start + 1, end) for name, (start, end) in zip(_WIDTHS, pairwise([0, *_ENDS]), strict=True)}


@dataclass(frozen=True, slots=True)
class Batch:
    """`template` and `records` are what load.lua reads; `prefix` parts its event ids from every other batch's."""

    template: Path
    records: Path
    prefix: str
    count: int


@contextmanager
def batch(url: str, count: int, *, secret: str = signed.SECRET, subjects: int | None = None) -> Iterator[Batch]:
    """Prepare `count` deliveries to `url`, signed now; the files go when it ends."""
    wish = signed.Wish(count=count, secret=secret, subjects=subjects, prefix=secrets.token_hex(4))
    RESULTS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=RESULTS, prefix="batch-") as directory:
        template, records = Path(directory, "template.lua"), Path(directory, "records")
        at = int(time.time())
        template.write_text(_template(url, at), encoding="utf-8")
        with records.open("wb") as file:
            file.writelines(_records(wish, at))
        yield Batch(template, records, wish.prefix, count)


def _records(wish: signed.Wish, at: int) -> Iterator[bytes]:
    for fields in signed.fields_of(wish, created=at - 86_400):
        signature = signed.signature(signed.body_of(fields), secret=wish.secret, at=at)
        yield (signature + "".join(getattr(fields, name) for name in list(_WIDTHS)[1:])).encode()


def _template(url: str, at: int) -> str:
    """A Lua table: `pieces` of the whole request, the `places` in a record of what stands between them."""
    pieces, names = signed.template()
    length = sum(map(len, pieces)) + sum(_WIDTHS[name] for name in names)
    before, after = _head(url, at, length)
    quoted = ",".join(_quoted(piece) for piece in [before, after + pieces[0], *pieces[1:]])
    places = ",".join(f"{{{first},{last}}}" for first, last in (_PLACES[name] for name in ["signature", *names]))
    return f"return {{record_bytes={RECORD_BYTES},pieces={{{quoted}}},places={{{places}}}}}\n"


def _head(url: str, at: int, length: int) -> tuple[str, str]:
    """The request's head as Stripe sends it, up to the signature and after it."""
    parts = urlsplit(url)
    before = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json; charset=utf-8\r\n"
        "Cache-Control: no-cache\r\nUser-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n"
        f"Accept: */*; q=0.5, application/xml\r\nContent-Length: {length}\r\nStripe-Signature: t={at},v1="
    )
    return before, "\r\n\r\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
    return f'"{escaped}"'
