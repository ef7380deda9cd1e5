"""Splink, given the same model, gives the same pairs, levels and weights."""

from __future__ import annotations

import sys
from dataclasses import replace

import pandas as pd
import pytest

from matching.engines import MissingEngineError, get_engine
from matching.engines.duckdb import DuckDBEngine
from matching.engines.splink import linker
from matching.model import LinkageModel
from matching.score import to_weight
from tests.matching.conftest import people


@pytest.mark.parametrize("between", [False, True])
def test_splink_gives_the_same_weights(model: LinkageModel, *, between: bool) -> None:
    plain = replace(model, blocks=tuple(block for block in model.blocks if not block.exploding), block_cap=10_000)
    left, right = people(11, 150), people(12, 150, first_id=2) if between else None
    engine = DuckDBEngine()
    ours = engine.score_pairs(left, right, plain).pairs.to_pandas()
    with engine.session(left, right, plain) as session:
        found = linker(plain, session).inference.predict().as_pandas_dataframe()
    assert len(found) == len(ours) > 1000
    names = {f"gamma_{c.name}": f"{c.name}_level" for c in plain.comparisons}
    sides = {"id_l": "id_l", "id_r": "id_r"}
    theirs = found.rename(columns=names | sides | {"match_weight": "weight", "match_probability": "probability"})[list(ours.columns)]
    theirs["weight"] -= to_weight(plain.prior)
    if not between:
        low, high = theirs[["id_l", "id_r"]].min(axis=1), theirs[["id_l", "id_r"]].max(axis=1)
        theirs = theirs.assign(id_l=low, id_r=high)
    theirs = theirs.sort_values(["id_l", "id_r"], ignore_index=True)
    pd.testing.assert_frame_equal(ours, theirs, check_dtype=False, rtol=0, atol=1e-6)


def test_unknown_engine_is_named() -> None:
    with pytest.raises(KeyError, match="there are recordlinkage, duckdb, spark"):
        get_engine("abacus")


@pytest.mark.parametrize(("name", "package"), [("spark", "pyspark"), ("duckdb", "duckdb"), ("recordlinkage", "recordlinkage")])
def test_a_missing_package_gives_one_line_that_says_what_to_install(name: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, f"matching.engines.{name}", raising=False)
    for module in [package, *(m for m in list(sys.modules) if m.startswith(f"{package}."))]:
        monkeypatch.setitem(sys.modules, module, None)  # parts that an earlier test has imported, too
    with pytest.raises(MissingEngineError) as caught:
        get_engine(name)
    assert "\n" not in str(caught.value)
    assert f"engine {name} needs the package {package}" in str(caught.value)
