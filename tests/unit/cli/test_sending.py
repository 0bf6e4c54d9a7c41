import json

import pytest

from ingress.cli import event_files, sending
from ingress.cli.front_door import Answer, FrontDoor, address
from ingress.cli.sending import Manner
from shared.config import Settings, SettingsError

EVENTS = [{"id": "evt_1"}, {"id": "evt_2"}]
SECRET = "whsec_0123456789abcdef"


class RecordingDoor:
    """Answers as told and remembers what came."""

    def __init__(self, *answers):
        self.answers = iter(answers)
        self.posts = []

    def post(self, body, signature):
        self.posts.append((body, signature))
        return next(self.answers, Answer(200, "received"))


def ids(bodies):
    return [json.loads(body)["id"] for body in bodies]


def line_up(**how):
    return sending.line_up(EVENTS, **{"count": None, "unique": False, "duplicate": False, "shuffle": False} | how)


def deliver(door, bodies, **manner):
    return list(sending.deliver(door, bodies, Manner(secret=SECRET, **manner), clock=lambda: 1_790_000_000.9))


def test_a_count_goes_round_the_events():
    assert ids(line_up(count=5)) == ["evt_1", "evt_2", "evt_1", "evt_2", "evt_1"]


def test_unique_gives_each_its_own_id():
    assert len(set(ids(line_up(count=5, unique=True)))) == 5


def test_duplicate_sends_the_same_bytes_twice():
    bodies = line_up(duplicate=True, unique=True)
    assert len(bodies) == 4
    assert len(set(bodies)) == 2


def test_shuffle_loses_nothing():
    assert sorted(ids(line_up(count=50, shuffle=True))) == sorted(ids(line_up(count=50)))


def test_the_age_is_in_the_signature():
    door = RecordingDoor()
    deliver(door, line_up(), age_seconds=310)
    assert [signature.split(",")[0] for _, signature in door.posts] == ["t=1789999690"] * 2


def test_a_tampered_body_is_still_json_but_other_bytes():
    door, bodies = RecordingDoor(), line_up()
    deliver(door, bodies, tamper=True)
    assert [body for body, _ in door.posts] != bodies
    assert ids(body for body, _ in door.posts) == ids(bodies)


def test_a_door_that_does_not_answer_is_given_up():
    away = Answer(None, "no answer")
    assert deliver(RecordingDoor(*[away] * 9), line_up(count=9)) == [away] * 3


def test_a_door_that_answers_now_and_then_is_not_given_up():
    away, well = Answer(None, "no answer"), Answer(200, "received")
    assert len(deliver(RecordingDoor(away, away, well, away, away, well), line_up(count=6))) == 6


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"id": "evt_1"}', 1),
        ('[{"id": "evt_1"}, {"id": "evt_2"}]', 2),
        ('{"object": "list", "data": [{}, {}, {}]}', 3),
    ],
)
def test_a_file_holds_an_event_or_a_list_of_them(tmp_path, text, found):
    path = tmp_path / "events.json"
    path.write_text(text)
    assert len(event_files.read([path])) == found


@pytest.mark.parametrize("text", ["", "not JSON", "[]", "3", "[1]", '{"object": "list"}', "\xff"])
def test_a_file_without_an_event_is_named(tmp_path, text):
    path = tmp_path / "events.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"events\.json"):
        event_files.read([path])


@pytest.mark.parametrize("url", ["ftp://x/y", "file:///etc/passwd", "http://", "x", "http://x:port/"])
def test_only_web_addresses_are_posted_to(url):
    with pytest.raises(SettingsError):
        FrontDoor(url)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:8000/api/webhooks/stripe"),  # noqa: S104 - made up
        ("::1", "http://[::1]:8000/api/webhooks/stripe"),
        ("10.0.0.5", "http://10.0.0.5:8000/api/webhooks/stripe"),
    ],
)
def test_the_address_is_one_that_can_be_connected_to(host, url):
    assert address(Settings(host=host)) == url
