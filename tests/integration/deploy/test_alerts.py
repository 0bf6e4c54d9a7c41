"""The alert rules: read by promtool, each fired and kept quiet by it, and told in the runbook."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.integration.deploy.alert_cases import CASES
from tests.peers import need

ROOT = Path(__file__).parents[3]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = sorted((PROMETHEUS / "alerts").glob("*.yml"))
TIERS = {"critical", "warning", "daily"}


def promtool(*arguments, cwd=PROMETHEUS):
    done = subprocess.run(
        [need("promtool", package="prometheus"), *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def alerts(paths=RULES):
    """Name and tier of each, as the files have them."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return dict(re.findall(r"- alert: (\w+)\n(?:.|\n)*?labels: \{severity: (\w+)\}", text))


def apart(names):
    """Alerts whose cases share no figure and no moment can be judged in one go, which is a great deal quicker."""
    groups = []
    for name in names:
        case = CASES[name]
        of = {series.partition("{")[0] for series in {*case.fires, *case.quiet}}
        group = next((one for one in groups if one[0] == case.minutes and not one[1] & of), None)
        if group is None:
            groups.append((case.minutes, of, [name]))
        else:
            group[1].update(of)
            group[2].append(name)
    return [group[2] for group in groups]


def judged(names, *, fires):
    series = {}
    for name in names:
        series |= CASES[name].fires if fires else CASES[name].quiet
    first = CASES[names[0]]
    return {
        "name": f"{', '.join(names)} {'fire' if fires else 'are quiet'}",
        "interval": f"{first.step}m",
        "input_series": [{"series": one, "values": values} for one, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f'count(count by (alertname) (ALERTS{{alertname="{name}", alertstate="firing"}}))',
                "eval_time": f"{first.minutes}m",
                "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
            }
            for name in names
        ],
    }


def test_the_configuration_and_all_rules_are_read():
    promtool("check", "config", "prometheus.yml")


def test_the_configuration_for_kubernetes_is_read_too(tmp_path):
    """Debian's Prometheus was built without Kubernetes: the rest of it is read, and the rules by the same names."""
    text = (PROMETHEUS / "kubernetes.yml").read_text(encoding="utf-8")
    found, kept = re.subn(r"kubernetes_sd_configs:\n +- .*\n", 'static_configs: [{targets: ["pod:1"]}]\n', text)
    assert kept == 1
    (tmp_path / "kubernetes.yml").write_text(found, encoding="utf-8")
    (tmp_path / "alerts").symlink_to(PROMETHEUS / "alerts")
    promtool("check", "config", tmp_path / "kubernetes.yml")


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
@pytest.mark.parametrize("step", sorted({case.step for case in CASES.values()}))
def test_each_alert_fires_when_it_should_and_only_then(path, step, tmp_path):
    here = apart(name for name in alerts([path]) if CASES[name].step == step)
    tests = [judged(names, fires=fires) for names in here for fires in (True, False)]
    # Half as often as there are values is often enough, and half the work; not beyond what a value is good for.
    written = {"rule_files": [str(path)], "evaluation_interval": "2m" if step == 1 else f"{step}m", "tests": tests}
    (tmp_path / "alerts.yml").write_text(json.dumps(written), encoding="utf-8")  # JSON is YAML too
    promtool("test", "rules", tmp_path / "alerts.yml")


def test_what_an_alert_says_is_filled_in(tmp_path):
    said = {
        "CarelaneCrisisLaneWaits": ("critical", {}, "An event of the crisis lane has waited for 9s."),
        "CarelaneCallbacksLate": ("warning", {"endpoint": "backend"}, "Callbacks to backend wait for 30m 0s."),
    }
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": one, "values": values} for one, values in CASES[name].fires.items()],
            "alert_rule_test": [
                {
                    "alertname": name,
                    "eval_time": "20m",
                    "exp_alerts": [
                        {"exp_labels": {"severity": tier, **labels}, "exp_annotations": {"summary": summary}}
                    ],
                }
            ],
        }
        for name, (tier, labels, summary) in said.items()
    ]
    written = {"rule_files": [str(path) for path in RULES], "evaluation_interval": "2m", "tests": tests}
    (tmp_path / "said.yml").write_text(json.dumps(written), encoding="utf-8")
    promtool("test", "rules", tmp_path / "said.yml")


def test_what_never_began_or_counts_nothing_when_it_ends_is_told_too(tmp_path):
    """In containers a process's counters end with it; and one that never beat has no age to be late by."""
    series = {
        "carelane_status_up": "1x60",
        "carelane_connections_most": "100x60",
        **{f'up{{job="carelane-{job}"}}': "1x60" for job in ("webhook", "app", "workers")},
        'process_start_time_seconds{job="carelane-workers", instance="a"}': "0+60x60",
    }
    quiet = series | {'carelane_figures_missing{group="heartbeats"}': "1x60"}
    told = {
        "CarelaneBeatDead, CarelaneProcessDown, CarelaneProcessRestarts, CarelaneRelayDead": series,
        "CarelaneFiguresMissing, CarelaneProcessDown, CarelaneProcessRestarts": quiet,
    }
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": one, "values": values} for one, values in given.items()],
            "promql_expr_test": [
                {
                    "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                    "eval_time": "20m",
                    "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in names.split(", ")],
                }
            ],
        }
        for names, given in told.items()
    ]
    files = [str(PROMETHEUS / "alerts" / f"{tier}.yml") for tier in ("critical", "warning")]
    written = {"rule_files": files, "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "never.yml").write_text(json.dumps(written), encoding="utf-8")
    promtool("test", "rules", tmp_path / "never.yml")


def test_each_alert_has_a_case_a_tier_and_a_section_of_the_runbook():
    found = alerts()
    assert set(found) == set(CASES)
    assert set(found.values()) == TIERS
    sections = re.findall(r"^### (\w+)$", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(sections) == sorted(found)
