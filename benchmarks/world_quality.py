"""The person index against the truth of whole worlds, over nights, scenarios and seeds; and that ids stay when nothing changes.

``make bench NAME=world_quality ARGS="--persons 20000 --nights 10 --scenarios 2010 2024 --seeds 1 2 3"``. The last line is one JSON document:
for each world B-cubed and pairwise figures (all records; records without a valid number), persons that mix true persons (twins, holders of
one number), and ids that moved in a further night without new data.
"""

import argparse
import json
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.night import rollcall
from matching.evaluate import evaluate
from pipelines import identify, link
from pipelines.contracts.tables import DECISIONS
from pipelines.settings import load_deployment
from pipelines.step import RunPin, StepContext
from pipelines.storage.frames import connect, empty

DEPLOYMENT = Path("deployments/yunzhou")
KEY = ["source", "record_key", "role"]


def main() -> None:
    """Measure each world and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--nights", type=int, default=10)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--scenarios", nargs="+", default=["2010", "2024"])
    options = parser.parse_args()
    worlds = []
    for scenario in options.scenarios:
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as folder:
                worlds.append({"scenario": scenario, "seed": seed} | measure(options, scenario, seed, Path(folder)))
                print(json.dumps(worlds[-1]), flush=True)
    print(json.dumps({"benchmark": "world_quality", "persons": options.persons, "nights": options.nights, "worlds": worlds}))


def measure(options: argparse.Namespace, scenario: str, seed: int, folder: Path) -> dict[str, Any]:
    """One world: simulate, run every night, compare."""
    simulated = rollcall(
        "simulate", "--persons", str(options.persons), "--nights", str(options.nights), "--seed", str(seed), "--scenario", scenario,
        "--out", str(folder / "world"),
    )  # fmt: skip
    nights = rollcall(
        "run", "--deployment", str(DEPLOYMENT), "--inbox", str(folder / "world" / "inbox"), "--data", str(folder / "data"),
        "--date", simulated["first_night"], "--until", simulated["last_night"],
    )["nights"]  # fmt: skip
    vintage = Path(nights[-1]["path"])
    figures = quality(vintage, folder / "world" / "truth")
    return figures | {"moved_without_change": moved(vintage, date.fromisoformat(simulated["last_night"]), folder / "again")}


def quality(vintage: Path, truth: Path) -> dict[str, Any]:
    """Figures of the last vintage."""
    records = pd.read_parquet(truth / "records.parquet").astype({"person": object})
    found = pd.read_parquet(vintage / "person_records.parquet")[[*KEY, "person_id"]]
    numbers = pd.read_parquet(vintage / "observations.parquet", columns=[*KEY, "id_number", "id_valid"])
    both = records[records["person"].fillna("") != ""].merge(found, on=KEY).merge(numbers, on=KEY)
    both = both.rename(columns={"person": "truth", "person_id": "found"})
    table = evaluate(both.assign(number=both["id_valid"].map({True: "valid", False: "none"})), by=["number"])
    chosen = table[table["group"].isin(["all", "none"]) & table["measure"].isin(["b_cubed", "pairwise"])]
    names = chosen["measure"] + "_" + chosen["figure"] + "_" + chosen["group"]
    figures = dict(zip(names, chosen["value"].round(5).tolist(), strict=True))
    return {"records": len(both), **figures, **mixed(both, pd.read_parquet(truth / "persons.parquet"))}


def mixed(both: pd.DataFrame, persons: pd.DataFrame) -> dict[str, int]:
    """Persons found that mix true persons: all, twins of one birth, and holders of one number."""
    inside = both.groupby("found").filter(lambda rows: rows["truth"].nunique() > 1)
    twins = inside.merge(persons[["person", "twin_group"]], left_on="truth", right_on="person").dropna(subset=["twin_group"])
    of_twins = twins.groupby(["found", "twin_group"])["truth"].nunique()
    shared = inside.dropna(subset=["id_number"]).groupby(["found", "id_number"])["truth"].nunique()
    return {"mixed": inside["found"].nunique(), "mixed_twins": int((of_twins > 1).sum()), "mixed_by_number": int((shared > 1).sum())}


def moved(vintage: Path, last: date, folder: Path) -> int:
    """Records that change person when a night brings nothing: link and identify once more, upon their own vintage."""
    folder.mkdir(parents=True)
    deployment = load_deployment(DEPLOYMENT)
    empty(DECISIONS, folder / "decisions.parquet")
    inputs = {"inputs.decisions": folder / "decisions.parquet", "links": folder / "links.parquet"}
    for source in deployment.sources:
        inputs[f"obs_{source}"] = inputs[f"previous.obs_{source}"] = vintage / f"obs_{source}.parquet"
    for table in ("links", "person_records", "person_history"):
        inputs[f"previous.{table}"] = vintage / f"{table}.parquet"
    ctx = StepContext(
        run=RunPin(last + timedelta(days=1), "again", "parent", "", ""), deployment=deployment, inputs=inputs, outputs=folder,
        declared=frozenset({"links", "person_records", "person_history"}), connect=connect,
    )  # fmt: skip
    link.run(ctx)
    identify.run(replace(ctx))
    before, after = (pd.read_parquet(place / "person_records.parquet").set_index(KEY)["person_id"] for place in (vintage, folder))
    return int((before != after.reindex(before.index)).sum())


if __name__ == "__main__":
    main()
