"""A worker's side of the broker: what an acknowledgement that fails leaves behind."""

import os
import signal

import pytest
import redis
from celery import Celery
from kombu import Queue
from kombu.transport.redis import Channel

from ingress.cli.up import valkey
from tests.servers import free_port, running
from workers import transport


@pytest.fixture
def broker(tmp_path):
    (tmp_path / "logs").mkdir()
    port = free_port()
    with running(valkey.program(tmp_path, port=port, password="test")) as server:
        yield f"redis://:test@127.0.0.1:{port}/0", server.process.pid


@pytest.fixture
def connection(broker):
    """As a worker has it: one message in hand at a time, and a second for each answer of the broker."""
    before = Channel.QoS
    celery = Celery("test", broker=broker[0])
    transport.install(celery)
    celery.conf.broker_transport_options = {"socket_timeout": 1, "socket_connect_timeout": 1}
    with celery.connection_for_read() as opened:
        yield opened
    Channel.QoS = before


def test_a_message_whose_acknowledgement_failed_is_in_hand_no_longer(broker, connection):
    channel = connection.default_channel
    queue = Queue("crisis")(channel)
    queue.declare()
    channel.basic_qos(0, 1, False)
    connection.Producer(channel).publish({}, routing_key="crisis")
    message = queue.get()
    assert not channel.qos.can_consume()
    os.kill(broker[1], signal.SIGSTOP)
    try:
        with pytest.raises(redis.exceptions.TimeoutError):
            message.ack()
    finally:
        os.kill(broker[1], signal.SIGCONT)
    assert channel.qos.can_consume()


def test_a_broker_that_is_away_is_looked_for_every_two_seconds(connection):
    waits = []

    def note(_error, seconds):
        waits.append(seconds)
        if len(waits) == 7:
            raise StopIteration

    gone = connection.clone(port=free_port())
    with pytest.raises(StopIteration):
        gone.ensure_connection(errback=note, callback=lambda: None)
    assert max(waits) <= 2
