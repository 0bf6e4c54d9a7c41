"""The keys that docs/operations.md has its reader make are keys that the processes take, and belong together."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

from shared.anchors import verify_key_of
from shared.config import load
from shared.crypto import public_key_of

ROOT = Path(__file__).parents[3]
_MADE = re.compile(r"<<'PY'\n(.*?)\n {4}PY\n", re.DOTALL)


def test_the_keys_are_made_and_belong_together(tmp_path):
    (told,) = _MADE.findall((ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))
    program = textwrap.dedent(told).replace("/secrets/", f"{tmp_path}/")
    done = subprocess.run(
        [sys.executable, "-"], input=program, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    printed = dict(line.split("=", 1) for line in done.stdout.splitlines())
    files = {
        "CARELANE_UNSEAL_PRIVATE_KEY": f"file:{tmp_path}/unseal_private_key",
        "CARELANE_AUDIT_SIGNING_KEY": f"file:{tmp_path}/audit_signing_key",
    }
    settings = load(printed | files)
    assert settings.seal_public_key == public_key_of(settings.unseal_private_key)
    assert settings.audit_verify_key == verify_key_of(settings.audit_signing_key)
    assert len(settings.lookup_key) == len(settings.callback_key) == 32
