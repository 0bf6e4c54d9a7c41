import json

import pytest

from ingress.cli import story
from ingress.cli.play import Played
from schemas import catalog
from schemas.errors import SchemaError
from schemas.reading import read_event
from shared.events import Event, Reason

NOW = 1_790_000_000
STORIES = story.names()


def told(name):
    return story.tell(name, run="7f", now=NOW)


@pytest.mark.parametrize("name", STORIES)
def test_the_last_event_happens_now_and_none_before_the_one_that_precedes_it(name):
    created = [step.event["created"] for step in told(name).steps if step.expected.answer == "200 received"]
    assert created == sorted(created)
    assert created[-1] == NOW


@pytest.mark.parametrize("name", STORIES)
def test_no_placeholder_is_left(name):
    text = json.dumps([step.event for step in told(name).steps])
    assert '"@' not in text
    assert "{subscription}" not in text


@pytest.mark.parametrize("name", STORIES)
def test_two_runs_share_no_id(name):
    again = story.tell(name, run="8e", now=NOW)
    assert not {step.event_id for step in told(name).steps} & {step.event_id for step in again.steps}
    assert not {step.object_id for step in told(name).steps} & {step.object_id for step in again.steps}


@pytest.mark.parametrize("step", [step for name in STORIES for step in told(name).steps], ids=lambda step: step.name)
def test_a_step_is_read_as_its_story_promises(step):
    event = read_event(json.dumps(step.event).encode())
    if step.expected.state == "processed":
        catalog.validate(event)
    elif step.expected.state == "dead":
        with pytest.raises(SchemaError) as refused:
            catalog.validate(event)
        assert refused.value.path == step.expected.path
    elif step.expected.state == "ignored":
        assert not catalog.handles(event.type)


def test_the_usual_story_is_one_of_them():
    assert story.DEFAULT in STORIES


def kept(**values):
    unset = dict.fromkeys(Event.__dataclass_fields__)
    return Event(**unset | values)


def surprises(answer="200 received", *, state, reason=None, change=None):
    expected = story.Expected("200 received", "dead", "data.object.id", None)
    step = story.Step("x", {}, "none", expected)
    return Played(step, answer, state and kept(state=state, reason=reason), change).surprises()


def test_a_step_that_ends_as_told_is_no_surprise():
    assert surprises(state="dead", reason=Reason("invalid", "schema", "data.object.id", "is required")) == []


def test_every_difference_is_a_surprise():
    assert surprises("500 PROCESSING_ERROR", state=None) == [
        "the answer should be 200 received",
        "the path should be data.object.id",
        "it should be dead",
    ]


def test_an_unknown_story_is_answered_with_those_there_are(carelane):
    result = carelane("demo", "opera")
    assert result.exit_code == 2
    assert "subscription" in result.stderr


def test_no_test_event_is_played_into_a_live_deployment(carelane):
    result = carelane("demo", CARELANE_LIVEMODE="true")
    assert result.exit_code == 2
    assert "live ones only" in result.stderr
