"""Every code has words in both languages, and every word of the pages has its Chinese."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import cammon_probes
import cammon_web
from cammon_coverage.model import Basis, Period, Reason, ReasonCode
from cammon_probes.model import Fault, ProbeKind
from cammon_probes.picture.reference import reference_from
from cammon_probes.picture.registry import examine
from cammon_web import words
from cammon_web.desk import Agreement, HealthState, PlaceState, Role
from cammon_web.language import FOLDER, known_language, say

PACKAGE = Path(cammon_web.__file__).parent
LANGUAGES = ("zh", "en")
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w+)\}")
CHINESE = re.compile(r"[一-鿿]")
SAME_IN_BOTH = {"%(density)s px/m", "%(basis)s, %(period)s"}
PARAMS = {
    ReasonCode.NO_CAMERA_IN_RANGE: {},
    ReasonCode.OUTSIDE_VIEW: {"camera": "C-1"},
    ReasonCode.HIDDEN_BY_OBSTACLE: {"obstacle": "B-1", "camera": "C-1"},
    ReasonCode.DENSITY_TOO_LOW: {"camera": "C-1", "density_px_per_m": 31.257, "level_px_per_m": 62.5},
    ReasonCode.TOO_DARK: {"camera": "C-1", "night_range_m": 30.0},
    ReasonCode.WRONG_SIDE: {"camera": "C-1"},
    ReasonCode.TOO_STEEP: {"camera": "C-1", "depression_deg": 51.2, "max_depression_deg": 30.0},
    ReasonCode.REDUNDANCY_SHORT: {"devices": 1.0, "redundancy": 2.0},
    ReasonCode.CAMERA_FAULTY: {"camera": "C-1", "fault": "blur"},
    ReasonCode.CAMERA_UNKNOWN: {"camera": "C-1", "fault": "not_looked_at"},
    ReasonCode.CAMERA_WITHOUT_POSE: {"camera": "C-1"},
    ReasonCode.INSIDE_OBSTACLE: {"obstacle": "B-1"},
    ReasonCode.MASKED: {"camera": "C-1"},
    ReasonCode.HIDDEN_BY_TERRAIN: {"camera": "C-1"},
}


def _marked() -> list[str | tuple[str, ...]]:
    """Every message in code and templates."""
    found = extract_from_dir(
        str(PACKAGE),
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2")],
        options_map={"templates/**.html": {"extensions": "jinja2.ext.i18n"}},
        keywords={"_": None, "mark": None, "gettext": None, "ngettext": (1, 2)},
    )
    return [message for _file, _line, message, _comments, _context in found]


def _chinese() -> dict[str | tuple[str, ...], str | tuple[str, ...]]:
    with (FOLDER / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="zh")
    return {
        (tuple(one.id) if isinstance(one.id, list | tuple) else one.id): one.string
        for one in catalogue
        if one.id and not one.fuzzy
    }


def _placeholders(message: str | tuple[str, ...]) -> set[str]:
    text = message if isinstance(message, str) else " ".join(message)
    return {one or other for one, other in PLACEHOLDER.findall(text)}


def test_every_message_has_its_chinese_with_the_same_placeholders():
    marked, chinese = set(_marked()), _chinese()
    assert len(marked) > 300
    assert not [message for message in marked if not chinese.get(message)]
    assert not [message for message in marked if _placeholders(message) != _placeholders(chinese[message])]
    assert not [message for message in chinese if message not in marked]


def test_the_chinese_is_chinese():
    plain = {
        message: string if isinstance(string, str) else string[0]
        for message, string in _chinese().items()
        if message not in {*SAME_IN_BOTH, ", ", "; ", ": "}
    }
    assert not [message for message, string in plain.items() if not CHINESE.search(string)]
    assert not [string for string in plain.values() if re.search(r"[一-鿿][,;?!]", string)]


def test_nothing_compiled_is_kept():
    assert not list(PACKAGE.rglob("*.mo"))


TABLES = [
    (words.fault_name, Fault),
    (words.advice, Fault),
    (words.health_name, HealthState),
    (words.place_state_name, PlaceState),
    (words.period_name, Period),
    (words.basis_name, Basis),
    (words.probe_kind_name, ProbeKind),
    (words.role_name, Role),
    (words.agreement_name, Agreement),
    (words.action_name, ("clean", "refocus", "re_aim", "repair", "replace", "add")),
    (words.upgrade_reason_name, ("broken", "aged", "outdated", "blind")),
    (words.kind_name, ("camera", "device", "switch", "recorder", "power", "mounting_place")),
    (words.step_name, tuple(words.STEPS)),
    (words.evidence_name, tuple(words.EVIDENCE_NAMES)),
    (words.unit_name, tuple(words.UNITS)),
    (words.evidence_value, tuple(words.NOTES)),
    (words.severity_name, ("fatal", "row", "warning")),
    (words.looking_sentence, ("", "starting", "stopped", "late", "own_network", "canary", "reference")),
]


@pytest.mark.parametrize(("word", "codes"), TABLES, ids=[word.__name__ for word, _codes in TABLES])
def test_every_code_has_words_of_its_own_in_both_languages(word, codes):
    for language in LANGUAGES:
        said = [word(code, language) for code in codes]
        assert all(said)
        assert len(set(said)) == len(said)
        assert all(bool(CHINESE.search(one)) is (language == "zh") for one in said)


def test_every_step_and_note_of_the_probes_has_words():
    sources = [path.read_text("utf-8") for path in Path(cammon_probes.__file__).parent.rglob("*.py")]
    steps = {name for text in sources for name in re.findall(r"""(?:\.step|_asked|_tried)\(\s*"(\w+)\"""", text)}
    raised = [part for text in sources for part in re.findall(r"CameraFailed\((?:[^()]|\([^()]*\))*\)", text)]
    notes = {name for part in raised for name in re.findall(r"(\w+)=", part)}
    assert len(steps) > 10
    assert len(notes) > 10
    assert steps <= set(words.STEPS)
    assert notes <= set(words.EVIDENCE_NAMES)
    said = {text for part in raised for text in re.findall(r"""\b(?:error|at)="([^"]+)\"""", part)}
    assert len(said) > 20
    assert said <= set(words.NOTES)


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        ("no keyframe came", "no keyframe came", "没有收到关键帧"),
        (
            "no TLS: WRONG_VERSION_NUMBER",
            "it speaks no TLS: WRONG_VERSION_NUMBER",
            "对方不支持 TLS：WRONG_VERSION_NUMBER",
        ),
        ("timeout", "no answer in time", "应答超时"),
        (
            "bad_response: not RTSP, SSH-2.0",
            words.fault_name("bad_response", "en") + ": not RTSP, SSH-2.0",
            words.fault_name("bad_response", "zh") + "：不是 RTSP, SSH-2.0",
        ),
        (
            "too_large: announced_bytes 77",
            words.fault_name("too_large", "en") + ": bytes announced 77",
            words.fault_name("too_large", "zh") + "：" + words.evidence_name("announced_bytes", "zh") + " 77",
        ),
        ("200 OK: fine", "200 OK: fine", "200 OK: fine"),
        ("auth_failed: 400, Sender", "login refused: 400, Sender", "登录被拒：400, Sender"),
        ("none configured", "none configured", "未配置"),
        (404, "404", "404"),
    ],
    ids=[
        "a note",
        "a note with the camera's own words",
        "a fault",
        "a fault and why",
        "a fault and a figure",
        "the camera's own words",
        "a fault with the camera's own words",
        "no login",
        "a figure",
    ],
)
def test_evidence_reads_in_the_readers_language(value, english, chinese):
    assert words.evidence_value(value, "en") == english
    assert words.evidence_value(value, "zh") == chinese


@pytest.mark.parametrize("known", [False, True], ids=["a new camera", "with history"])
def test_every_unit_that_a_picture_check_measures_in_has_words(known):
    rng = np.random.default_rng(1)
    frame = cv2.resize(rng.integers(20, 235, (9, 16, 3), dtype=np.uint8), (320, 180), interpolation=cv2.INTER_CUBIC)
    reference = reference_from([frame, np.roll(frame, 1, axis=1)]).after(frame) if known else None
    units = {finding.unit for finding in examine(frame, reference)}
    assert units <= {*words.UNITS, "°", "px"}


@pytest.mark.parametrize("code", list(ReasonCode), ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_a_whole_sentence(code, language):
    said = words.reason_sentence(Reason(code, PARAMS[code]), language, {"C-1": "东门", "B-1": "煤仓"})
    assert said.endswith("。" if language == "zh" else ".")
    assert "%" not in said
    assert "?" not in said
    assert "C-1" not in said
    assert ("东门" in said) is ("camera" in PARAMS[code])


def test_the_parameters_of_the_sentences_are_those_of_the_contract():
    for code in ReasonCode:
        assert _placeholders(words.REASONS[code]) == set(PARAMS[code])


@pytest.mark.parametrize(
    ("evidence", "english", "chinese"),
    [
        (
            ("fault", {"fault": "blur", "since": "2026-03-04T04:28:05+00:00"}),
            "Confirmed fault: blurred, since 2026-03-04 04:28 UTC.",
            "已判定故障：画面模糊，始于 2026-03-04 04:28 UTC。",
        ),
        (
            ("shared_failure", {"kind": "switch", "id": "SW-2", "cameras": 5, "since": "yesterday"}),
            "5 cameras behind switch SW-2 fail together, since yesterday.",
            "交换机 SW-2 后端的 5 台摄像机同时故障，始于 yesterday。",
        ),
        (("fault", {"fault": "blur"}), "Confirmed fault: blurred, since ?.", "已判定故障：画面模糊，始于 ?。"),
        (("brand_new", {"figure": 3.25}), "brand_new figure=3.25", "brand_new figure=3.25"),
    ],
    ids=["fault", "shared", "missing parameter", "unknown code"],
)
def test_evidence(evidence, english, chinese):
    assert words.evidence_sentence(evidence, "en") == english
    assert words.evidence_sentence(evidence, "zh") == chinese


def test_what_holds_by_day_and_by_night_is_said_once():
    missed = {"place": "K1", "density_px_per_m": 46.7, "level_px_per_m": 125.0}
    evidence = [("level_missed", {**missed, "period": period}) for period in ("day", "night")]
    evidence += [("no_camera", {"place": place, "period": "night"}) for place in ("K1", "K2")]
    evidence += [("level_missed", {**missed, "density_px_per_m": 40.0, "period": "night"}), ("no_model_reaches", {})]
    assert words.evidence_sentences(evidence, "en", {"K1": "Shaft"}) == [
        "Reaches 46.7 px/m at Shaft by day and by night, 125 px/m are required.",
        "No camera covers Shaft by night by design.",
        "No camera covers K2 by night by design.",
        "Reaches 40 px/m at Shaft by night, 125 px/m are required.",
        "No model of the catalog is known to do.",
    ]
    assert words.evidence_sentences(evidence[:2], "zh")[0].startswith("昼夜在")


def test_unknown_codes_come_back_as_they_are():
    assert words.fault_name("brand_new", "zh") == "brand_new"
    assert words.advice("brand_new", "en") == ""
    assert words.fault_name(Fault.BLUR, "fr") == "blurred"


@pytest.mark.parametrize("text", ["100 %", "%(camera)s", "%s %d {x}"])
def test_what_a_name_holds_is_not_a_format(text):
    said = words.reason_sentence(Reason(ReasonCode.OUTSIDE_VIEW, {"camera": text}), "en")
    assert said == f"{text} would reach it but looks elsewhere."


@pytest.mark.parametrize(
    ("code", "language"), [("zh-CN", "zh"), ("zh_Hans", "zh"), ("EN", "en"), ("fr", "en"), ("", "en"), (None, "en")]
)
def test_known_languages(code, language):
    assert known_language(code) == language


def test_a_message_without_its_parameters_is_still_shown():
    assert say("%(camera)s would reach it but looks elsewhere.", "en") == "? would reach it but looks elsewhere."
