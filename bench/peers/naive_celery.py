"""The naive good pipeline: Flask checks with Stripe's library and inserts, Celery carries one event a message.

Door:    granian --interface wsgi --factory bench.peers.naive_celery:door
Workers: celery -A bench.peers.naive_celery worker
"""

import os
from typing import Any

import stripe
from celery import Celery, signals
from flask import Flask, request
from flask.typing import ResponseReturnValue
from psycopg_pool import ConnectionPool

from bench.peers import naive_work
from bench.statements import load

TASK = "naive.process"
_THREADS = 8


class _Database:
    """This process's pool, opened after the fork."""

    pool: "ConnectionPool[naive_work.Connection] | None" = None

    def open(self, size: int) -> "ConnectionPool[naive_work.Connection]":
        self.pool = ConnectionPool(os.environ["BENCH_DATABASE_URL"], min_size=size, max_size=size, open=True)
        self.pool.wait(30)
        return self.pool


database = _Database()

app = Celery("naive", broker=os.environ.get("BENCH_REDIS_URL"))
app.conf.update(
    task_ignore_result=True,
    # What a worker that dies had in its hands comes back.
    task_acks_late=True,
    broker_connection_retry_on_startup=True,
)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def _open(**_: Any) -> None:
    database.open(1)


@app.task(name=TASK)  # type: ignore[untyped-decorator]
def process(row_id: int) -> None:
    if database.pool is None:
        raise RuntimeError("a task ran outside a worker's child process")
    with database.pool.connection() as conn:
        naive_work.carry(conn, row_id)


def door() -> Flask:
    """The front door of one server process."""
    pool, secret, keep = database.open(_THREADS), os.environ["BENCH_STRIPE_SECRET"], load("naive")["keep"]
    flask = Flask("naive")

    @flask.post("/api/webhooks/stripe")
    def webhook() -> ResponseReturnValue:
        body = request.get_data()
        try:
            event = stripe.Webhook.construct_event(body, request.headers.get("Stripe-Signature", ""), secret)
        except (ValueError, stripe.SignatureVerificationError):
            return {"error": "refused"}, 400
        with pool.connection() as conn:
            row = conn.execute(keep, {"event_id": event.id, "type": event.type, "body": body}).fetchone()
        if row is not None:
            process.apply_async(args=(row[0],))
        return {"received": True}

    return flask
