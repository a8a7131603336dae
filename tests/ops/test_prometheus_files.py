"""Rules, alerts and routes as Prometheus's own tools read them; every alert can fire and has a page to read."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

SEVERITIES = {"critical", "warning", "info"}
INFO = 'cammon_camera_info{site="m", camera="A", name="a", zone="z", switch="S", recorder="N"}'
PLACE = 'cammon_key_place_info{site="m", place="P", name="p", priority="%s"}'
COVERED = 'cammon_key_place_covered{site="m", place="P", basis="%s", period="day"}'
DAY = ('cammon_period_now{site="m", period="day"}', "1x200")
FIRES = {
    "CammonDown": [('up{job="cammon", instance="i"}', "0x200")],
    "CammonNotLooking": [('cammon_looking{site="m"}', "0x200")],
    "CammonLimitTight": [('cammon_limit_wait_seconds{site="m", kind="recorder", id="NVR1"}', "121x200")],
    "CammonProbesLate": [('cammon_probe_lateness_seconds{site="m"}', "121x200")],
    "CammonReadingsOld": [('cammon_last_reading_timestamp_seconds{site="m"}', "0x200")],
    "CammonSiteFilesFaulty": [('cammon_site_problems{site="m"}', "2x200")],
    "KeyPlaceDark": [DAY, (PLACE % 1, "1x200"), (COVERED % "design", "1x200"), (COVERED % "effective", "0x200")],
    "KeyPlaceLost": [DAY, (PLACE % 3, "1x200"), (COVERED % "design", "1x200"), (COVERED % "effective", "0x200")],
    "KeyPlaceUnknown": [DAY, (PLACE % 1, "1x200"), (COVERED % "design", "1x200")],
    "KeyPlaceBlindByDesign": [DAY, (PLACE % 1, "1x200"), (COVERED % "design", "0x200")],
    "CoverageDropped": [
        DAY,
        ('cammon_coverage_ratio{site="m", basis="design", period="day"}', "0.9x200"),
        ('cammon_coverage_ratio{site="m", basis="effective", period="day"}', "0.7x200"),
    ],
    "SwitchDown": [
        (INFO, "1x200"),
        (INFO.replace('"A"', '"B"'), "1x200"),
        ('cammon_camera_up{site="m", camera="A"}', "0x200"),
        ('cammon_camera_up{site="m", camera="B"}', "0x200"),
    ],
    "CameraDown": [(INFO, "1x200"), ('cammon_camera_up{site="m", camera="A"}', "0x200")],
    "CameraPictureFaulty": [(INFO, "1x200"), ('cammon_camera_fault{site="m", camera="A", fault="moved"}', "1x200")],
    "CameraLoginRefused": [
        (INFO, "1x200"),
        ('cammon_camera_fault{site="m", camera="A", fault="auth_failed"}', "1x200"),
    ],
    "CameraNeedsAttention": [
        (INFO, "1x200"),
        ('cammon_camera_fault{site="m", camera="A", fault="clock_skew"}', "1x200"),
    ],
    "CameraNotLookedAt": [
        (INFO, "1x200"),
        ('cammon_camera_last_reading_timestamp_seconds{site="m", camera="A", kind="liveness"}', "0x200"),
    ],
}
FIRES["RecorderDown"] = FIRES["SwitchDown"]


@pytest.fixture(scope="module")
def folder(repository):
    return repository / "config" / "prometheus"


def alerts(folder: Path):
    groups = yaml.safe_load((folder / "alerts.rules.yml").read_text("utf-8"))["groups"]
    return {rule["alert"]: (group["name"], rule) for group in groups for rule in group["rules"]}


def seconds(duration: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([smhd])", duration).groups()
    return int(number) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd, check=False)


@pytest.mark.needs("promtool")
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("check", "config", "prometheus.yml"), id="config"),
        pytest.param(("check", "rules", "recording.rules.yml", "alerts.rules.yml"), id="rules"),
        pytest.param(("test", "rules", "alerts.test.yml"), id="rule tests"),
    ],
)
def test_promtool_accepts(folder, arguments):
    done = run("promtool", *arguments, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout + done.stderr


@pytest.mark.needs("amtool")
def test_amtool_accepts_the_routes(repository):
    done = run("amtool", "check-config", "alertmanager.yml", cwd=repository / "config" / "alertmanager")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.needs("amtool")
@pytest.mark.parametrize(
    ("severity", "receiver"), [("critical", "control-room"), ("warning", "maintenance"), ("info", "office")]
)
def test_route_of_each_severity(repository, severity, receiver):
    config = repository / "config" / "alertmanager" / "alertmanager.yml"
    done = run(
        "amtool", "config", "routes", "test", f"--config.file={config}", f"severity={severity}", cwd=config.parent
    )
    assert done.stdout.strip() == receiver


@pytest.mark.needs("promtool")
def test_every_alert_can_fire_and_stays_silent_without_its_cause(folder, tmp_path):
    """One promtool run: for each alert its cause, and a healthy site on which none may fire."""
    assert set(FIRES) == set(alerts(folder))
    cases = [case(name, series, [name]) for name, series in FIRES.items()]
    healthy = [
        DAY,
        (INFO, "1x200"),
        (INFO.replace('"A"', '"B"'), "1x200"),
        ('cammon_camera_up{site="m", camera="A"}', "1x200"),
        ('cammon_camera_up{site="m", camera="B"}', "1x200"),
        ('up{job="cammon", instance="i"}', "1x200"),
        ('cammon_looking{site="m"}', "1x200"),
        ('cammon_probe_lateness_seconds{site="m"}', "0x200"),
        ('cammon_last_reading_timestamp_seconds{site="m"}', "0+60x200"),
        ('cammon_camera_last_reading_timestamp_seconds{site="m", camera="A", kind="liveness"}', "0+60x200"),
        ('cammon_site_problems{site="m"}', "0x200"),
        (PLACE % 1, "1x200"),
        (COVERED % "design", "1x200"),
        (COVERED % "effective", "1x200"),
        ('cammon_coverage_ratio{site="m", basis="design", period="day"}', "0.9x200"),
        ('cammon_coverage_ratio{site="m", basis="effective", period="day"}', "0.9x200"),
    ]
    cases.append(case("healthy", healthy, []))
    rules = [str(folder / name) for name in ("recording.rules.yml", "alerts.rules.yml")]
    file = tmp_path / "fires.yml"
    file.write_text(yaml.safe_dump({"rule_files": rules, "evaluation_interval": "1m", "tests": cases}), "utf-8")
    done = run("promtool", "test", "rules", file, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def case(name, series, firing):
    """After 100 minutes: exactly these alerts for a healthy site, at least these for a cause."""
    wanted = f'alertname="{firing[0]}"' if firing else ""
    return {
        "name": name,
        "interval": "1m",
        "input_series": [{"series": one, "values": values} for one, values in series],
        "promql_expr_test": [
            {
                "expr": f'count by (alertname) (ALERTS{{alertstate="firing"{"," if wanted else ""}{wanted}}})',
                "eval_time": "100m",
                "exp_samples": [{"labels": f'{{alertname="{one}"}}', "value": 1} for one in firing],
            }
        ],
    }


def test_every_alert_is_complete_and_has_a_page(folder, repository):
    headings = {
        line.lstrip("# ").strip().lower()
        for line in (repository / "docs" / "runbooks.md").read_text("utf-8").splitlines()
        if line.startswith("#")
    }
    for name, (_, rule) in alerts(folder).items():
        assert re.fullmatch(r"([A-Z][a-z]+)+", name)
        assert rule["labels"]["severity"] in SEVERITIES
        assert "for" in rule
        notes = rule["annotations"]
        assert set(notes) == {"summary", "description", "summary_zh", "description_zh", "runbook_url"}
        assert any("\u4e00" <= letter <= "\u9fff" for letter in notes["summary_zh"])
        page, anchor = notes["runbook_url"].split("#")
        assert (repository / page).exists()
        assert anchor == name.lower()
        assert anchor in headings


def test_an_alert_that_silences_others_stands_with_them_and_fires_no_later(folder, repository):
    known = alerts(folder)
    routes = yaml.safe_load((repository / "config" / "alertmanager" / "alertmanager.yml").read_text("utf-8"))
    for rule in routes["inhibit_rules"]:
        sources, targets = (matching(rule[f"{side}_matchers"], known) for side in ("source", "target"))
        assert sources
        assert targets
        assert not sources & targets
        for source in sources:
            for target in targets:
                # Between groups the cause must be there for longer than a group's evaluation anyway.
                same_group = known[source][0] == known[target][0]
                if same_group:
                    assert seconds(known[source][1]["for"]) <= seconds(known[target][1]["for"]), (source, target)


def matching(matchers, known):
    (matcher,) = matchers
    name, operator, value = re.fullmatch(r'(\w+)(=~|=)"(.*)"', matcher).groups()
    assert name == "alertname"
    return {alert for alert in known if (re.fullmatch(value, alert) if operator == "=~" else alert == value)}


def test_rules_ask_only_for_metrics_that_there_are(folder, repository):
    text = "".join((folder / name).read_text("utf-8") for name in ("recording.rules.yml", "alerts.rules.yml"))
    expressions = re.findall(r"expr: \|\n((?: {10,}.*\n)+)", text)
    asked = set(re.findall(r"(?<![:\w])cammon_\w+", "".join(expressions)))
    source = (repository / "cammon" / "metrics.py").read_text("utf-8")
    made = set(re.findall(r'"(cammon_\w+)"', source))
    made |= {name + end for name in made for end in ("_sum", "_count", "_total")}
    assert asked
    assert asked <= made
