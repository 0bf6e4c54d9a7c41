import os
import subprocess

from shared.processes import identity, works_in


def test_a_living_process_has_a_lasting_identity_and_an_ended_one_none(tmp_path):
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path) as process:
        known = identity(process.pid)
        assert known
        assert identity(process.pid) == known != identity(os.getpid())
        assert not works_in(process.pid, tmp_path / "elsewhere")
        process.kill()
    assert identity(process.pid) is None
