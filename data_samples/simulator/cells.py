"""Changing single cells of a rendered register without touching the rest."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator.planted.plan import CellText


def positions(rows: pd.DataFrame, bases: list[int]) -> dict[int, list[int]]:
    """Positions of every version of some records."""
    wanted = np.flatnonzero(np.isin(rows["base"].to_numpy(), np.array(sorted(set(bases)), dtype=np.int64)))
    found: dict[int, list[int]] = defaultdict(list)
    for position, base in zip(wanted.tolist(), rows["base"].to_numpy()[wanted].tolist(), strict=True):
        found[base].append(position)
    return found


def overwrite(cells: pa.Table, rows: pd.DataFrame, texts: list[CellText]) -> pa.Table:
    """The table with the texts in place; a later text for the same cell wins."""
    if not texts:
        return cells
    where, seen = positions(rows, [text.base for text in texts]), rows["seen"].to_numpy()
    columns: dict[str, dict[int, str | None]] = defaultdict(dict)
    for text in texts:
        for position in where.get(text.base, ()):
            if seen[position] < text.until:
                columns[text.column][position] = text.text
    for name, values in columns.items():
        order = sorted(values)
        mask = np.zeros(len(cells), dtype=bool)
        mask[order] = True
        fresh = pa.array([values[position] for position in order], pa.string())
        old = cells.column(name).combine_chunks() if isinstance(cells.column(name), pa.ChunkedArray) else cells.column(name)
        place = cells.column_names.index(name)
        cells = cells.set_column(place, name, pc.replace_with_mask(old, pa.array(mask), fresh))
    return cells
