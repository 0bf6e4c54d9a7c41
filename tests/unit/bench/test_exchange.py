"""An answer is read to its end, neither less nor more."""

import socket

import pytest

from bench import exchange

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n" + b'{"received": true}'


@pytest.fixture
def ends():
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def test_an_answer_is_whole_at_its_last_byte():
    assert exchange._is_whole(ANSWER)


def test_any_less_is_not_whole():
    assert not any(exchange._is_whole(ANSWER[:length]) for length in range(len(ANSWER)))


def test_the_length_is_found_in_any_case():
    assert exchange._is_whole(ANSWER.replace(b"Content-Length", b"content-length"))


def test_an_exchange_gives_the_whole_answer(ends):
    here, there = ends
    there.sendall(ANSWER)
    exchanged = exchange.exchange(here, b"GET / HTTP/1.1\r\n\r\n")
    assert there.recv(100) == b"GET / HTTP/1.1\r\n\r\n"
    assert (exchanged.is_ok, exchanged.body) == (True, b'{"received": true}')
    assert exchanged.seconds >= 0


def test_an_answer_that_is_cut_off_is_none(ends):
    here, there = ends
    there.sendall(ANSWER[:-1])
    there.shutdown(socket.SHUT_WR)
    with pytest.raises(exchange.CutOff):
        exchange.exchange(here, b"GET / HTTP/1.1\r\n\r\n")
