"""An answer is read to its end, neither less nor more."""

from bench import paced

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n" + b'{"received": true}'


def test_an_answer_is_whole_at_its_last_byte():
    assert paced._is_whole(ANSWER)


def test_any_less_is_not_whole():
    assert not any(paced._is_whole(ANSWER[:length]) for length in range(len(ANSWER)))


def test_the_length_is_found_in_any_case():
    assert paced._is_whole(ANSWER.replace(b"Content-Length", b"content-length"))
