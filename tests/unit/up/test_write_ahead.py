"""Room in the log only where the disk has room for it."""

from types import SimpleNamespace

from ingress.cli.up import write_ahead


def test_a_small_disk_keeps_no_files_to_use_again(monkeypatch, tmp_path):
    free = {"bytes": 8 * 2**30 - 1}
    monkeypatch.setattr(write_ahead.shutil, "disk_usage", lambda _: SimpleNamespace(free=free["bytes"]))
    assert write_ahead.settings(tmp_path) == {}
    free["bytes"] += 1
    assert write_ahead.settings(tmp_path) == {"min_wal_size": "1GB", "max_wal_size": "2GB"}
