"""The few operations that every register's frame shares: building one, and words for codes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator.clock import NEVER

Columns = Mapping[str, Any]


def frame(columns: Columns, seen: Any) -> pd.DataFrame:
    """A register's frame: ``base`` counts the records, every version stands until further notice."""
    made = pd.DataFrame(dict(columns))
    made["seen"] = seen
    made["until"] = NEVER
    made.insert(0, "base", np.arange(len(made)))
    return made


def words(table: tuple[str, ...], index: object) -> pa.Array:
    """Words by position; an empty word becomes null."""
    return pa.array([word or None for word in table], pa.string()).take(pa.array(np.asarray(index, dtype=np.int64)))


def serial(prefix: str, values: object, width: int) -> pa.Array:
    """``P000000042``."""
    text = pc.utf8_lpad(pc.cast(pa.array(np.asarray(values, dtype=np.int64)), pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, text, "")
