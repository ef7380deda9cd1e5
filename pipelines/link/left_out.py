"""Telling what linking left out: blocks above the model's cap, and numbers under which too many different people stand."""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pandas as pd

from matching.block import Capped
from pipelines.contracts.link_report import LINK_REPORT
from pipelines.storage.frames import write_frame


def write_left_out(con: duckdb.DuckDBPyConnection, path: Path, capped: Iterable[Capped], shared_numbers: int) -> None:
    """Write ``link_report``: a row per blocking rule that left blocks out, and one when ``shared_numbers`` (what tier 1 gives back) is above 0."""
    rows: list[tuple[str, str, int, int | None, int | None]] = [("hot_block", each.name, each.blocks, each.records, each.largest) for each in capped]
    if shared_numbers:
        rows.append(("shared_number", "same_number", shared_numbers, None, None))
    frame = pd.DataFrame(rows, columns=list(LINK_REPORT.names)).astype({"count": "int64", "records": "Int64", "largest": "Int64"})
    write_frame(frame, LINK_REPORT, path, con)
