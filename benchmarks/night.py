"""Nights of a whole world: seconds and memory per step, rows per second, quality of the person index and of each rule.

``make bench NAME=night ARGS="--persons 20000 --nights 10 --scenario 2010 --seed 1"``. The last line is one JSON document.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any


def rollcall(*arguments: str) -> Any:
    """Run a command of ours and read its JSON; exit codes 3 and 4 (held, much quarantined) are results too."""
    done = subprocess.run([sys.executable, "-m", "pipelines", *arguments, "--json"], capture_output=True, text=True, check=False)
    if done.returncode not in {0, 3, 4}:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main() -> None:
    """Simulate, run, evaluate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--nights", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", default="2010")
    parser.add_argument("--keep", type=Path, default=None, help="keep world and data here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        print(json.dumps(measure(options, options.keep or Path(temporary)), ensure_ascii=False))


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All figures of one world."""
    world, data = folder / "world", folder / "data"
    simulated = rollcall(
        "simulate", "--persons", str(options.persons), "--nights", str(options.nights), "--seed", str(options.seed),
        "--scenario", options.scenario, "--out", str(world),
    )  # fmt: skip
    started = time.perf_counter()
    nights = rollcall(
        "run", "--inbox", str(world / "inbox"), "--data", str(data), "--date", simulated["first_night"], "--until", simulated["last_night"]
    )["nights"]
    seconds = time.perf_counter() - started
    delivered = sum(row["delivered"] for night in nights for row in night["rows"])
    quality = rollcall("evaluate", "--truth", str(world / "truth"), "--data", str(data))
    return {
        "benchmark": "night",
        "persons": options.persons,
        "nights": len(nights),
        "scenario": options.scenario,
        "seed": options.seed,
        "cores": os.cpu_count(),
        "delivered_rows": delivered,
        "seconds": round(seconds, 2),
        "rows_per_second": round(delivered / seconds),
        "first_night": _steps(Path(nights[0]["path"])),
        "last_night": _steps(Path(nights[-1]["path"])),
        "quality": quality,
    }


def _steps(vintage: Path) -> dict[str, Any]:
    """Seconds and peak memory per step; the sources of a per-source step together."""
    seconds: dict[str, float] = defaultdict(float)
    peak: dict[str, int] = defaultdict(int)
    for call in json.loads((vintage / "run.json").read_text())["steps"]:
        seconds[call["step"]] += call["seconds"]
        peak[call["step"]] = max(peak[call["step"]], call["peak_mb"])
    return {step: {"seconds": round(seconds[step], 2), "peak_mb": peak[step]} for step in seconds}


if __name__ == "__main__":
    main()
