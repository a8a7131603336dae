"""`diagnose_pack.py DIR`: the picture checks over DIR/manifest.json, a JSON line for each as pictures_score.py asks."""

import json
import sys
import time
from pathlib import Path

import cv2

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "probes"))
from cammon_probes.picture.reference import Reference, reference_from
from cammon_probes.picture.registry import CHECKS, examine


def main(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    references: dict[str, Reference] = {}
    for camera, about in manifest["cameras"].items():
        frames = [cv2.imread(str(folder / known["file"])) for known in about["refs"]]
        references[camera] = reference_from(frame for frame in frames if frame is not None)
    order = [check.fault for check in CHECKS]
    for test in manifest["tests"]:
        reference = references[test["camera"]]
        for earlier in test.get("prev", []):
            reference = reference.after(cv2.imread(str(folder / earlier)))
        frame = cv2.imread(str(folder / test["frame"]))
        begun = time.perf_counter()
        findings = examine(frame, reference)
        took_ms = 1000 * (time.perf_counter() - begun)
        bad = [finding for finding in findings if finding.bad]
        verdict = min(bad, key=lambda one: order.index(one.fault)).fault.value if bad else "ok"
        scores = {finding.fault.value: round(float(finding.score), 4) for finding in findings}
        print(json.dumps({"id": test["id"], "verdict": verdict, "scores": scores, "ms": round(took_ms, 2)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
