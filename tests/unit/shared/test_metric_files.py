"""What the processes of one folder count outlives them, in one file and not in one for each that ever was."""

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from shared import metric_files
from shared.metric_files import Summed

ROOT = Path(__file__).parents[3]
COUNTS = """
import sys
from prometheus_client import Counter, Gauge, Histogram
Counter("kept", "Kept.", ["how"]).labels("well").inc(2)
Histogram("took", "Seconds.", buckets=(1, 2)).observe(1.5)
Gauge("open", "Now.", multiprocess_mode="livesum").set(5)
Gauge("longest", "Seconds.", multiprocess_mode="max").set(float(sys.argv[1]))
Gauge("latest", "Last.", multiprocess_mode="mostrecent").set(float(sys.argv[1]))
"""
TOGETHER = [f"{sort}_together.db" for sort in ("counter", "gauge_max", "gauge_mostrecent", "histogram")]


def count_in(folder, times):
    environ = os.environ | {metric_files.FOLDER: str(folder)}
    for number in range(times, 0, -1):
        subprocess.run([sys.executable, "-c", COUNTS, str(number)], env=environ, cwd=ROOT, check=True, timeout=60)


def told(folder):
    registry = CollectorRegistry()
    registry.register(Summed(str(folder)))
    return generate_latest(registry).decode()


def files(folder):
    return sorted(path.name for path in folder.glob("*.db"))


def test_dead_processes_are_added_up_and_their_files_go(tmp_path):
    count_in(tmp_path, 3)
    before = told(tmp_path)
    assert metric_files.gather(tmp_path) == 15
    assert files(tmp_path) == TOGETHER
    after = told(tmp_path)
    counted = ('kept_total{how="well"} 6.0', 'took_bucket{le="2.0"} 3.0', "took_sum 4.5", "took_count 3.0")
    for line in (*counted, "longest 3.0", "latest 1.0"):
        assert line in before
        assert line in after
    assert "open 15.0" in before
    assert "open" not in after  # what the dead said of the present


def test_it_goes_on_from_what_was_added_up_before(tmp_path):
    for _ in range(2):
        count_in(tmp_path, 1)
        metric_files.gather(tmp_path)
    assert 'kept_total{how="well"} 4.0' in told(tmp_path)


def test_the_living_keep_their_files(tmp_path):
    count_in(tmp_path, 1)
    for path in tmp_path.glob("*.db"):
        path.rename(path.with_name(f"{path.name.rpartition('_')[0]}_{os.getpid()}.db"))
    assert metric_files.gather(tmp_path) == 0
    assert len(files(tmp_path)) == 5


def test_a_scrape_tidies_up_where_many_have_died(tmp_path, monkeypatch):
    monkeypatch.setattr(metric_files, "_MOST_FILES", 2)
    count_in(tmp_path, 1)
    assert 'kept_total{how="well"} 2.0' in told(tmp_path)
    assert files(tmp_path) == TOGETHER
