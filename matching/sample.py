"""Pairs for people to judge: stratified by probability, so that doubtful ones are seen; blind, so that scores do not sway.

The choice depends on ids and seed only, never on the order of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Sample:
    """`questions`: question (from 1), id_a, id_b, and nothing that gives the score away, in an order and with sides
    that do not either. `key`: question, id_l, id_r, stratum, probability, chance (of being asked). `strata`: pairs in each
    stratum; `linked`: whether its pairs are links."""

    questions: pd.DataFrame
    key: pd.DataFrame
    strata: dict[str, int]
    linked: dict[str, bool]


def stratified_sample(pairs: pa.Table, *, edges: Sequence[float], join: float, per_stratum: int, seed: int) -> Sample:
    """Choose pairs to be judged.

    `pairs` has id_l, id_r, probability; `edges` cut probability into strata, which is the weight with the prior. With a column
    `linked` (bool) strata are split by it, for a pair can be a link below `join`, or none above it; without one `join` is added to
    the edges. With a column `group` (text: tiers, say) each group has strata of its own. `per_stratum` pairs are asked of each
    stratum, or all where there are fewer.
    """
    given = [name for name in ("linked", "group") if name in pairs.column_names]
    frame = pairs.select(["id_l", "id_r", "probability", *given]).to_pandas()
    if "linked" not in frame:
        frame["linked"] = frame["probability"] >= join
    cuts = sorted({0.0, 1.0, *edges} | ({join} if "linked" not in given else set()))
    place = np.clip(np.searchsorted(cuts, frame["probability"], side="right") - 1, 0, len(cuts) - 2)
    frame["stratum"] = np.array([f"{low:g} to {high:g}" for low, high in pairwise(cuts)])[place]
    if "group" in given:
        frame["stratum"] = frame["group"].astype(str) + " " + frame["stratum"]
    if "linked" in given:
        frame["stratum"] += np.where(frame["linked"], " linked", " apart")
    frame["draw"] = lots(frame, seed)
    sizes = frame["stratum"].value_counts()
    chosen = frame.sort_values(["draw", "id_l", "id_r"]).groupby("stratum").head(per_stratum)
    key = chosen.assign(chance=np.minimum(1.0, per_stratum / chosen["stratum"].map(sizes))).reset_index(drop=True)
    key["question"] = np.arange(1, len(key) + 1)
    turned = lots(key, seed + 1) % 2 == 0
    questions = pd.DataFrame(
        {
            "question": key["question"],
            "id_a": np.where(turned, key["id_r"], key["id_l"]),
            "id_b": np.where(turned, key["id_l"], key["id_r"]),
        }
    )
    linked = {str(name): bool(value) for name, value in frame.groupby("stratum")["linked"].first().items()}
    columns = ["question", "id_l", "id_r", "stratum", "probability", "chance"]
    return Sample(questions, key[columns], {name: int(sizes[name]) for name in linked}, linked)


def lots(frame: pd.DataFrame, seed: int) -> NDArray[np.uint64]:
    """A number drawn for each pair (columns id_l, id_r) from its ids and the seed."""
    salt = pd.Series(np.full(len(frame), seed, dtype=np.int64))
    keyed = pd.DataFrame({"l": frame["id_l"].to_numpy(), "r": frame["id_r"].to_numpy(), "salt": salt.to_numpy()})
    return np.asarray(pd.util.hash_pandas_object(keyed, index=False), dtype=np.uint64)
