"""The manifests for Kubernetes, read as kustomize would gather them."""

import yaml

from tests.running import ROOT

PLACE = ROOT / "deploy" / "kubernetes"


def resources(folder):
    """What kustomize would gather, in its order."""
    found = []
    for name in yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]:
        path = (folder / name).resolve()
        found += resources(path) if path.is_dir() else [one for one in yaml.safe_load_all(path.read_text()) if one]
    return found


ALL = resources(PLACE / "keda")
(FINISH,) = resources(PLACE / "restore")
DEPLOYMENTS = {one["metadata"]["name"].removeprefix("carelane-"): one for one in ALL if one["kind"] == "Deployment"}


def of_kind(kind):
    return {one["metadata"]["name"]: one for one in ALL if one["kind"] == kind}


def pod(name):
    return DEPLOYMENTS[name]["spec"]["template"]["spec"]


def variables(name):
    return {one["name"]: one for one in pod(name)["containers"][0]["env"]}
