"""Carelane's own Procfile with doctored processes in the place of its own, so that it never falls behind it."""

from tests.running import ROOT

WORKER = ("-A workers.app worker", "-A tests.chaos.doctored_worker worker")
DOOR = ("ingress.webhook.door ", "tests.chaos.doctored_door ")


def doctored(path, *, changes=(WORKER, DOOR)):
    text = (ROOT / "Procfile").read_text(encoding="utf-8")
    for usual, instead in changes:
        assert usual in text, f"the Procfile no longer says {usual}"
        text = text.replace(usual, instead)
    path.write_text(text, encoding="utf-8")
    return path
