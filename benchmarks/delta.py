"""A night with half a percent changed, on a million against nine hundred thousand: what changed is linked again, and it must
come to what a full run on the new files gives.

The time of the night is that of reading what changed, opening the kept linkage, linking again, and writing it. Beside it: the full run of
the same, with and without keeping, and Splink, which has to start again (`--without-splink` leaves that out, it takes minutes).
`make bench NAME=delta ARGS="--size 100000"` for a smaller one.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.contest import Stages, contestant, cores, report
from benchmarks.million import LINKED, figures_of, model_and_keys
from benchmarks.people import Night, World, write_night, write_world


def start(kept: str, left: str, right: str) -> dict[str, Any]:
    """The full run, kept."""
    from matching import standing
    from matching.engines.duckdb import DuckDBEngine

    model, sure = model_and_keys()
    stages = Stages()
    standing.start(DuckDBEngine(threads=cores()), Path(kept), left, right, standing.Terms(model, sure, LINKED))
    stages.done("start")
    size = sum(file.stat().st_size for file in Path(kept).rglob("*.arrow"))
    return {"seconds": stages.seconds, "cpu": stages.cpu, "kept_mb": round(size / 1e6)}


def night(kept: str, *files: str) -> dict[str, Any]:
    """Both tables' changes (changed, removed, whole after them): linked again; then, untimed, held against a full run."""
    import duckdb
    import pyarrow.parquet as pq

    from matching import standing
    from matching.cascade import cascade
    from matching.engines.duckdb import DuckDBEngine
    from matching.relink import Changes, relink

    nights = [Night(*map(Path, files[:3])), Night(*map(Path, files[3:]))]
    model, sure = model_and_keys()
    terms = standing.Terms(model, sure, LINKED)
    stages = Stages()
    left, right = (Changes(one.changed, pq.ParquetFile(one.removed).read()["id"].to_pylist()) for one in nights)
    engine = DuckDBEngine(threads=cores())
    stages.done("engine")
    found = relink(engine, Path(kept), left, right, terms)
    stages.done("relink")
    whole = [str(one.whole) for one in nights]
    full = cascade(DuckDBEngine(threads=cores()), whole[0], whole[1], model, sure, threshold=LINKED, one_to_one=True)
    stands = standing.stands(Path(kept), terms)
    ours = standing.cascaded(engine, stands, terms)
    equal = ours.sure.equals(full.sure) and ours.scored.pairs.equals(full.scored.pairs) and ours.scored.capped == full.scored.capped
    with duckdb.connect() as connection:
        connection.register("linked", stands.links)
        figures = figures_of(connection, "from linked", *whole)
    counts = {"found": found.found.num_rows, "gone": found.gone.num_rows, "compared": found.compared}
    return {"seconds": stages.seconds, "cpu": stages.cpu, "equals_full_run": equal} | counts | figures


def all_of(size: int, share: float, *, with_splink: bool) -> dict[str, Any]:
    """Files, the kept full run, the night, the full runs on the new files; one after the other, each in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder, kept = Path(name), str(Path(name) / "kept")
        paths = write_world(World(size, size * 9 // 10), folder)
        nights = write_night(paths, folder, share)
        started = contestant("benchmarks.delta", "--contestant", "start", "--files", kept, *map(str, paths))
        os.sync()  # what a day ago was written is on the disk
        files = [str(file) for one in nights for file in (one.changed, one.removed, one.whole)]
        ours = contestant("benchmarks.delta", "--contestant", "night", "--files", kept, *files)
        whole = [str(one.whole) for one in nights]
        full = {
            name: contestant("benchmarks.million", "--contestant", name, "--files", *whole) for name in ("ours", *(["splink"] if with_splink else []))
        }
    ratios = {}
    for kind in ("seconds", "cpu"):
        spent = sum(ours[kind].values())
        ratios[f"{kind}_to_full_run_kept"] = spent / started[kind]["start"]
        ratios[f"{kind}_to_full_run"] = spent / (full["ours"][kind]["predict"] + full["ours"][kind]["cluster"])
    if with_splink:
        ratios["seconds_to_splinks_whole"] = sum(ours["seconds"].values()) / sum(full["splink"]["seconds"].values())
    return {
        "benchmark": "delta",
        "size": size,
        "share": share,
        "cores": cores(),
        **{name: round(ratio, 4) for name, ratio in ratios.items()},
        "start": started,
        "night": ours,
        **{f"full_{name}": figures for name, figures in full.items()},
    }


def main() -> None:
    """One contestant, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000, help="people in the first file")
    parser.add_argument("--share", type=float, default=0.005, help="of the records of each file that are new, changed or gone")
    parser.add_argument("--without-splink", action="store_true")
    parser.add_argument("--contestant", choices=["start", "night"])
    parser.add_argument("--files", nargs="+", default=[])
    options = parser.parse_args()
    if options.contestant:
        report(start(*options.files) if options.contestant == "start" else night(*options.files))
    else:
        print(json.dumps(all_of(options.size, options.share, with_splink=not options.without_splink)))


if __name__ == "__main__":
    main()
