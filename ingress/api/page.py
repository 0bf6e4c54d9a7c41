"""The OpenAPI document as a page to read: one file, no script, nothing fetched from anywhere."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c;background:#fff}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid #ccc}h3{margin:2rem 0 .3rem;font-size:1rem}
code,h3{font-family:ui-monospace,monospace}table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #e4e4e4}
th{font-weight:600}a{color:#0b4f8a}
"""
# The page holds no script, and of styles this one alone.
_KNOWN_STYLE = f"'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
HEADERS: Mapping[str, str] = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": f"default-src 'none'; style-src {_KNOWN_STYLE}; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
}
JSON_PATH = "/api/openapi.json"


def html(document: Mapping[str, Any]) -> str:
    info = document["info"]
    head = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>{escape(info['title'])}: application door</h1><p>{_words(info['description'])}</p>"
        f'<p>The same for programs: <a href="{JSON_PATH}">OpenAPI {escape(document["openapi"])}</a>.</p>'
    )
    return head + "".join(_sections(document)) + "</body></html>"


def _sections(document: Mapping[str, Any]) -> Iterator[str]:
    schemas = document["components"]["schemas"]
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'])}</h2>"
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    yield _operation(f"{method.upper()} {path}", operation)
    yield "<h2>Documents</h2>"
    for name, schema in sorted(schemas.items()):
        yield f'<h3 id="{escape(name)}">{escape(name)}</h3>' + _fields(schema)


def _operation(title: str, operation: Mapping[str, Any]) -> str:
    parts = [
        f'<h3 id="{escape(operation["operationId"])}">{escape(title)}</h3>',
        f"<p>{_words(operation['summary'])} {_words(operation['description'])}</p>",
    ]
    if operation["parameters"]:
        rows = ((p["name"], p["in"], _type(p["schema"]), p.get("description", "")) for p in operation["parameters"])
        parts.append(_table(("parameter", "in", "type", ""), rows))
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        parts.append(f"<p>Body: {_type(schema)}</p>")
    answers = ((status, _content(one), one["description"]) for status, one in operation["responses"].items())
    parts.append(_table(("answer", "document", ""), answers))
    return "".join(parts)


def _content(answer: Mapping[str, Any]) -> str:
    """The type of an answer's document, where it has one."""
    found = next(iter(answer.get("content", {}).values()), None)
    return "" if found is None else _type(found["schema"])


def _fields(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    rows = (
        (name, _type(one), "" if name in required else "may be absent", one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    )
    return _table(("field", "type", "", ""), rows)


def _type(schema: Mapping[str, Any]) -> str:
    """A type in a few words, as HTML."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    for several in ("allOf", "anyOf", "oneOf"):
        if several in schema:
            return " or ".join(_type(one) for one in schema[several])
    if schema.get("type") == "array":
        return "list of " + _type(schema["items"])
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    return escape(str(schema.get("format") or schema.get("type") or "any"))


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """The second column of each table is HTML already where it tells a type; all others are words."""
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    typed = {index for index, title in enumerate(head) if title in {"type", "document"}}
    lines = (
        "<tr>" + "".join(f"<td>{cell if i in typed else _words(cell)}</td>" for i, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _words(text: str) -> str:
    """Escaped, with what stands between backticks as code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces))
