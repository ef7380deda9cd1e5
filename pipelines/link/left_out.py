"""Telling what linking left out: blocks above the model's cap, and numbers under which too many different people stand."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import pandas as pd

from matching.block import Capped
from pipelines.contracts.link_report import LINK_REPORT
from pipelines.storage.frames import write_frame


def write_left_out(con: duckdb.DuckDBPyConnection, path: Path, capped: Iterable[Capped], shared: Mapping[str, int]) -> None:
    """Write ``link_report``: a row per blocking rule that left blocks out, and one per rule of tiers 0 and 1 under which values were ``shared``
    by too many to be evidence (how many such values; none is no row)."""
    rows: list[tuple[str, str, int, int | None, int | None]] = [("hot_block", each.name, each.blocks, each.records, each.largest) for each in capped]
    measures = {rule: "shared_number" if rule == "same_number" else "shared_reference" for rule in shared}
    rows += [(measures[rule], rule, count, None, None) for rule, count in sorted(shared.items()) if count]
    frame = pd.DataFrame(rows, columns=list(LINK_REPORT.names)).astype({"count": "int64", "records": "Int64", "largest": "Int64"})
    write_frame(frame, LINK_REPORT, path, con)
