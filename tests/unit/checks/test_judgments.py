from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingress.api import access_ahead, making
from ingress.api import door as application_door
from ingress.stream import door as stream_door
from shared.checks import broker, server
from shared.config import Settings

WELL = server.Server(
    version_number=170_002,
    fsync="on",
    full_page_writes="on",
    synchronous_commit="on",
    data_checksums="on",
    read_only=False,
    connections=97,
    taken_by_others=7,
)


def test_a_well_kept_server_has_no_finding_but_good_ones():
    assert {finding.status for finding in server.judged(WELL)} == {"ok"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"version_number": 140_011}, "fault"),
        ({"version_number": 150_000}, "ok"),
        ({"version_number": 190_000}, "warning"),
        ({"fsync": "off"}, "fault"),
        ({"full_page_writes": "off"}, "fault"),
        ({"synchronous_commit": "off"}, "fault"),
        ({"synchronous_commit": "local"}, "ok"),
        ({"synchronous_commit": "remote_apply"}, "ok"),
        ({"data_checksums": "off"}, "warning"),
        ({"read_only": True}, "fault"),
    ],
)
def test_what_a_setting_means(change, status):
    worst = [finding.status for finding in server.judged(replace(WELL, **change)) if finding.status != "ok"]
    assert worst == ([] if status == "ok" else [status])


def test_the_clock_is_compared_with_the_middle_of_the_question():
    before = datetime(2026, 1, 1, tzinfo=UTC)
    told = before - timedelta(seconds=10)
    assert server.ahead_seconds(before, told, before + timedelta(seconds=2)) == 11


@pytest.mark.parametrize(
    ("seconds", "status"), [(5, "ok"), (-5, "ok"), (5.1, "warning"), (60, "warning"), (-60.1, "fault")]
)
def test_five_seconds_are_a_warning_and_a_minute_is_a_fault(seconds, status):
    assert server.clock(seconds).status == status


def test_connections_are_counted_for_the_processes_that_run():
    settings = Settings(webhook_processes=3)
    alone = server.connections_of(settings, {"webhook": 1})
    assert server.connections_of(settings, {"webhook": 2}) == alone + 9
    assert server.connections_of(settings, {"webhook": 1, "crisis": 2, "beat": 1}) == alone + 6


def test_the_stream_doors_share_is_the_size_of_its_pool():
    without = server.connections_of(Settings(), {})
    assert server.connections_of(Settings(), {"stream": 1}) - without == stream_door._CONNECTIONS


def test_the_application_doors_share_is_the_size_of_its_pools():
    settings = Settings(app_processes=3)
    without = server.connections_of(settings, {})
    assert server.connections_of(settings, {"app": 1}) - without == 3 * (
        application_door._CONNECTIONS
        + application_door._ACCESS_THREADS
        + access_ahead.CONNECTIONS
        + making._PAGES.threads
    )


def test_what_others_took_is_not_left_for_us():
    assert server.connections(WELL, 90).status == "ok"
    assert server.connections(WELL, 91).status == "warning"


@pytest.mark.parametrize(
    ("info", "status"),
    [
        ({"redis_version": "7.0.15"}, "ok"),
        ({"redis_version": "7.2.4", "valkey_version": "9.0.1"}, "ok"),
        ({"redis_version": "6.2.1"}, "warning"),
        ({}, "warning"),
    ],
)
def test_what_a_version_means(info, status):
    assert broker.version(info).status == status


@pytest.mark.parametrize(("used", "most", "status"), [(89, 100, "ok"), (90, 100, "warning"), (10**9, 0, "ok")])
def test_memory_is_judged_only_where_it_is_bounded(used, most, status):
    assert broker.memory({"used_memory": used, "maxmemory": most}).status == status
