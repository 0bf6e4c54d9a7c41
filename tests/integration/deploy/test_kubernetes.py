"""The manifests for Kubernetes: their schemas, and what every one of them promises."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest
import yaml

from ingress.cli import alone
from ingress.cli.up.environment import environment_for
from shared.config import variable_names
from tests.integration.deploy.manifests import ALL, DEPLOYMENTS, FINISH, PLACE, of_kind, pod, variables
from tests.running import ROOT

OLDEST, NEWEST = "1.29", "1.37"
# KEDA's own custom resources, as far as they are used here; anything else in one is refused.
KEDA = json.loads((Path(__file__).parent / "keda_schema.json").read_text(encoding="utf-8"))
APART = {"flower"}  # a view for one operator's desk: `kubectl port-forward` to nothing that runs all the time


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("document", [*ALL, FINISH], ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_each_follows_the_schema_of_its_kind(document, version):
    if document["apiVersion"].startswith("keda.sh/"):
        jsonschema.validate(document, KEDA[document["kind"]])
    else:
        kubernetes_validate.validate(document, version, strict=True)


def test_the_schemas_would_find_a_slip():
    slipped = json.loads(json.dumps(DEPLOYMENTS["crisis"]))
    slipped["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(slipped, NEWEST, strict=True)
    scaled = json.loads(json.dumps(of_kind("ScaledObject")["carelane-crisis"]))
    # The second is of KEDA's schema, but its versions before 2.18 refuse it beside a trigger of the type Value.
    for slip in ({"maxReplicas": 3}, {"fallback": {"failureThreshold": 3, "replicas": 4}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(scaled | {"spec": scaled["spec"] | slip}, KEDA["ScaledObject"])


def test_every_process_of_the_procfile_is_there():
    assert set(DEPLOYMENTS) == set(alone.entries()) - APART
    for name in DEPLOYMENTS:
        assert pod(name)["containers"][0]["args"] == ["run", name]


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_a_process_gets_what_it_needs_and_nothing_that_is_kept_from_it(name):
    given = set(variables(name))
    assert set(alone.NEEDS[name]) <= given
    assert given <= set(variable_names())
    share = environment_for(name, dict.fromkeys(given, "x") | {"CARELANE_HOME": "x"}, {})
    assert given <= set(share), "a secret that `carelane run` would take away has no place in the pod"


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_a_process_is_watched_confined_and_bounded(name):
    (container,) = pod(name)["containers"]
    assert container["livenessProbe"]
    assert container["startupProbe"]
    assert ("readinessProbe" in container) == ("ports" in container)
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod(name)["securityContext"]["runAsNonRoot"]
    assert not pod(name)["automountServiceAccountToken"]
    assert container["resources"]["requests"]["cpu"]
    assert container["resources"]["limits"]["memory"]


def test_a_node_that_is_emptied_takes_no_last_one():
    budgets = {
        one["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"]
        for one in of_kind("PodDisruptionBudget").values()
    }
    assert budgets == {name for name, one in DEPLOYMENTS.items() if one["spec"]["replicas"] > 1}
    assert set(DEPLOYMENTS) - budgets == {"beat"}


def test_who_serves_people_in_danger_has_room_first_and_grows_first():
    classes = {name: one["value"] for name, one in of_kind("PriorityClass").items()}
    assert classes["carelane-crisis"] > classes["carelane-usual"]
    assert {name for name in DEPLOYMENTS if pod(name)["priorityClassName"] == "carelane-crisis"} == {
        "webhook",
        "app",
        "crisis",
    }
    scaled = {name: one["spec"] for name, one in of_kind("ScaledObject").items()}
    targets = {name: float(spec["triggers"][0]["metadata"]["targetQueryValue"]) for name, spec in scaled.items()}
    assert min(targets, key=targets.get) == "carelane-crisis"
    assert min(scaled, key=lambda name: scaled[name]["pollingInterval"]) == "carelane-crisis"
    for name, spec in scaled.items():
        assert spec["scaleTargetRef"]["name"] == name
        assert spec["minReplicaCount"] >= DEPLOYMENTS[name.removeprefix("carelane-")]["spec"]["replicas"]


def test_what_scales_asks_a_question_that_the_tables_answer(conn):
    for spec in (one["spec"] for one in of_kind("ScaledObject").values()):
        (row,) = conn.execute(spec["triggers"][0]["metadata"]["query"]).fetchall()
        assert list(row.values()) == [0]
    conn.execute(
        """INSERT INTO events (event_id, body_hash, body_bytes, lane, lane_reason, urgency, next_attempt_at)
        VALUES ('evt_old', '', 1, 'crisis', 'test', 10, now() - interval '90 seconds')"""
    )
    query = of_kind("ScaledObject")["carelane-crisis"]["spec"]["triggers"][0]["metadata"]["query"]
    ((age,),) = [tuple(row.values()) for row in conn.execute(query).fetchall()]
    assert age >= 90


def test_doors_and_figures_are_reached_and_the_webhook_door_reaches_nothing_outside():
    policies = of_kind("NetworkPolicy")
    nothing = policies["carelane-nothing"]["spec"]
    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    reached = [one for one in policies.values() if one["spec"].get("ingress")]
    assert [one["metadata"]["name"] for one in reached] == ["carelane-doors", "carelane-figures"]
    (figures,) = policies["carelane-figures"]["spec"]["ingress"]
    assert figures["from"] == [{"namespaceSelector": {"matchLabels": {"carelane/monitoring": "true"}}}]
    (port,) = figures["ports"]
    assert str(port["port"]) == of_kind("ConfigMap")["carelane-settings"]["data"]["CARELANE_METRICS_PORT"]
    (rule,) = policies["carelane-outside"]["spec"]["podSelector"]["matchExpressions"]
    assert (rule["operator"], "webhook" in rule["values"]) == ("NotIn", True)


def test_no_secret_and_no_key_is_written_here():
    written = "\n".join(path.read_text() for path in PLACE.rglob("*.yaml"))
    assert "kind: Secret\n" not in written
    assert not re.search(r"whsec_|sk_live|rk_live|BEGIN .*KEY", written)


def test_the_page_makes_every_secret_that_must_be_there():
    """What is optional may be told too; a name that nothing reads would be a slip."""
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8").replace("\\\n", " ")
    told = {
        (name, key)
        for name, rest in re.findall(r"create secret generic (\S+)(.*)", page)
        for key in re.findall(r"--from-(?:literal|file)=([\w-]+)=", rest)
    }
    asked = {
        (ref["name"], ref["key"]): ref.get("optional", False)
        for name in DEPLOYMENTS
        for one in variables(name).values()
        if (ref := one.get("valueFrom", {}).get("secretKeyRef"))
    }
    mounted = {
        ("carelane-database", "owner"),  # the Job's
        ("carelane-unseal", "private-key"),
        ("carelane-scaling", "connection"),
    }
    needed = {where for where, is_optional in asked.items() if not is_optional} | mounted
    assert needed <= told
    assert told <= set(asked) | mounted


def test_kustomize_itself_builds_it():
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not here; its kustomize would build the manifests")
    built = subprocess.run(
        ["kubectl", "kustomize", str(PLACE / "keda")], capture_output=True, text=True, timeout=60, check=False
    )
    assert built.returncode == 0, built.stderr
    documents = [one for one in yaml.safe_load_all(built.stdout) if one]
    assert len(documents) == len(ALL)
    images = {
        one["spec"]["template"]["spec"]["containers"][0]["image"] for one in documents if one["kind"] == "Deployment"
    }
    assert len(images) == 1
    assert images.pop().startswith("carelane/carelane:")
