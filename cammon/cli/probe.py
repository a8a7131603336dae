"""`cammon probe`: one look at one camera, explained."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from cammon.clock import SystemClock
from cammon.onelook import OneLook, look_once
from cammon.problem import UserError
from cammon_probes.model import Endpoint, Finding, Reading, Trust
from cammon_probes.picture_probe import MOST_FRAMES
from cammon_probes.tls import certificates_in, fingerprint_of
from cammon_probes.url import parse_url
from cammon_web import words

from .options import language_option, store_option
from .waiting import since_s

UNFINISHED = {
    "en": "cammon could not finish its look: this machine has too much to do. Try again; the camera may be well.",
    "zh": "cammon 未能完成巡检：本机过于繁忙。请重试；摄像机可能正常。",
}


@click.command()
@click.argument("site", type=click.Path(path_type=Path), required=False)
@click.argument("camera", required=False)
@click.option("--url", help="Look at rtsp(s)://[user:password@]HOST[:PORT]/PATH or http://HOST/onvif/device_service.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--once-more", is_flag=True, help="Send the login although it was refused a short while ago.")
@click.option(
    "--frames",
    default=1,
    show_default=True,
    type=click.IntRange(1, MOST_FRAMES),
    help="Pictures to take in a row: whether anything moves in them.",
)
@click.option(
    "--trusted",
    multiple=True,
    metavar="SHA256",
    help="With --url: accept the certificate with this fingerprint, as [tls] trusted in site.toml does.",
)
@click.option(
    "--authorities",
    type=click.Path(path_type=Path),
    help="With --url: a file of certificates (PEM) whose signature is accepted, as [tls] authorities in site.toml.",
)
@store_option
@language_option
def probe(
    site: Path | None,
    camera: str | None,
    url: str | None,
    as_json: bool,
    once_more: bool,
    frames: int,
    trusted: tuple[str, ...],
    authorities: Path | None,
    store: Path | None,
    language: str,
) -> None:
    """Look once at the camera CAMERA of SITE (or at --url); exit 0 when all is well, 1 when not.

    A login that this site's service, or a probe before, found refused is not sent again before its pause ends, so that
    no account is locked: --once-more sends it all the same.
    """
    if url is not None:
        if site is not None or camera is not None:
            raise click.UsageError("give SITE and CAMERA or --url, not both")
        endpoint = replace(_of_url(url), trust=trust_of(trusted, authorities))
        found, lines = look_once(endpoint, SystemClock(), since_s(), frames), []
    elif trusted or authorities is not None:
        raise click.UsageError("--trusted and --authorities belong to --url; a site names them in site.toml, [tls]")
    elif site is None or camera is None or "://" in camera or ":/" in str(site):
        raise click.UsageError("name SITE and CAMERA, or give an address by --url")
    else:
        # All that reads a site takes a second or two to import, which a look at an address has no use for.
        from .sitelook import login_lines, looked_by_hand
        from .sites import load_site, store_path

        looked = looked_by_hand(load_site(site, language), site, camera, store_path(site, store), once_more, frames)
        found, lines = looked.found, login_lines(looked, language)
    click.echo(json.dumps(as_object(found, language), ensure_ascii=False) if as_json else told(found, language))
    for line in lines:
        click.echo(line, err=True)
    raise click.exceptions.Exit(0 if found.ok else 1)


def _of_url(url: str) -> Endpoint:
    try:
        return parse_url(url)
    except ValueError as error:
        raise UserError(f"--url: {error}") from None


def trust_of(fingerprints: Sequence[str], authorities: Path | None) -> Trust:
    """What the options say of certificates. Raises UserError for what is none."""
    try:
        known = frozenset(map(fingerprint_of, fingerprints))
    except ValueError as error:
        raise UserError(
            f"--trusted: {error} is no SHA-256 fingerprint; write its 64 digits, for example 3F:5A:..."
        ) from None
    if authorities is None:
        return Trust(known)
    try:
        return Trust(known, certificates_in(authorities.read_text("ascii")))
    except OSError as error:
        raise UserError(f"--authorities: {authorities}: {error.strerror}; name a PEM file") from None
    except ValueError:
        raise UserError(f"--authorities: {authorities}: no certificates in it; name a PEM file") from None


def as_object(found: OneLook, language: str) -> dict[str, Any]:
    """The stable JSON shape (docs/json.md)."""
    return {
        "camera": found.camera,
        "ok": found.ok,
        "fault": None if found.fault is None else found.fault.value,
        "advice": _advice(found, language),
        "steps": [
            {"name": step.name, "ok": step.ok, "ms": round(step.ms, 1), "detail": step.detail} for step in found.steps
        ],
        "picture": _picture(found.picture),
        "device": _device(found.device),
    }


def _advice(found: OneLook, language: str) -> str | None:
    if found.fault is not None:
        return words.advice(found.fault, language)
    return UNFINISHED[language] if found.unfinished else None


def _device(reading: Reading | None) -> dict[str, Any] | None:
    """The facts, and in `unread` what the device would not tell or not so that it can be read."""
    if reading is None or reading.device is None:
        return None
    unread = str(reading.evidence.get("unread", ""))
    return {**asdict(reading.device), "unread": unread.split(", ") if unread else []}


def _picture(reading: Reading | None) -> dict[str, Any] | None:
    if reading is None or reading.frame is None:
        return None
    height, width = reading.frame.shape[:2]
    return {
        "width": width,
        "height": height,
        "frames": 1 + len(reading.later),
        "frames_span_ms": reading.evidence.get("frames_span_ms"),
        "frames_change": reading.evidence.get("frames_change"),
        "findings": [_finding(finding) for finding in reading.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "fault": finding.fault.value,
        "score": round(float(finding.score), 3),
        "measured": round(float(finding.measured), 3),
        "unit": finding.unit,
        "bad": bool(finding.bad),
    }


def told(found: OneLook, language: str) -> str:
    """The steps with timings, then the verdict, as a person under the camera wants them."""
    lines = [
        _line(
            step.ok,
            words.step_name(step.name, language),
            f"{step.ms:7.1f} ms",
            words.evidence_value(step.detail, language),
        )
        for step in found.steps
    ]
    lines += [_line(not one.bad, *_measured(one, language)) for one in _findings(found.picture)]
    lines += _of_frames(found.picture, language)
    lines.append("")
    if found.fault is None and found.unfinished:
        lines += [{"en": f"{found.camera}: not known", "zh": f"{found.camera}：未知"}[language], UNFINISHED[language]]
    elif found.fault is None:
        lines.append({"en": f"{found.camera}: all is well", "zh": f"{found.camera}：一切正常"}[language])
    else:
        lines.append(f"{found.camera}: {words.fault_name(found.fault, language)}")
        lines.append(words.advice(found.fault, language))
        lines += [f"  {name}: {value}" for name, value in _evidence(found, language)]
    return "\n".join(lines)


def _evidence(found: OneLook, language: str) -> list[tuple[str, str]]:
    """What was seen, of the look that found the fault."""
    faulty = next((reading for reading in found.readings if found.fault in reading.faults), None)
    evidence = {} if faulty is None else faulty.evidence
    return [
        (words.evidence_name(name, language), words.evidence_value(value, language)) for name, value in evidence.items()
    ]


def _of_frames(reading: Reading | None, language: str) -> list[str]:
    """How much changed between the pictures of a look that took several."""
    if reading is None or not reading.later:
        return []
    change, span_ms = reading.evidence.get("frames_change", 0.0), reading.evidence.get("frames_span_ms", 0)
    counted = 1 + len(reading.later)
    told = {
        "en": f"{counted} pictures within {span_ms} ms; most change between them {change} gray levels",
        "zh": f"{span_ms} 毫秒内取得 {counted} 幅画面，其间最大变化 {change} 灰度级",
    }
    return [f"    {told[language]}"]


def _findings(reading: Reading | None) -> Sequence[Finding]:
    return () if reading is None else reading.findings


def _measured(finding: Finding, language: str) -> tuple[str, str, str]:
    return (
        words.fault_name(finding.fault, language),
        f"{finding.measured:10.2f}",
        f"{words.unit_name(finding.unit, language)} ({finding.score:.2f})",
    )


def _line(ok: bool, name: str, figure: str, detail: str) -> str:
    return f"  {'✓' if ok else '✗'} {figure}  {name}{'  ' + detail if detail else ''}"
