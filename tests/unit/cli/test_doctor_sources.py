"""A list of Stripe's networks that nobody renews is told before it lacks one."""

import pytest

from ingress.cli import doctor_sources
from shared.config import Settings

DAY = 86400


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "list.json"
    path.write_text('{"WEBHOOKS": ["198.51.100.7"]}')
    return path


@pytest.mark.parametrize(("days", "status"), [(0, "ok"), (6, "ok"), (9, "warning")])
def test_it_is_to_be_fetched_every_few_days(file, days, status):
    (finding,) = doctor_sources.look(Settings(sources_file=file), now=file.stat().st_mtime + days * DAY)
    assert finding.status == status


@pytest.mark.parametrize("text", [None, "", "not a list"])
def test_one_that_cannot_be_read_is_a_fault(file, text):
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    (finding,) = doctor_sources.look(Settings(sources_file=file))
    assert finding.status == "fault"


def test_where_none_is_asked_for_nothing_is_said():
    assert list(doctor_sources.look(Settings())) == []
