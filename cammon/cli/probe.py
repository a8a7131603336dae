"""`cammon probe`: one look at one camera, explained."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from cammon.byhand import ByHand, look_by_hand
from cammon.clock import Clock, SystemClock
from cammon.credentials import logins_of
from cammon.onelook import OneLook, look_once
from cammon.problem import UserError
from cammon.service.looks import endpoint_of
from cammon.sitefiles.model import Site
from cammon_probes.model import Endpoint, Finding, Reading
from cammon_probes.url import parse_url
from cammon_web import words

from .options import language_option, load_site, store_option, store_path
from .waiting import since_s


@click.command()
@click.argument("site", type=click.Path(path_type=Path), required=False)
@click.argument("camera", required=False)
@click.option("--url", help="Look at rtsp(s)://[user:password@]HOST[:PORT]/PATH or http://HOST/onvif/device_service.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--once-more", is_flag=True, help="Send the login although it was refused a short while ago.")
@store_option
@language_option
def probe(
    site: Path | None,
    camera: str | None,
    url: str | None,
    as_json: bool,
    once_more: bool,
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
        looked = ByHand(look_once(_of_url(url), _clock(), since_s()))
    elif site is None or camera is None or "://" in camera or ":/" in str(site):
        raise click.UsageError("name SITE and CAMERA, or give an address by --url")
    else:
        looked = looked_by_hand(load_site(site, language), site, camera, store_path(site, store), once_more)
    found = looked.found
    click.echo(json.dumps(as_object(found, language), ensure_ascii=False) if as_json else told(found, language))
    for line in login_lines(looked, language):
        click.echo(line, err=True)
    raise click.exceptions.Exit(0 if found.ok else 1)


def _clock() -> Clock:
    return SystemClock()


def _of_url(url: str) -> Endpoint:
    try:
        return parse_url(url)
    except ValueError as error:
        raise UserError(f"--url: {error}") from None


def looked_by_hand(found: Site, site: Path, camera: str, database: Path, once_more: bool) -> ByHand:
    """One look at a camera of the site in the folder `site`. Raises UserError for one that it has not."""
    try:
        endpoint = endpoint_of(found, found.camera(camera), logins_of(found, database))
    except KeyError:
        known = ", ".join(one.id for one in found.cameras[:30])
        raise UserError(f"{site}: no camera {camera!r}; the site has {known}") from None
    except ValueError as error:
        raise UserError(f"{site}: {error}; put one into cameras.csv") from None
    return look_by_hand(endpoint, _clock(), database, found.login_pause_s, once_more=once_more, since_s=since_s())


def login_lines(looked: ByHand, language: str) -> list[str]:
    """What a person has to know of the login."""
    lines = []
    if looked.stopped_until is not None:
        until = looked.stopped_until.astimezone().strftime("%Y-%m-%d %H:%M")
        lines.append(
            {
                "en": f"no login was sent: it was refused, and until {until} only a changed one is tried, "
                "so that the account is not locked; --once-more sends it all the same",
                "zh": f"没有发送登录信息：该登录已被拒绝，{until} 之前只会尝试更改后的登录，以免账号被锁；"
                "确需再试一次，请加 --once-more",
            }[language]
        )
    if not looked.noted:
        lines.append(
            {
                "en": "the store could not be written: a running service does not hear of this login",
                "zh": "无法写入数据库：正在运行的服务不会得知这次登录的结果",
            }[language]
        )
    return lines


def as_object(found: OneLook, language: str) -> dict[str, Any]:
    """The stable JSON shape (docs/json.md)."""
    return {
        "camera": found.camera,
        "ok": found.ok,
        "fault": None if found.fault is None else found.fault.value,
        "advice": None if found.fault is None else words.advice(found.fault, language),
        "steps": [
            {"name": step.name, "ok": step.ok, "ms": round(step.ms, 1), "detail": step.detail} for step in found.steps
        ],
        "picture": _picture(found.picture),
        "device": _device(found.device),
    }


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
    return {"width": width, "height": height, "findings": [_finding(finding) for finding in reading.findings]}


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
    lines.append("")
    if found.fault is None:
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
