"""The demonstration: the bundled samples, night after night, against the truth beside them."""

import json
import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.desk.quality import evaluate
from pipelines.desk.vintages import ask
from pipelines.errors import UsageError
from pipelines.flow import clock, run_nights
from pipelines.night.workspace import ROOT, Workspace
from pipelines.settings import load_deployment
from pipelines.step import Progress

SAMPLES = ROOT / "data_samples" / "yunzhou"
MARK = ".rollcall-demo"


def demonstrate(out: Path, progress: Progress) -> dict[str, Any]:
    """Run the bundled nights into ``out`` and say what was found.

    Raises:
        UsageError: ``out`` holds something that isn't a demonstration.
    """
    started = time.perf_counter()
    fresh_folder(out)
    nights = [date.fromisoformat(n) for n in json.loads((SAMPLES / "nights.json").read_text())]
    workspace = Workspace(load_deployment(ROOT / "deployments" / "yunzhou"), out.resolve() / "data", str(SAMPLES / "inbox"))
    results = list(run_nights(workspace, nights[0], nights[-1], now=clock, progress=progress))
    last = results[-1].vintage
    assert last is not None
    quality = evaluate(workspace, SAMPLES / "truth")
    return {
        "nights": [{"night": r.night, "vintage": r.vintage.vintage_id if r.vintage else None, "exit_code": r.verdict.exit_code} for r in results],
        "findings": ask(workspace, last.path, "SELECT code, status, count(*) AS findings FROM {findings} GROUP BY ALL ORDER BY code, status"),
        "quality": quality["headline"],
        "reports": [str(p) for p in sorted((last.path / "reports").glob("*.html"))],
        "data": str(workspace.data),
        "seconds": time.perf_counter() - started,
    }


def fresh_folder(out: Path) -> None:
    """Make ``out`` anew when it is ours or empty."""
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise UsageError("RC-U03", "the folder holds something else", where=str(out), todo="Give another --out, or empty it")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARK).write_text("made by rollcall; may be deleted\n")


def simulate_world(persons: int, nights: int, seed: int, out: Path, scenario: str, every: int, progress: Progress) -> dict[str, Any]:
    """Make a synthetic world in ``out`` (see data_samples/README.md)."""
    from data_samples.simulator import simulate

    if scenario not in {"2010", "2024"}:
        raise UsageError("RC-U04", f"no scenario is called '{scenario}'", todo="Give 2010 or 2024")
    started = time.perf_counter()
    try:
        simulate(persons, nights, seed, out, scenario=scenario, every=every, progress=lambda what: progress(0, 0, what))
    except ValueError as error:
        raise UsageError("RC-U14", str(error), todo="Give another --out or more --persons") from error
    listed = json.loads((out / "nights.json").read_text())
    return {
        "persons": persons,
        "first_night": listed[0],
        "last_night": listed[-1],
        "seed": seed,
        "scenario": scenario,
        "out": str(out),
        "seconds": round(time.perf_counter() - started, 1),
    }
