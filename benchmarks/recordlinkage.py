"""The toolkit alone against the DuckDB engine: pairs compared per second, on the same comparisons and blocking rules.

The toolkit runs as its documentation shows, on growing files until a run takes longer than `--limit` seconds or more than
`--memory` megabytes, and on the largest of them with all processors, too; the fastest of its runs counts. Ours runs on the largest of them
and on ten times as many people: pairs grow with the square, and its speed with them, while the toolkit's falls.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.contest import Stages, contestant, cores, ratios, report
from benchmarks.people import World, write_world

MODEL = Path(__file__).parent / "models" / "people.yml"
RULES = (("birth_date", "sex"), ("name",), ("address",))
"""Loose on purpose: many pairs, so that comparing is what is measured."""


def toolkit(left: str, right: str, jobs: int = 1) -> dict[str, Any]:
    """recordlinkage: index, compare (levels as 0 or 1), ECM."""
    import warnings

    import pandas as pd
    import recordlinkage

    warnings.simplefilter("ignore")
    stages = Stages()
    first, second = (pd.read_parquet(path).set_index("id") for path in (left, right))
    indexer = recordlinkage.Index()
    for rule in RULES:
        indexer.block(list(rule))
    pairs = indexer.index(first, second)
    stages.done("index")
    compare = recordlinkage.Compare(n_jobs=jobs)
    compare.exact("name", "name", label="name")
    compare.string("name", "name", method="levenshtein", threshold=0.6, label="name_near")
    compare.exact("birth_date", "birth_date", label="birth_date")
    compare.string("birth_date", "birth_date", method="damerau_levenshtein", threshold=0.9, label="birth_date_near")
    compare.string("id_number", "id_number", method="damerau_levenshtein", threshold=0.94, label="number")
    compare.exact("sex", "sex", label="sex")
    compare.exact("address", "address", label="address")
    compare.exact("division", "division", label="division")
    features = compare.compute(pairs, first, second)
    stages.done("compare")
    found = recordlinkage.ECMClassifier().fit_predict((features > 0).astype(int))
    stages.done("classify")
    hits = int(
        (first["person"].reindex(found.get_level_values(0)).to_numpy() == second["person"].reindex(found.get_level_values(1)).to_numpy()).sum()
    )
    return _speed(len(pairs), stages) | ratios(hits, len(found), len(set(first["person"]) & set(second["person"])))


def ours(left: str, right: str) -> dict[str, Any]:
    """The DuckDB engine on the same rules, the model trained before."""
    from dataclasses import replace

    import duckdb

    from matching.engines.duckdb import DuckDBEngine
    from matching.model import Block, LinkageModel
    from matching.predicates import Key

    stages = Stages()
    rules = tuple(Block(tuple(Key(name) for name in rule)) for rule in RULES)
    model = replace(LinkageModel.from_yaml(MODEL), blocks=rules, block_cap=1_000_000)
    scored = DuckDBEngine(threads=cores()).score_pairs(left, right, model, threshold=0.5)
    stages.done("all")
    with duckdb.connect() as connection:
        connection.register("links", scored.pairs)
        [(hits, true)] = connection.execute(
            f"""select (select count(*) from links x join '{left}' l on l.id = id_l join '{right}' r on r.id = id_r where l.person = r.person),
                       (select count(*) from '{left}' l join '{right}' r on l.person = r.person)"""
        ).fetchall()
    return _speed(scored.compared, stages) | ratios(hits, scored.pairs.num_rows, true)


def _speed(pairs: int, stages: Stages) -> dict[str, Any]:
    seconds = sum(stages.seconds.values())
    return {"pairs": pairs, "pairs_per_second": round(pairs / seconds), "seconds": stages.seconds}


def _run(name: str, size: int, jobs: int = 1) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(path) for path in write_world(World(size, size * 9 // 10), Path(folder))]
        return contestant("benchmarks.recordlinkage", "--contestant", name, "--jobs", str(jobs), "--files", *paths)


def both(start: int, limit: float, memory: float) -> dict[str, Any]:
    """The toolkit on `start` people, then twice as many, while it stays within both limits; then ours."""
    size, largest, runs = start, start, []
    while True:
        runs.append({"size": size} | _run("toolkit", size))
        if sum(runs[-1]["seconds"].values()) > limit or runs[-1]["peak_mb"] > memory:
            break
        largest, size = size, size * 2
    runs.append({"size": largest, "jobs": cores()} | _run("toolkit", largest, cores()))
    mine = [{"size": people} | _run("ours", people) for people in (largest, largest * 10)]
    best = max(runs, key=lambda run: run["pairs_per_second"])
    return {
        "benchmark": "recordlinkage",
        "cores": cores(),
        "largest_it_holds": largest,
        "times_its_speed": round(mine[-1]["pairs_per_second"] / best["pairs_per_second"], 1),
        "times_at_its_largest": round(mine[0]["pairs_per_second"] / best["pairs_per_second"], 1),
        "toolkit": runs,
        "ours": mine,
    }


def main() -> None:
    """One contestant, or both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=int, default=10_000, help="people in the first file of the toolkit's first run")
    parser.add_argument("--limit", type=float, default=120, help="seconds that a run of the toolkit may take")
    parser.add_argument("--memory", type=float, default=4_000, help="megabytes that it may take")
    parser.add_argument("--contestant", choices=["ours", "toolkit"])
    parser.add_argument("--jobs", type=int, default=1, help="processes that the toolkit compares in")
    parser.add_argument("--files", nargs=2, default=["", ""])
    options = parser.parse_args()
    if options.contestant:
        report(ours(*options.files) if options.contestant == "ours" else toolkit(options.files[0], options.files[1], options.jobs))
    else:
        print(json.dumps(both(options.start, options.limit, options.memory)))


if __name__ == "__main__":
    main()
