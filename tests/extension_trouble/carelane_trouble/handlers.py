"""Handlers that fail in each way that a worker must live through."""

import sys
import threading


class Handler:
    def __init__(self, taken, act):
        self.types = frozenset({taken})
        self._act = act

    def handle(self, conn, event):
        conn.execute("CREATE TABLE IF NOT EXISTS left_behind ()")
        self._act()


def _raise():
    raise KeyError("jane@example.org")


raises = Handler("trouble.raises", _raise)
leaves = Handler("trouble.leaves", sys.exit)
hangs = Handler("trouble.hangs", threading.Event().wait)
greedy = Handler("customer.subscription.created", _raise)
