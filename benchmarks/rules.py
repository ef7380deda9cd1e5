"""Simulated worlds, all their nights: the person index and each rule against the truth, calibration of P(real), reports, and speed.

``make bench NAME=rules ARGS="--persons 20000 --nights 10 --scenarios 2010 2024 --seeds 1 2 3 --scale 1000000"``. Each world's figures are written
to ``--out`` as they come, and what is there already is not measured again: a run that broke off goes on where it was (remove the folder to
measure new code). The last line is one JSON document; the reliability plot stands beside the figures.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.reliability import write_reliability
from benchmarks.rules_speed import time_rules
from benchmarks.rules_world import Measured, World, by_code, measure_world, read_measured, rule_figures
from pipelines.reconcile.evaluate import COLUMNS, reliability

OUT = Path("out/bench/rules")
AIMS = {
    "D01, B01, D03, B03": {"precision": 0.995, "recall": 0.98}, "macro_f1": 0.97, "innocents_flagged": 0, "rules_seconds_at_a_million": 20,
    "b_cubed_f1_all": 0.995, "b_cubed_f1_none": 0.98, "mixed_twins": 0, "mixed_by_number": 0, "moved_without_change": 0,
}  # fmt: skip
LINKING = (
    "b_cubed_precision_all", "b_cubed_recall_all", "b_cubed_f1_all", "b_cubed_precision_none", "b_cubed_recall_none", "b_cubed_f1_none",
    "mixed", "mixed_twins", "mixed_by_number", "moved_without_change",
)  # fmt: skip


def main() -> None:
    """Measure each world, then all together, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--nights", type=int, default=10)
    parser.add_argument("--scenarios", nargs="+", default=["2010", "2024"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--scale", type=int, default=0, help="people that the rules are timed on; 0 = not timed")
    parser.add_argument("--out", type=Path, default=OUT, help="figures of each world, and the plot")
    parser.add_argument("--keep", action="store_true", help="keep the worlds and their data, too")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    worlds = [World(scenario, seed, options.persons, options.nights) for scenario in options.scenarios for seed in options.seeds]
    measured, timed = measure(worlds, options)
    print(json.dumps({"benchmark": "rules", "aims": AIMS, **together(measured, options.out), **timed}, ensure_ascii=False))


def measure(worlds: Sequence[World], options: argparse.Namespace) -> tuple[list[Measured], dict[str, Any]]:
    """Every world, one after the other; the rules are timed on the last vintage of the first one that is run."""
    measured: list[Measured] = []
    speed = options.out / f"speed-{options.scale}.json"
    started = time.perf_counter()
    for number, world in enumerate(worlds, 1):
        known = read_measured(world, options.out)
        timing = bool(options.scale) and not speed.is_file()
        found = known or measure_world(world, options.out, keep=options.keep or timing)
        if timing and (options.out / world.name).is_dir():
            vintage = max((options.out / world.name / "data" / "vintages").iterdir(), key=lambda path: path.name)
            speed.write_text(json.dumps(time_rules(vintage, options.scale, options.out / world.name / "scaled")), encoding="utf-8")
        measured.append(found)
        _progress(number, len(worlds), world, found, time.perf_counter() - started)
    return measured, json.loads(speed.read_text(encoding="utf-8")) if options.scale and speed.is_file() else {}


def _progress(number: int, of: int, world: World, found: Measured, seconds: float) -> None:
    linking, rules = found.figures["linking"], found.figures["rules"]
    told = (
        f"B-cubed F1 {linking['b_cubed_f1_all']:.4f} (no number {linking['b_cubed_f1_none']:.4f}), twins merged {linking['mixed_twins']}, "
        f"precision {rules['precision']:.4f}, recall {rules['recall']:.4f}, macro F1 {rules['macro_f1']:.4f}, innocents {rules['innocents_flagged']}"
    )
    print(f"[{number}/{of}, {seconds:.0f} s] {world.name}: {told}", file=sys.stderr, flush=True)


def together(measured: Sequence[Measured], out: Path) -> dict[str, Any]:
    """All worlds: tables on the screen, the plot in a file, and the figures."""
    counts = pd.concat([m.counts for m in measured], ignore_index=True)
    findings = pd.concat([m.findings for m in measured], ignore_index=True)
    table = by_code(counts)
    bins = reliability(findings)
    write_reliability(bins, out / "reliability.svg")
    linking = pd.DataFrame([{k: m.figures[k] for k in ("scenario", "seed")} | {k: m.figures["linking"][k] for k in LINKING} for m in measured])
    for frame in (linking.round(4), table.round(4), bins.round(3)):
        print(frame.to_string(index=False), end="\n\n")
    rules = {row["code"]: {k: row[k] for k in COLUMNS if k != "code"} for row in json.loads(table.round(4).to_json(orient="records"))}
    return {
        "all_worlds": rule_figures(counts, findings), "rules": rules, "reliability": json.loads(bins.round(4).to_json(orient="records")),
        "worlds": [m.figures for m in measured],
    }  # fmt: skip


if __name__ == "__main__":
    main()
