"""Observers that fail in each way that a worker must live through."""

import threading


class Blocks:
    def on_event_received(self, seen):
        threading.Event().wait()


class Raises:
    def on_event_received(self, seen):
        raise KeyError("jane@example.org")

    def on_event_processed(self, seen):
        raise SystemExit(1)


blocks = Blocks()
raises = Raises()
