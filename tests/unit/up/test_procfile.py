import pytest

from ingress.cli.up import procfile
from ingress.cli.up.failure import StartFailed

NAMES = ["webhook", "crisis", "beat"]


def test_entries_keep_their_order_and_comments_are_passed_over():
    assert procfile.parse("# a\n\nweb: one two\n beat: three\n") == {"web": "one two", "beat": "three"}


@pytest.mark.parametrize("text", ["web one", "web: a\nweb: b", "web:"])
def test_a_line_that_is_no_new_entry_is_refused(text):
    with pytest.raises(StartFailed, match="line"):
        procfile.parse(text)


def test_a_setting_with_a_blank_stays_one_word():
    assert procfile.command_of("run --at $PLACE/x '${PLACE}y'", {"PLACE": "/my home"}) == (
        "run",
        "--at",
        "/my home/x",
        "/my homey",
    )


def test_a_setting_that_is_missing_is_named():
    with pytest.raises(StartFailed, match="NO_SUCH is not set"):
        procfile.command_of("run $NO_SUCH", {})


def test_without_a_formation_there_is_one_of_each():
    assert procfile.instances(NAMES, "") == NAMES


def test_a_formation_numbers_what_there_is_more_than_one_of():
    assert procfile.instances(NAMES, "crisis=2, beat=0") == ["webhook", "crisis.1", "crisis.2"]


@pytest.mark.parametrize("formation", ["crisis", "crisis=x", "nobody=2", "crisis=99", "beat=2", "webhook=2"])
def test_a_formation_that_cannot_be_is_refused(formation):
    with pytest.raises(StartFailed, match="CARELANE_FORMATION"):
        procfile.instances(NAMES, formation)


def test_carelanes_own_procfile_has_every_process_of_the_walk():
    entries = procfile.parse(procfile.USUAL.read_text(encoding="utf-8"))
    assert list(entries) == [
        "webhook",
        "app",
        "stream",
        "crisis",
        "standard",
        "steady",
        "relay",
        "deliver",
        "beat",
        "flower",
    ]


def test_no_secret_stands_on_a_command_line_of_carelanes_own_procfile():
    lines = procfile.USUAL.read_text(encoding="utf-8")
    assert not any(word in lines for word in ("PASSWORD}", "$CARELANE_FLOWER_PASSWORD", "SECRET", "_URL", "_KEY"))
