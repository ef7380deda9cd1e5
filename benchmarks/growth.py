"""Growth: our cascade on one size after another; time and memory against a straight line through the first.

`make bench NAME=growth ARGS="--sizes 50000 100000"` for a smaller one; the whole is 1, 2 and 5 million people.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.contest import contestant, cores
from benchmarks.people import World, write_world


def measure(size: int) -> dict[str, Any]:
    """Files of `size` and nine tenths of it, linked in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(path) for path in write_world(World(size, size * 9 // 10), Path(folder))]
        return {"size": size} | contestant("benchmarks.million", "--contestant", "ours", "--files", *paths)


def main() -> None:
    """Every size, then how far the last lies above the line through the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 2_000_000, 5_000_000])
    options = parser.parse_args()
    runs = [measure(size) for size in options.sizes]
    first, last = runs[0], runs[-1]
    times = last["size"] / first["size"]
    seconds, cpu = ([sum(run[kind].values()) for run in (first, last)] for kind in ("seconds", "cpu"))
    figures = {
        "benchmark": "growth",
        "cores": cores(),
        "time_to_linear": round(seconds[1] / seconds[0] / times, 3),
        "cpu_to_linear": round(cpu[1] / cpu[0] / times, 3),
        "memory_to_linear": round(last["peak_mb"] / first["peak_mb"] / times, 3),
        "peak_mb": last["peak_mb"],
        "runs": runs,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
