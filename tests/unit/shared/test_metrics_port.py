"""What a process shows that has no door: what its folder counts, and since when it is there."""

import pytest
from prometheus_client import generate_latest

from shared import metrics_port
from shared.config import Settings
from shared.metric_files import FOLDER


@pytest.mark.parametrize("folder", [None, "metrics"])
def test_it_tells_when_it_began_so_that_its_end_is_noticed(folder, tmp_path, monkeypatch):
    monkeypatch.delenv(FOLDER, raising=False)
    if folder:
        monkeypatch.setenv(FOLDER, str(tmp_path / folder))
    assert b"\nprocess_start_time_seconds " in generate_latest(metrics_port._registry())


def test_without_a_port_nothing_is_shown():
    assert metrics_port.serve(Settings()) is None
