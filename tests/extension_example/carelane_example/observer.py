"""A journal of what became of events, one line each; where it lies is said by `EXAMPLE_JOURNAL`."""

import json
import os
from pathlib import Path

from shared.extensions import Observation


class Journal:
    def on_event_received(self, seen: Observation) -> None:
        self._write("received", seen)

    def on_event_processed(self, seen: Observation) -> None:
        self._write("processed", seen)

    def on_error(self, seen: Observation) -> None:
        self._write("error", seen)

    def _write(self, what: str, seen: Observation) -> None:
        line = {"what": what, "event": seen.event_id, "state": seen.state, "code": seen.reason_code}
        with Path(os.environ["EXAMPLE_JOURNAL"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


journal = Journal()
