"""Every engine gives the same pairs, levels and weights as the reference, on random people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from matching.engines import Call, Engine, get_engine
from matching.engines.base import Scored
from matching.model import LinkageModel
from matching.score import score
from tests.matching.conftest import people

REFERENCE = get_engine("recordlinkage")


def spark() -> Engine:
    """Spark without the costly compiling of code that runs once."""
    return get_engine("spark", settings={"spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"})


SLOW_SPARK = pytest.param("spark", marks=pytest.mark.slow)
SHAPES = {
    "within": (people(1, 150), None, Call()),
    "between": (people(2, 100), people(3, 120, first_id=2), Call()),
    "new within": (people(4, 150), None, Call(new_column="is_new")),
    "new between": (people(5, 100), people(6, 120), Call(new_column="is_new")),
    "nothing": (people(7, 40).head(0), None, Call()),
}


def same(ours: Scored, reference: Scored) -> None:
    left, right = ours.pairs.to_pandas(), reference.pairs.to_pandas()
    pd.testing.assert_frame_equal(left, right, rtol=0, atol=1e-6)
    assert ours.pairs.schema == reference.pairs.schema
    assert (ours.compared, ours.capped) == (reference.compared, reference.capped)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["duckdb", SLOW_SPARK])
def test_engines_agree(name: str, shape: str, model: LinkageModel) -> None:
    left, right, call = SHAPES[shape]
    found = REFERENCE.score_pairs(left, right, model, call=call)
    same(get_engine(name).score_pairs(left, right, model, call=call), found)
    if shape != "nothing":
        assert found.pairs.num_rows > 100
    if shape in {"within", "between"}:
        assert found.capped
        for comparison in model.comparisons:
            levels = set(found.pairs[f"{comparison.name}_level"].to_pylist())
            assert levels == set(comparison.numbers), f"the random people do not reach every level of {comparison.name}"


def test_spark_agrees_on_a_small_file(model: LinkageModel) -> None:
    small = replace(model, blocks=model.blocks[2:3], comparisons=model.comparisons[:2], block_cap=8)
    left = people(8, 60)
    found = REFERENCE.score_pairs(left, None, small)
    same(spark().score_pairs(left, None, small), found)
    assert found.capped
    assert found.pairs.num_rows > 40


@pytest.mark.parametrize("name", ["duckdb", SLOW_SPARK])
def test_parts_give_the_whole(name: str, model: LinkageModel) -> None:
    left, right, call = SHAPES["between"]
    engine = get_engine(name)
    blocked = engine.block(left, right, model, call=call)
    assert blocked.pairs.equals(REFERENCE.block(left, right, model, call=call).pairs)
    scored = score(engine.compare(blocked.pairs, left, right, model, call=call), model)
    whole = engine.score_pairs(left, right, model, call=call)
    pd.testing.assert_frame_equal(scored.to_pandas(), whole.pairs.to_pandas(), rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["recordlinkage", "duckdb"])
def test_threshold_keeps_the_probable(name: str, model: LinkageModel) -> None:
    left, right, call = SHAPES["within"]
    engine = get_engine(name)
    everything = engine.score_pairs(left, right, model, call=call).pairs.to_pandas()
    kept = engine.score_pairs(left, right, model, threshold=0.2, call=call).pairs.to_pandas()
    assert 0 < len(kept) < len(everything)
    pd.testing.assert_frame_equal(kept, everything[everything["probability"] >= 0.2].reset_index(drop=True))


@pytest.mark.parametrize("name", ["recordlinkage", "duckdb"])
def test_order_and_form_of_the_input_change_nothing(name: str, model: LinkageModel, tmp_path: Path) -> None:
    left, _, call = SHAPES["within"]
    engine = get_engine(name)
    expected = engine.score_pairs(left, None, model, call=call).pairs
    path = tmp_path / "people.parquet"
    left.sample(frac=1, random_state=9).to_parquet(path)
    for table in (left.iloc[::-1], pa.Table.from_pandas(left), path):
        assert engine.score_pairs(table, None, model, call=call).pairs.equals(expected)


def test_a_database_of_the_callers_is_worked_in_and_left_clean(model: LinkageModel) -> None:
    left, _, _ = SHAPES["within"]
    with duckdb.connect() as connection:
        connection.execute("set disabled_optimizers = 'join_order'")
        connection.register("given", left)
        connection.execute("create table people as from given")
        found = get_engine("duckdb", connection=connection).score_pairs("people", None, model)
        same(found, REFERENCE.score_pairs(left, None, model))
        assert connection.execute("select current_setting('disabled_optimizers')").fetchall() == [("join_order,common_subplan",)]
        assert connection.execute("select table_name from duckdb_tables()").fetchall() == [("people",)]
        assert connection.execute("select count(*) from duckdb_functions() where function_name like 'codepoint%'").fetchall() == [(0,)]


@pytest.mark.parametrize("name", ["recordlinkage", "duckdb"])
def test_given_frequencies_are_used(name: str, model: LinkageModel) -> None:
    left, _, call = SHAPES["within"]
    engine = get_engine(name)
    values = sorted(set(left["name"].dropna()))
    table = pd.DataFrame({"value": values, "frequency": np.linspace(0.1, 0.9, len(values))})
    given = {"name": table, "place": table}
    ours = engine.score_pairs(left, None, model, call=call, frequencies=given)
    same(ours, REFERENCE.score_pairs(left, None, model, call=call, frequencies=given))
    counted = engine.score_pairs(left, None, model, call=call)
    assert not np.allclose(ours.pairs["weight"], counted.pairs["weight"])
