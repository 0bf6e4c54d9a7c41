"""Case 57: everything is killed at random for two minutes, while Stripe delivers 20,000 events with repetitions."""

import json
import random
import subprocess
import sys
import threading

import pytest

from tests.chaos.nemesis import Nemesis
from tests.chaos.own import own_scene
from tests.chaos.stream import shuffled_with_duplicates, stream
from tests.running import ROOT, SECRET

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(3600)]
SEED = 57
COUNT = 20_000
DUPLICATES = 0.3
CHAOS_SECONDS = 120
FIRE = ROOT.parent / "shared" / "tools" / "stripe_fire.py"
RECORDED = ROOT.parent / "shared" / "stripe-events"


@pytest.fixture
def scene(tmp_path, seen):
    """As shipped, embedded servers and all, but for the guard against floods of dead letters, which would park them."""
    with own_scene(tmp_path, tell=seen, drain_seconds=1800, CARELANE_GUARD_DEATHS="100000") as scene:
        yield scene


def attacked(scene, deliver):
    """The strikes that fell while `deliver` was at work; it goes on until both are over."""
    nemesis = Nemesis(scene, random.Random(SEED))
    thread = threading.Thread(target=nemesis.rage, args=[CHAOS_SECONDS])
    thread.start()
    deliver()
    thread.join(CHAOS_SECONDS * 2)
    assert not thread.is_alive()
    assert nemesis.failure is None
    struck = " ".join(nemesis.strikes)
    assert all(f"{name} killed" in struck for name in ("webhook", "postgres", "valkey", "steady", "crisis"))
    scene.tell(", ".join(f"{count} x {name}" for name, count in sorted(nemesis.strikes.items())))


@pytest.mark.case(
    "57",
    injected="20,000 events, 30 % twice, shuffled; everything killed at random for two minutes",
    expected="nothing lost, nothing twice",
)
def test_nothing_is_lost_and_nothing_happens_twice_whatever_is_killed(scene):
    deliveries = shuffled_with_duplicates(stream(COUNT, SEED), DUPLICATES, SEED)
    rate = len(deliveries) / CHAOS_SECONDS
    attacked(scene, lambda: scene.client.send(deliveries, threads=16, keep_trying_seconds=900, per_second=rate))
    assert len(scene.client.acked) == COUNT
    unanswered = sum(scene.client.answers.values()) - scene.client.answers[200]
    scene.tell(f"{sum(scene.client.answers.values())} deliveries, {unanswered} of them not answered 200")


@pytest.mark.skipif(not (FIRE.exists() and RECORDED.exists()), reason="no recorded Stripe events beside this checkout")
@pytest.mark.case(
    "57", injected="the same with 20,000 events made from recorded ones", expected="nothing lost, nothing twice"
)
def test_recorded_events_survive_the_same(scene, tmp_path):
    summary = tmp_path / "fired.json"
    options = (
        f"--unique --count {COUNT} --dup {DUPLICATES} --shuffle --retry 12 --rate 200 --max-seconds 900 --seed {SEED}"
    )
    command = [sys.executable, FIRE, scene.client.url, "--secret", SECRET, "--dir", RECORDED, "--json", summary]
    attacked(
        scene, lambda: subprocess.run([*command, *options.split()], check=False, timeout=1200, capture_output=True)
    )
    for fired in json.loads(summary.read_text())["log"]:
        scene.client.attempted.add(fired["id"])
        scene.client.answers[fired["status"]] += 1
        if fired["status"] == 200:
            scene.client.acked.add(fired["id"])
    assert len(scene.client.acked) > COUNT * 0.99
    name_as_answered(scene.client, summary, kept_by_hash(scene))
    scene.tell(f"{len(scene.client.acked)} acked, {scene.client.answers[200]} times 200")


def kept_by_hash(scene):
    rows = scene.query("SELECT event_id FROM events WHERE event_id LIKE 'sha256:%'")
    return {row["event_id"] for row in rows}


def name_as_answered(client, summary, hashes):
    """What has no type is kept under the hash of its body, as its answer says; the summary has the id it bore."""
    log = json.loads(summary.read_text())["log"]
    untyped = {fired["id"] for fired in log if "/" in fired["type"] and fired["id"] in client.acked}
    assert len(hashes) >= len(untyped), "I1 an event was answered 200 and is not here"
    client.acked -= untyped
    client.acked |= set(sorted(hashes)[: len(untyped)])
