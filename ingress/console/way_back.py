"""Where somebody was when they were sent to sign in: the address of a page of the console, and of nothing else."""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from flask import Request, url_for

_LONGEST = 900
# What our own addresses are made of: no empty part and none of dots alone, so that it leads nowhere else however read.
_PAGE = re.compile(r"/console(?:/(?!\.+(?:[/?]|$))[\w.~%:@+-]+)*(?:\?[\w.~%:@+=&*,-]*)?", re.ASCII)


def checked(address: str | None) -> str | None:
    """None for what is no page of ours: nobody is sent elsewhere after they signed in."""
    if address is None or len(address) > _LONGEST or not _PAGE.fullmatch(address):
        return None
    return address


def to_sign_in(request: Request, origins: Sequence[str]) -> str:
    """The way to the form, with the way back; a form that was sent is lost, and its page is the way back."""
    is_form = request.method == "POST"
    was_at = _page_of_form(request.referrer, origins) if is_form else _address(request.path, request.query_string)
    back = checked(was_at)
    return url_for(
        "console.sign_in", back=None if back == url_for("console.home") else back, lost="yes" if is_form else None
    )


def _page_of_form(referrer: str | None, origins: Sequence[str]) -> str | None:
    try:
        came = urlsplit(referrer or "")
    except ValueError:
        return None
    is_ours = f"{came.scheme}://{came.netloc}".lower() in origins
    return _address(came.path, came.query.encode(), is_quoted=True) if is_ours else None


def _address(path: str, query: bytes, *, is_quoted: bool = False) -> str:
    shown = path if is_quoted else quote(path, safe="/:@")
    return f"{shown}?{query.decode('latin-1')}" if query else shown
