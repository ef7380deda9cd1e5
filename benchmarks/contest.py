"""What the linkage benchmarks share: each contestant runs in a process of its own, so that time and memory are its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def contestant(module: str, *arguments: str) -> dict[str, Any]:
    """Run `python -m module arguments` and read the last line that it prints as JSON; adds `whole_seconds`.

    Raises:
        SystemExit: it failed; its complaint is shown.
    """
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-4000:])
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures | {"whole_seconds": round(time.perf_counter() - started, 2)}


def report(figures: dict[str, Any]) -> None:
    """Print the figures of a process as its last line, with its peak memory and processor seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = {"peak_mb": _peak_mb(), "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2)}
    print(json.dumps(figures | used, ensure_ascii=False))


def _peak_mb() -> int:
    """The most memory that this program held; what `getrusage` says contains that of the program which started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1024)


class Stages:
    """Seconds of each stage of a run, by name: by the clock, and of the processors."""

    def __init__(self) -> None:
        self._last = time.perf_counter(), time.process_time()
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    def done(self, name: str) -> None:
        """The stage that ends here."""
        now = time.perf_counter(), time.process_time()
        self.seconds[name], self.cpu[name] = (round(new - old, 3) for new, old in zip(now, self._last, strict=True))
        self._last = now


def pair_figures(found: Sequence[Any] | pd.Series[Any], truth: Sequence[Any] | pd.Series[Any]) -> dict[str, float]:
    """Precision, recall and F1 over the pairs of records that stand in one cluster."""
    frame = pd.DataFrame({"found": np.asarray(found), "truth": np.asarray(truth)})

    def pairs(columns: list[str]) -> float:
        sizes = frame.groupby(columns).size().to_numpy().astype(float)
        return float((sizes * (sizes - 1) / 2).sum())

    return ratios(pairs(["found", "truth"]), pairs(["found"]), pairs(["truth"]))


def ratios(hits: float, said: float, true: float) -> dict[str, float]:
    """Precision, recall and F1 of so many hits among those said and those true."""
    precision, recall = hits / said if said else 0.0, hits / true if true else 0.0
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * hits / (said + true) if said + true else 0.0, 4),
    }


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


Runner = Callable[[], dict[str, Any]]


def main(contestants: dict[str, Runner], both: Callable[[], dict[str, Any]]) -> None:
    """Run one contestant when named on the command line, else the whole benchmark, whose JSON is the last line."""
    if len(sys.argv) > 1 and sys.argv[1] in contestants:
        report(contestants[sys.argv[1]]())
    else:
        print(json.dumps(both(), ensure_ascii=False))
