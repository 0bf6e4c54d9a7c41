"""The page about live updates says of each pace what the code holds."""

import re
from pathlib import Path

from shared.rules.sync_operations import ENTITIES, PRIORITIES
from shared.rules.sync_pace import PACES

PAGE = (Path(__file__).parents[3] / "docs/live-updates.md").read_text(encoding="utf-8")


def test_every_pace_is_told_as_it_is():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) s \| (\d+) \| (\d+) s \| (\d+) s \|$", PAGE, re.MULTILINE)
    assert {name: tuple(map(int, numbers)) for name, *numbers in rows} == {
        name: (pace.batch_seconds, pace.batch_most, pace.heartbeat_seconds, pace.poll_seconds)
        for name, pace in PACES.items()
    }


def test_every_entity_and_every_priority_is_named():
    assert all(f"`{name}`" in PAGE for name in (*ENTITIES, *PRIORITIES))
