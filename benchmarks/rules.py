"""Rules on simulated worlds: precision and recall by rule, innocents flagged, whose fault the false ones are, calibration, and speed.

``make bench NAME=rules ARGS="--persons 20000 --nights 10 --scenarios 2010 2024 --seeds 1 2 3 --scale 1000000"``. The last line is one JSON document.
"""

import argparse
import json
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.night import rollcall
from benchmarks.replicate import replicate
from pipelines.reconcile.config import load_rule_book
from pipelines.reconcile.evaluate import COLUMNS, brier, evaluate_findings, match_findings, reliability, shares
from pipelines.reconcile.findings import find_all
from pipelines.reconcile.views import NightInputs, prepare, register_inputs
from pipelines.settings import load_deployment
from pipelines.storage.frames import connect, scan

DEPLOYMENT = Path(__file__).parents[1] / "deployments" / "yunzhou"
AIMS = {"precision": 0.995, "recall": 0.98, "macro_f1": 0.97, "seconds_at_a_million": 20}


def main() -> None:
    """Simulate, run, evaluate every night, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--nights", type=int, default=10)
    parser.add_argument("--scenarios", nargs="+", default=["2010", "2024"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--scale", type=int, default=0, help="people that the rules are timed on; 0 = not timed")
    parser.add_argument("--keep", type=Path, default=None, help="keep worlds and data here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        print(json.dumps(measure(options, options.keep or Path(temporary)), ensure_ascii=False))


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All figures: one entry per world, and all worlds together."""
    worlds, tables, matched, last = [], [], [], Path()
    for scenario in options.scenarios:
        for seed in options.seeds:
            vintages, truth = run_world(options, folder / f"{scenario}-{seed}", scenario, seed)
            table, found = evaluate_world(vintages, truth)
            worlds.append({"scenario": scenario, "seed": seed, **figures(table, found), "reconcile_seconds": reconcile_seconds(vintages)})
            tables.append(table)
            matched.append(found)
            last = vintages[-1]
    counted = pd.concat(tables)
    whole = shares(counted[counted["code"] != "all"].groupby("code", as_index=False).sum())
    print(whole.round(4).to_string(index=False))
    every = pd.concat(matched)
    print(reliability(every).round(3).to_string(index=False))
    rules = {row["code"]: {k: row[k] for k in COLUMNS if k != "code"} for row in json.loads(whole.round(4).to_json(orient="records"))}
    timed = time_rules(last, options.scale, folder / "scaled") if options.scale else {}
    return {
        "benchmark": "rules", "persons": options.persons, "nights": options.nights, "aims": AIMS, "all_worlds": figures(whole, every),
        "worlds": worlds, "rules": rules, "reliability": json.loads(reliability(every).round(4).to_json(orient="records")), **timed,
    }  # fmt: skip


def run_world(options: argparse.Namespace, folder: Path, scenario: str, seed: int) -> tuple[list[Path], Path]:
    """Vintages of the nights of one simulated world, and its truth."""
    world, data = folder / "world", folder / "data"
    simulated = rollcall(
        "simulate",
        "--persons",
        str(options.persons),
        "--nights",
        str(options.nights),
        "--seed",
        str(seed),
        "--scenario",
        scenario,
        "--out",
        str(world),
    )
    nights = rollcall(
        "run", "--inbox", str(world / "inbox"), "--data", str(data), "--date", simulated["first_night"], "--until", simulated["last_night"]
    )["nights"]
    return [Path(night["path"]) for night in nights if night["path"]], world / "truth"


def evaluate_world(vintages: list[Path], truth: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts by code summed over the nights, and every finding of every night with its outcome."""
    tables, matched = [], []
    for vintage in vintages:
        night = date.fromisoformat(json.loads((vintage / "run.json").read_text())["night"])
        details = pd.read_parquet(vintage / "finding_details.parquet", columns=["finding_id", "subject_key"])
        findings = pd.read_parquet(vintage / "findings.parquet").merge(details, on="finding_id")
        people = pd.read_parquet(vintage / "person_records.parquet")
        tables.append(evaluate_findings(findings, truth, people, night))
        con = connect()
        matched.append(match_findings(con, findings, truth, people, night).assign(night=night))
        con.close()
    counted = pd.concat(tables)
    return shares(counted[counted["code"] != "all"].groupby("code", as_index=False).sum()), pd.concat(matched)


def figures(table: pd.DataFrame, matched: pd.DataFrame) -> dict[str, Any]:
    """The few figures that a world comes to. ``told`` counts findings of status open: what departments are told as fact."""
    whole, rules = table[table["code"] == "all"].iloc[0], table[table["code"] != "all"]
    told = matched[matched["status"] == "open"]
    return {
        "precision": round(float(whole["precision"]), 4),
        "recall": round(float(whole["recall"]), 4),
        "macro_f1": round(float(rules["f1"].mean()), 4),
        "precision_told": round(float(told["hit"].mean()), 4),
        "innocents_flagged": int(whole["innocents_flagged"]),
        "false": int(whole["false"]),
        "false_by_link": round(float(whole["false_by_link"] / max(whole["false"], 1)), 4),
        "brier": round(brier(matched), 4),
    }


def reconcile_seconds(vintages: list[Path]) -> float:
    """Mean seconds of the step."""
    calls = [call for v in vintages for call in json.loads((v / "run.json").read_text())["steps"] if call["step"] == "reconcile"]
    return round(float(sum(call["seconds"] for call in calls)) / max(len(calls), 1), 2)


def time_rules(vintage: Path, persons: int, scaled: Path) -> dict[str, float]:
    """Seconds of the views and of all rules on a vintage copied until it holds about ``persons`` living entries."""
    deployment = load_deployment(DEPLOYMENT)
    book = load_rule_book(deployment)
    con = connect(memory_limit="8GB", spill=scaled / "spill")
    [(held,)] = con.execute(f"SELECT count(*) FROM {scan(vintage / 'rec_police.parquet')} WHERE closed_on IS NULL").fetchall()
    files = replicate(con, vintage, tuple(deployment.sources), max(1, round(persons / held)), scaled)
    inputs = NightInputs(
        night=date.fromisoformat(json.loads((vintage / "run.json").read_text())["night"]),
        rec={s: scan(files[f"rec_{s}"]) for s in deployment.sources},
        obs=tuple(scan(files[f"obs_{s}"]) for s in deployment.sources),
        ledgers=(scan(vintage / "ledger.parquet"),),
        links=scan(files["links"]),
        person_records=scan(files["person_records"]),
    )
    started = time.perf_counter()
    register_inputs(con, inputs, deployment.sources, book.config)
    prepare(con, deployment, book)
    prepared = time.perf_counter()
    find_all(con, book, deployment.config.name)
    done = time.perf_counter()
    [(findings,)] = con.execute("SELECT count(*) FROM finding").fetchall()
    con.close()
    return {
        "scale_persons": persons, "scale_findings": int(findings), "views_seconds": round(prepared - started, 2),
        "rules_seconds": round(done - prepared, 2),
    }  # fmt: skip


if __name__ == "__main__":
    main()
