"""The list of sources: read again when it changes, and the last good one kept whatever happens to the file."""

import json
import os
from ipaddress import ip_address

import pytest

from ingress.webhook.sources import SourceList
from shared.source_list import read

GOOD = ip_address("198.51.100.7")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "list"
    path.write_text("198.51.100.7\n")
    return path


@pytest.fixture
def sources(file, tmp_path):
    found = SourceList(file, copy=tmp_path / "run" / "copy")
    found.refresh()
    return found


@pytest.mark.parametrize(
    "text",
    ["198.51.100.7\n# a remark\n\n", '{"WEBHOOKS": ["198.51.100.7"]}', '["198.51.100.0/24"]', "\ufeff198.51.100.7"],
)
def test_each_form_that_stripe_publishes_is_read(file, text):
    file.write_text(text, encoding="utf-8")
    assert any(GOOD in network for network in read(file))


BAD = ["", "#", "{}", '{"WEBHOOKS": []}', '{"WEBHOOKS": [1]}', '{"WEBHOOKS": "x"}', "[", "<html>", "1.2.3.4\nnonsense"]


@pytest.mark.parametrize("text", [*BAD, "1.2.3.4\n" * 10_001, "#" * 1_100_000])
def test_whatever_the_file_becomes_the_last_good_list_stays(sources, file, text):
    file.write_text(text)
    sources.refresh()
    assert (sources.is_stale, sources.allows(GOOD)) == (True, True)


def test_a_file_that_is_gone_leaves_the_last_good_list_over_a_restart_too(sources, file, tmp_path):
    file.unlink()
    sources.refresh()
    again = SourceList(file, copy=tmp_path / "run" / "copy")
    again.refresh()
    for one in (sources, again):
        assert (one.is_stale, one.allows(GOOD), one.allows(ip_address("203.0.113.9"))) == (True, True, False)


def test_a_better_file_is_taken_without_a_restart(sources, file):
    file.write_text("nonsense")
    sources.refresh()
    file.write_text(json.dumps({"WEBHOOKS": ["203.0.113.9"]}))
    os.utime(file, ns=(1, 1))
    sources.refresh()
    assert (sources.is_stale, sources.allows(GOOD), sources.allows(ip_address("203.0.113.9"))) == (False, False, True)


def test_who_has_no_address_is_in_no_list(sources):
    assert not sources.allows(None)
