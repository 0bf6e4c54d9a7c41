"""Case 51 and the rolling release: the code of before works on over the tables of now, beside the code of now.

The code of before is the newest tag that lacks a migration that is here, else the commit before the newest migration.
It is laid out of git into a directory of its own and run by this environment's Python.
"""

import shutil
import subprocess
import sys
import tarfile
import threading
from io import BytesIO
from types import SimpleNamespace

import pytest

from shared.migrations import migrate, shipped
from tests.chaos.beside import process
from tests.chaos.scene import Scene, mixed
from tests.running import ROOT, Carelane, Servers, until

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(600)]
MIGRATIONS = "shared/sql/migrations"
PER_SECOND = 15
COUNT = 900
NEW = "standard.9"
WIDER = "ALTER TABLE events ADD COLUMN tried_in_passing text;\nCREATE TABLE tried_in_passing (id bigint PRIMARY KEY);\n"


def git(*words):
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False, timeout=60)
    return done.stdout if done.returncode == 0 else None


def before():
    """The commit whose code is run; it lacks the newest migration."""
    newest = max(shipped())
    if git("cat-file", "-e", f"HEAD:{MIGRATIONS}/{newest}") is None:
        return "HEAD"
    for tag in (git("tag", "--sort=-creatordate", "--merged") or b"").decode().split():
        if git("cat-file", "-e", f"{tag}:{MIGRATIONS}/{newest}") is None:
            return tag
    added = git("log", "-1", "--first-parent", "-m", "--diff-filter=A", "--format=%H", "--", f"{MIGRATIONS}/{newest}")
    return f"{added.decode().strip()}^1" if added and added.strip() else None


@pytest.fixture
def old_tree(tmp_path):
    if shutil.which("git") is None or (commit := before()) is None or (packed := git("archive", commit)) is None:
        pytest.skip("the code of before is not in this copy's history")
    place = tmp_path / "old"
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(place, filter="data")
    return place


class OldCarelane(Carelane):
    """The same command, out of the old tree."""

    def __init__(self, home, tree, **settings):
        super().__init__(home, **settings)
        self.tree = tree
        self.environ["PYTHONPATH"] = str(tree)

    def start(self):
        output = self.home.with_suffix(".out")
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ingress.cli.main", "up", "--no-demo", "--procfile", self.tree / "Procfile"],
                cwd=self.tree,
                env=self.environ,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(lambda: "Ctrl-C stops it." in output.read_text() or self.process.poll() is not None, seconds=120)
        assert self.process.poll() is None, output.read_text()
        where = subprocess.run(
            [sys.executable, "-c", "import shared; print(shared.__file__)"],
            cwd=self.tree,
            env=self.environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        assert where.stdout.startswith(str(self.tree)), "this is not the code of before"


@pytest.fixture
def servers(tmp_path):
    servers = Servers(tmp_path / "servers")
    yield servers
    servers.stop()


@pytest.fixture
def old(old_tree, servers, tmp_path):
    old = OldCarelane(tmp_path / "home", old_tree, DATABASE_URL=servers.database_url, REDIS_URL=servers.redis_url)
    old.start()
    yield old
    assert old.stop() == 0


@pytest.mark.case(
    "51",
    injected="the tables migrated under load; processes of before and of now work side by side",
    expected="no answer but 200, nothing lost, both versions settle events",
)
def test_old_and_new_processes_work_side_by_side_while_the_tables_move_on(old, servers, seen):
    scene = Scene(old, servers, tell=seen)
    applied_before = {row["name"] for row in scene.query("SELECT name FROM schema_migrations")}
    sender = threading.Thread(target=scene.client.send, args=[mixed(COUNT)], kwargs={"per_second": PER_SECOND})
    sender.start()
    until(lambda: len(scene.client.acked) > COUNT // 10)
    # What is here, and what the next release may do to the busiest table.
    applied = migrate(servers.database_url, files=shipped() | {"9999_next.sql": WIDER})
    scene.query("DELETE FROM schema_migrations WHERE name = '9999_next.sql'")
    with process(of_now(old), NEW, *new_worker()):
        sender.join(300)
        assert not sender.is_alive()
        until(lambda: NEW in workers(scene), seconds=60)
        scene.drained()
    assert set(scene.client.answers) == {200}
    assert {"crisis", "standard", "steady"} <= {name.partition(".")[0] for name in workers(scene)}
    scene.all_is_well()
    seen(f"{len(applied_before)} migrations before, {', '.join(sorted(applied))} applied under load")


def workers(scene):
    return {row["name"] for row in scene.query("SELECT DISTINCT split_part(worker, '@', 1) AS name FROM attempts")}


def of_now(old):
    """The same surroundings for the code of now."""
    environ = old.environ | {"PYTHONPATH": str(ROOT)}
    return SimpleNamespace(carelane=SimpleNamespace(environ=environ, settings=old.settings, home=old.home))


def new_worker():
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    command = next(line for line in lines if line.startswith("standard:")).partition(":")[2]
    return command.replace("$CARELANE_PROCESS", NEW).split()
