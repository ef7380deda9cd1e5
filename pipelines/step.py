"""What a step is, and all that it sees while it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.errors import RollcallError
from pipelines.settings import Deployment, SourceConfig

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class RunPin:
    """What a run is pinned to at its start. ``night`` is T, the as-of date; no step reads a clock."""

    night: date
    run_id: str
    parent: str | None
    config_hash: str
    code_version: str


def silent(done: int, total: int, what: str) -> None:
    """A progress callback that says nothing."""


@dataclass(frozen=True)
class StepContext:
    """Declared inputs and outputs of one call of one step.

    ``inputs`` maps a table (``links``, ``previous.links``) or a member of a family (``rec_police``) to a Parquet file that exists.
    """

    run: RunPin
    deployment: Deployment
    inputs: Mapping[str, Path]
    outputs: Path
    declared: frozenset[str]
    connect: Callable[[], duckdb.DuckDBPyConnection]
    source: SourceConfig | None = None
    inbox: str = ""
    landing: str = ""
    progress: Progress = silent

    def read(self, table: str, source: str | None = None) -> Path:
        """The Parquet file of a declared input; a per-source call reads its own source's member of a family."""
        for name in (f"{table}_{source}" if source else table, f"{table}_{self.source.source}" if self.source else table):
            if name in self.inputs:
                return self.inputs[name]
        raise RollcallError("RC-F01", f"the step reads '{table}' without declaring it", todo="Add it to Step.reads in pipelines/flow.py")

    def family(self, table: str) -> dict[str, Path]:
        """Every source's file of a family, by source in the deployment's order."""
        return {s: self.inputs[f"{table}_{s}"] for s in self.deployment.sources if f"{table}_{s}" in self.inputs}

    def write(self, table: str, source: str | None = None) -> Path:
        """Where to put a declared output."""
        if table not in self.declared:
            raise RollcallError("RC-F02", f"the step writes '{table}' without declaring it", todo="Add it to Step.writes in pipelines/flow.py")
        member = source or (self.source.source if self.source else None)
        return self.outputs / (f"{table}_{member}.parquet" if member else f"{table}.parquet")

    def folder(self, name: str) -> Path:
        """A folder among the outputs."""
        path = self.outputs / name
        path.mkdir(parents=True, exist_ok=True)
        return path


@dataclass(frozen=True)
class Step:
    """A named step of the night: what it reads, what it writes, what it runs."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    run: Callable[[StepContext], None]
    per_source: bool = False
