"""Each predicate on all pairs of short texts: DuckDB says what the reference says."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from matching.engines import get_engine
from matching.model import Block, LinkageModel, Thresholds
from matching.predicates import Key
from tests.matching.conftest import comparison

TEXTS = {
    "ascii": ["".join(letters) for size in range(5) for letters in product("ab ", repeat=size)],
    "mixed": ["".join(letters) for size in range(5) for letters in product("张𡃁a", repeat=size)],
    "dates": ["2010-01-02", "2010-02-01", "2010-01-20", "2010-10-02", "2010-01-12", "2001-01-02", "2010-11-02", "2010-02-30", "20100102", "2010", ""],
}
PREDICATES = [
    "levenshtein(a) <= 0", "levenshtein(a) <= 1", "levenshtein(a) <= 2", "damerau(a) <= 1", "damerau(a) <= 2",
    "jaro_winkler(a) >= 0.7", "jaro_winkler(a) >= 0.9", "jaro_winkler(a) >= 1", "prefix(a, 1)", "prefix(a, 3)", "contains(a, 1)", "contains(a, 2)",
    "shared_tokens(a) >= 1", "exact(a)", "not exact(a)", "any_null(a)", "both_null(a)", "days_apart(a) <= 31",
    "month_day_swapped(a)", "date_one_typo(a)",
]  # fmt: skip


@pytest.mark.parametrize("kind", TEXTS)
def test_every_predicate_on_all_pairs_of_short_texts(kind: str) -> None:
    table = pd.DataFrame({"a": [*TEXTS[kind], None]}).assign(id=lambda frame: range(len(frame)))
    comparisons = tuple(comparison(f"p{place}", (text, {}), (None, {})) for place, text in enumerate(PREDICATES))
    model = LinkageModel("all", 1, 0.1, Thresholds(0.9, 0.8, 0.5), (Block((Key("a"),)),), comparisons)
    left, right = np.meshgrid(table["id"], table["id"], indexing="ij")
    pairs = pa.table({"id_l": left.ravel(), "id_r": right.ravel()})
    expected, found = (get_engine(name).compare(pairs, table, None, model).to_pandas() for name in ("recordlinkage", "duckdb"))
    for place, text in enumerate(PREDICATES):
        differs = expected[f"p{place}_level"] != found[f"p{place}_level"]
        assert not differs.any(), (text, expected[differs].head(3)[["id_l", "id_r"]].to_numpy().tolist())
    symmetric = expected.set_index(["id_l", "id_r"]).sort_index()
    turned = symmetric.reorder_levels([1, 0]).sort_index()
    assert (symmetric.to_numpy() == turned.to_numpy()).all(), "a predicate depends on which record comes first"
    used = expected[[f"p{place}_level" for place in range(12)]].nunique()
    assert kind == "dates" or (used == 2).all()
