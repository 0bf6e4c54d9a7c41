"""The code on docs/extending.md is that of the example package, which is installed and run elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "tests" / "extension_example"
SHOWN = re.findall(r"```(?:python|toml)\n(.*?)```", (ROOT / "docs" / "extending.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.splitlines()[0])
def test_what_the_page_shows_is_in_the_example(shown):
    assert any(shown in path.read_text("utf-8") for path in EXAMPLE.rglob("*") if path.suffix in {".py", ".toml"})


def test_the_examples_own_test_passes():
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "no:cacheprovider", "tests"]
    environ = {"PYTHONPATH": f"{ROOT}:{EXAMPLE}"}
    done = subprocess.run(command, cwd=EXAMPLE, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
