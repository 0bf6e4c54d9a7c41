"""Case 11: the file system of PostgreSQL's data is full. Needs root, which may mount a small one."""

import os
import subprocess

import pytest

from tests.chaos.own import own_scene
from tests.chaos.scene import mixed
from tests.running import until

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(400)]
SMALL = "size=220m,mode=0700"
PIECE_BYTES = 1024 * 1024


@pytest.fixture
def small_disk(tmp_path):
    """Where the home's PostgreSQL will lay its data."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    place = tmp_path / "home" / "postgres"
    place.parent.mkdir(mode=0o700)
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", SMALL, "tmpfs", place], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("a file system cannot be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill(place):
    """A file that takes what is left; what PostgreSQL writes from now on finds no room."""
    path = place / "filler"
    with path.open("ab", buffering=0) as file:
        try:
            while file.write(b"\0" * PIECE_BYTES):
                pass
        except OSError:
            return path
    raise AssertionError("the disk has no end")


@pytest.mark.case("11", injected="the disk under PostgreSQL full", expected="500; goes on when there is room")
def test_a_full_disk_is_told_to_stripe_and_costs_no_event(tmp_path, small_disk, seen):
    with own_scene(tmp_path, tell=seen) as scene:
        scene.client.send(mixed(50))
        filler = fill(small_disk)

        def refused():
            scene.client.send(mixed(20), keep_trying_seconds=0)
            fill(small_disk)
            return scene.client.answers[500]

        until(refused, seconds=120)
        kept = len(scene.client.acked)
        filler.unlink()
        until(lambda: scene.client.once(mixed(1)[0]) == 200)
        scene.client.send(mixed(50))
        scene.tell(f"{scene.client.answers[500]} times 500, {kept} kept before")
