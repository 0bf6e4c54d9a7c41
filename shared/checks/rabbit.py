"""RabbitMQ, where it is the broker: whether it answers, and takes messages into queues that outlive a node."""

from collections.abc import Iterator

from shared.checks.finding import Finding, fault, ok
from shared.errors import TransientError

TIMEOUT_SECONDS = 2.0
_MEANWHILE = "Events are kept meanwhile, and are processed when it is back."


def look(broker_url: str | None) -> Iterator[Finding]:
    if broker_url is None:
        return
    from shared.rabbit import Channel  # noqa: PLC0415 - its client is of no use where Redis is the broker

    channel = Channel(broker_url, timeout_seconds=TIMEOUT_SECONDS)
    try:
        lengths = channel.lengths()
    except TransientError as error:
        yield _away(error)
    else:
        told = ", ".join(f"{length} in {lane}" for lane, length in lengths.items())
        yield ok("rabbitmq", f"It answers, and its queues are ours: {told} messages wait.")
    finally:
        channel.close()


def _away(error: TransientError) -> Finding:
    told = str(error.__cause__ or error)
    if "PRECONDITION_FAILED" in told:
        return fault(
            "rabbitmq",
            "A queue `crisis` or `standard` is there and is no quorum queue.",
            "Delete that queue, or give Carelane a virtual host of its own in CARELANE_BROKER_URL.",
        )
    return fault(
        "rabbitmq",
        f"It does not answer us: {type(error.__cause__).__name__}.",
        f"Start it, or correct CARELANE_BROKER_URL. {_MEANWHILE}",
    )
