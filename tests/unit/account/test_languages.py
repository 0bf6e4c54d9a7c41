"""Each catalogue says everything the pages say, with the same values in it, and is as the gatherer leaves it."""

import shutil
import string
from datetime import UTC, datetime

import pytest
from babel.messages.pofile import read_po

from ingress.account import gathering
from ingress.account.languages import CATALOGUES, is_zone, read_all

PATHS = sorted(CATALOGUES.glob("*.po"))
MOMENT = datetime(2026, 11, 28, 2, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def messages():
    return gathering.gathered()


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request):
    return request.param


def names(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_message_is_translated_with_the_same_values(path, messages):
    with path.open("rb") as written:
        catalogue = read_po(written)
    assert {message.id for message in catalogue} == {message.id for message in messages}
    for message in catalogue:
        if message.id:
            assert message.string.strip(), message.id
            assert names(message.string) == names(message.id), message.id


def test_a_catalogue_is_as_the_gatherer_leaves_it(path, messages, tmp_path):
    shutil.copy(path, tmp_path)
    gathering.renew(tmp_path / path.name, messages)
    assert (tmp_path / path.name).read_text("utf-8") == path.read_text("utf-8"), "run `make catalogues`"


def test_what_nobody_has_translated_yet_is_said_in_english(tmp_path):
    (tmp_path / "fr.po").write_text('msgid "Call 988"\nmsgstr "Appelez le 988"\n', "utf-8")
    french = read_all(tmp_path)["fr"]
    assert (french.say("Call 988"), french.say("Text 988")) == ("Appelez le 988", "Text 988")
    assert (french.name, french.direction) == ("Français", "ltr")


def test_days_and_hours_are_those_of_the_person_in_their_language():
    english, spanish = (read_all()[code] for code in ("en", "es"))
    assert english.day(MOMENT, "America/Chicago") == "November 27, 2026"
    assert spanish.day(MOMENT, "UTC") == "28 de noviembre de 2026"
    assert english.moment(MOMENT, "UTC").endswith("UTC")
    assert not english.moment(MOMENT, "America/Chicago").endswith("UTC")


@pytest.mark.parametrize("name", ["", "Nowhere/Here", "../../etc/passwd", "/etc/localtime", "é", "A" * 65, "UTC\0"])
def test_what_is_no_time_zone_is_none(name):
    assert not is_zone(name)
