"""What a stream may be asked for, and with which id it goes on."""

import pytest

from ingress.api.problems import Problem
from ingress.stream.admission import Request, _wish, cursor
from ingress.stream.audience import Wish


@pytest.mark.parametrize(("header", "position"), [(None, None), ("", None), (" ", None), ("0", 0), ("41", 41)])
def test_the_last_id_is_a_position_or_none(header, position):
    assert cursor(header) == position


@pytest.mark.parametrize("header", ["x", "-1", "1.5", "\u0661", "9" * 19, "1 2"])
def test_an_id_that_no_stream_could_have_given_is_refused(header):
    with pytest.raises(Problem, match="INVALID_FIELDS"):
        cursor(header)


def test_a_query_asks_for_a_person_or_a_device():
    assert _wish("") == Wish()
    assert _wish("userId=p%20q") == Wish(user_id="p q")
    assert _wish("deviceId=d") == Wish(device_id="d")


@pytest.mark.parametrize(
    "query", ["user=p", "userId=p&userId=q", "userId=", "deviceId=%00", "userId=p&deviceId=d", "&".join(["a=b"] * 50)]
)
def test_a_query_that_is_not_understood_is_refused(query):
    with pytest.raises(Problem, match="INVALID_FIELDS"):
        _wish(query)


def test_a_request_shows_no_token_where_it_is_written_down():
    assert "secret" not in repr(Request("Bearer secret", "", None))
