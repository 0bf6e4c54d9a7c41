"""`carelane sources fetch`: a new list takes the old one's place, and what is no list changes nothing."""

import os
import urllib.request
from io import BytesIO
from urllib.error import URLError

import pytest

OLD, NEW = '{"WEBHOOKS": ["198.51.100.7"]}', '{"WEBHOOKS": ["198.51.100.7", "203.0.113.0/24"]}'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "list.json"
    path.write_text(OLD)
    return path


@pytest.fixture
def fetch(carelane, file, monkeypatch):
    def run(published, *arguments):
        def opened(url, timeout):
            assert timeout <= 10
            if isinstance(published, Exception):
                raise published
            return BytesIO(published.encode())

        monkeypatch.setattr(urllib.request, "urlopen", opened)
        return carelane("sources", "fetch", *arguments, CARELANE_SOURCES_FILE=str(file))

    return run


def test_a_new_list_is_put_in_place_and_the_change_is_audited(fetch, file, conn):
    assert fetch(NEW).stdout == "2 networks, changed.\n"
    assert file.read_text() == NEW
    row = conn.execute("SELECT before, after FROM audit WHERE act = 'sources.changed'").fetchone()
    assert row == {"before": {"gone": []}, "after": {"new": ["203.0.113.0/24"]}}
    assert fetch(NEW).stdout == "2 networks, as before.\n"
    assert conn.execute("SELECT count(*) AS n FROM audit").fetchone()["n"] == 1


@pytest.mark.parametrize(
    "published", ["", "<html>not here</html>", '{"WEBHOOKS": []}', URLError("away"), "x" * 2_000_000]
)
def test_what_is_no_list_changes_nothing(fetch, file, published):
    ran = fetch(published)
    assert (ran.exit_code, "nothing was changed" in ran.stderr) == (1, True)
    assert (file.read_text(), [path.name for path in file.parent.iterdir() if "list" in path.name]) == (
        OLD,
        ["list.json"],
    )


def test_a_list_that_is_as_before_is_known_to_have_been_looked_at(fetch, file):
    os.utime(file, (1, 1))
    assert fetch(OLD).stdout == "1 networks, as before.\n"
    assert file.stat().st_mtime > 1


def test_only_what_comes_over_tls_is_taken(fetch, file):
    assert fetch(NEW, "--url", "http://stripe.example/list").exit_code == 1
    assert file.read_text() == OLD
