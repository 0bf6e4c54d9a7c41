import socket

from ingress.cli.up.ports import port_is_free


def test_a_port_with_a_listener_is_not_free():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert not port_is_free("127.0.0.1", listener.getsockname()[1])


def test_a_host_that_is_none_of_this_machine_has_no_free_port():
    assert not port_is_free("192.0.2.1", 8000)
