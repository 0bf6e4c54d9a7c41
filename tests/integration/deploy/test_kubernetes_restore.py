"""The Job that makes a restored database fit to work with."""

import click

from ingress.cli.main import cli
from tests.integration.deploy.manifests import FINISH, of_kind, variables


def test_the_job_after_a_restore_has_what_the_command_needs_and_what_migrating_has():
    migrate = of_kind("Job")["carelane-migrate"]["spec"]["template"]["spec"]
    spec = FINISH["spec"]["template"]["spec"]
    (container,), (usual,) = spec["containers"], migrate["containers"]
    command = cli.get_command(None, "restore").get_command(None, "finish")
    arguments = container["args"]
    assert arguments[:2] == ["restore", "finish"]
    assert command.make_parser(click.Context(command)).parse_args(arguments[2:])[0] == {"reason": "$(REASON)"}
    given = {one["name"]: one for one in container["env"]}
    assert given["REASON"]["valueFrom"]["configMapKeyRef"] == {"name": "carelane-restore", "key": "reason"}
    assert {"DATABASE_URL", "CARELANE_AUDIT_SIGNING_KEY", "CARELANE_AUDIT_ANCHORS"} == set(given) - {"REASON"}
    assert given["CARELANE_AUDIT_ANCHORS"] == variables("relay")["CARELANE_AUDIT_ANCHORS"], "the file the relay adds to"
    assert {one["mountPath"] for one in container["volumeMounts"]} == {"/run/carelane", "/tmp", "/anchors"}
    for name in ("securityContext", "serviceAccountName", "automountServiceAccountToken"):
        assert spec[name] == migrate[name]
    assert container["securityContext"] == usual["securityContext"]
