import pytest

from shared.payloads import read


def test_json_is_shown_as_json():
    payload = read(b'{"b": [1, "\xc3\xa9"]}')
    assert payload.to_json() == {"payload": {"b": [1, "\u00e9"]}}
    assert payload.text() == '{\n  "b": [\n    1,\n    "\u00e9"\n  ]\n}'


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\x00", b"not json", b"[NaN]", b"[1e999]", b"[" * 200_000, b"[" + b"9" * 5000 + b"]"],
    ids=["empty", "bytes", "text", "nan", "infinity", "deep", "long number"],
)
def test_what_is_no_json_is_shown_as_harmless_bytes(body):
    payload = read(body)
    assert payload.to_json() == {"payload": None, "payloadBytes": repr(body)}
    assert payload.text().isprintable()


def test_a_payload_never_shows_in_a_trace():
    assert "secret" not in repr(read(b'{"a": "secret"}'))
