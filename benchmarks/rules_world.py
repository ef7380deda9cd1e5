"""One simulated world, carried through all its nights, and every figure of it: person index, rules, reports. Figures are kept in files."""

import json
import shutil
import time
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.night import rollcall
from benchmarks.world_quality import KEY, quality
from pipelines.reconcile.evaluate import brier, evaluate_findings, match_findings, shares
from pipelines.storage.frames import connect

FINDING = ["finding_id", "code", "status", "confidence", "hit", "by_link"]
Figures = dict[str, Any]


@dataclass(frozen=True)
class World:
    """Which world."""

    scenario: str
    seed: int
    persons: int
    nights: int

    @property
    def name(self) -> str:
        """As its files are called."""
        return f"{self.scenario}-{self.seed}-{self.persons}x{self.nights}"


@dataclass(frozen=True)
class Measured:
    """Figures of a world; counts (columns of ``evaluate_findings`` and night); every finding of every night with its outcome."""

    figures: Figures
    counts: pd.DataFrame
    findings: pd.DataFrame


def read_measured(world: World, kept: Path) -> Measured | None:
    """What an earlier run measured; None when it did not come to the end of this world."""
    if not (kept / f"{world.name}.json").is_file():
        return None
    figures = json.loads((kept / f"{world.name}.json").read_text(encoding="utf-8"))
    return Measured(figures, pd.read_csv(kept / f"{world.name}.csv", dtype={"code": str}), pd.read_parquet(kept / f"{world.name}.parquet"))


def measure_world(world: World, kept: Path, *, keep: bool = False) -> Measured:
    """Simulate, run every night, measure, write the figures to ``kept``; the world itself goes unless ``keep``."""
    folder = kept / world.name
    shutil.rmtree(folder, ignore_errors=True)
    started = time.perf_counter()
    simulated = rollcall(
        "simulate", "--persons", str(world.persons), "--nights", str(world.nights), "--seed", str(world.seed), "--scenario", world.scenario,
        "--out", str(folder / "world"),
    )  # fmt: skip
    simulation = time.perf_counter() - started
    first, last = (date.fromisoformat(simulated[k]) for k in ("first_night", "last_night"))
    nights = _run(folder, first, last)
    running = time.perf_counter() - started - simulation
    vintages = [Path(night["path"]) for night in nights if night["path"]]
    counts, findings = evaluate_nights(vintages, folder / "world" / "truth")
    figures = {
        "scenario": world.scenario, "seed": world.seed, "persons": world.persons, "nights": len(nights),
        "delivered_rows": sum(row["delivered"] for night in nights for row in night["rows"]),
        "simulate_seconds": round(simulation, 1), "nights_seconds": round(running, 1), "reconcile_seconds": _reconcile_seconds(vintages),
        "linking": linking(vintages, folder / "world" / "truth") | {"moved_without_change": _moved_without_change(folder, last, vintages[-1])},
        "rules": rule_figures(counts, findings),
        "last_night": rule_figures(*(frame[frame["night"] == frame["night"].max()] for frame in (counts, findings))),
        "report": _report(folder, first, vintages[-1]),
    }  # fmt: skip
    counts.to_csv(kept / f"{world.name}.csv", index=False)
    findings.to_parquet(kept / f"{world.name}.parquet")
    (kept / f"{world.name}.json").write_text(json.dumps(figures, ensure_ascii=False), encoding="utf-8")
    if not keep:
        shutil.rmtree(folder)
    return Measured(figures, counts, findings)


def _run(folder: Path, first: date, last: date) -> list[Figures]:
    told = rollcall("run", "--inbox", str(folder / "world" / "inbox"), "--data", str(folder / "data"), "--date", str(first), "--until", str(last))
    return list(told["nights"])


def evaluate_nights(vintages: list[Path], truth: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts by code and night, and every finding of every night with its outcome."""
    tables, matched = [], []
    for vintage in vintages:
        night = date.fromisoformat(json.loads((vintage / "run.json").read_text(encoding="utf-8"))["night"])
        details = pd.read_parquet(vintage / "finding_details.parquet", columns=["finding_id", "subject_key"])
        found = pd.read_parquet(vintage / "findings.parquet").merge(details, on="finding_id")
        people = pd.read_parquet(vintage / "person_records.parquet")
        tables.append(evaluate_findings(found, truth, people, night).assign(night=str(night)))
        con = connect()
        matched.append(match_findings(con, found, truth, people, night)[FINDING].assign(night=str(night)))
        con.close()
    counted = pd.concat(tables, ignore_index=True)
    return counted[counted["code"] != "all"], pd.concat(matched, ignore_index=True)


def by_code(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts of several nights or worlds summed, with their shares; the last row is ``all``."""
    numbers = [c for c in counts.select_dtypes("number") if c not in ("precision", "recall", "f1")]
    return shares(counts.groupby("code", as_index=False)[numbers].sum())


def rule_figures(counts: pd.DataFrame, findings: pd.DataFrame) -> Figures:
    """The few figures that nights come to. ``told``: of findings of status open, what departments are told as fact."""
    table = by_code(counts)
    whole, rules = table[table["code"] == "all"].iloc[0], table[table["code"] != "all"]
    told = findings[findings["status"] == "open"]
    return {
        "truth": int(whole["truth"]),
        "found": int(whole["found"]),
        "precision": round(float(whole["precision"]), 4),
        "recall": round(float(whole["recall"]), 4),
        "macro_f1": round(float(rules["f1"].mean()), 4),
        "precision_told": round(float(told["hit"].mean()), 4),
        "innocents": int(whole["innocents"]),
        "innocents_flagged": int(whole["innocents_flagged"]),
        "false": int(whole["false"]),
        "false_by_link": int(whole["false_by_link"]),
        "missed": int(whole["missed"]),
        "brier": round(brier(findings), 5),
    }


def linking(vintages: list[Path], truth: Path) -> Figures:
    """The last night's person index against the truth, and how many records changed person from each night to the next."""
    last = vintages[-1]
    observations = pd.concat([pd.read_parquet(path, columns=[*KEY, "id_number", "id_valid"]) for path in sorted(last.glob("obs_*.parquet"))])
    moved = [_moved(before, after) for before, after in pairwise(vintages)]
    return quality(_people(last), observations, truth) | {"moved_per_night": moved}


def _people(vintage: Path) -> pd.DataFrame:
    return pd.read_parquet(vintage / "person_records.parquet", columns=[*KEY, "person_id"])


def _moved(before: Path, after: Path) -> int:
    both = _people(before).merge(_people(after), on=KEY, suffixes=("", "_after"))
    return int((both["person_id"] != both["person_id_after"]).sum())


def _moved_without_change(folder: Path, last: date, vintage: Path) -> int:
    """Records that change person in one more night, on which nothing is delivered."""
    after = last + timedelta(days=1)
    [night] = _run(folder, after, after)
    return _moved(vintage, Path(night["path"])) if night["path"] else 0


def _reconcile_seconds(vintages: list[Path]) -> float:
    """Mean seconds of the step over the nights."""
    calls = [call for v in vintages for call in json.loads((v / "run.json").read_text(encoding="utf-8"))["steps"] if call["step"] == "reconcile"]
    return round(float(sum(call["seconds"] for call in calls)) / max(len(calls), 1), 2)


def _report(folder: Path, first: date, vintage: Path) -> Figures:
    """Seconds of a report on the whole period, from the command line and back; the size of the last night's largest file."""
    started = time.perf_counter()
    rollcall("report", "--data", str(folder / "data"), "--since", str(first), "--out", str(folder / "report"))
    seconds = time.perf_counter() - started
    sizes = [path.stat().st_size for path in (vintage / "reports").rglob("*") if path.is_file()]
    return {"period_seconds": round(seconds, 1), "largest_mb": round(max(sizes, default=0) / 1e6, 2)}
