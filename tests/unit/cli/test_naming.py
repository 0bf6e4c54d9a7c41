import click
import pytest

from ingress.cli import naming
from shared.bulk_work import MOST_NAMED

CONTEXT = click.Context(click.Command("x"))
OPTION = click.Option(["--ids-from"])


def listed(path, data):
    path.write_bytes(data)
    return naming.from_file(CONTEXT, OPTION, str(path)).ids


def test_a_file_names_one_event_a_line(tmp_path):
    assert listed(tmp_path / "ids", b"\xef\xbb\xbfevt_1\r\n\n  #12 \nsha256:ab\n") == ("evt_1", "#12", "sha256:ab")


@pytest.mark.parametrize("data", [b"", b"\n\n", b"evt_1\nevt 2\n", b"evt_\x00", b"\xff\xfe", b"x" * 256])
def test_a_file_that_names_no_events_is_refused(tmp_path, data):
    with pytest.raises(click.BadParameter):
        listed(tmp_path / "ids", data)


def test_a_file_with_too_many_is_refused(tmp_path):
    assert len(listed(tmp_path / "ids", b"evt_1\n" * MOST_NAMED)) == MOST_NAMED
    with pytest.raises(click.BadParameter, match="more than 100,000"):
        listed(tmp_path / "ids", b"evt_1\n" * (MOST_NAMED + 1))


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(click.BadParameter, match="cannot be read"):
        naming.from_file(CONTEXT, OPTION, str(tmp_path / "none"))
