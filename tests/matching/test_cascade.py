"""Sure keys first: what they find, what is left to score, and that nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from matching.cascade import Sure, cascade
from matching.engines import Call
from matching.engines.duckdb import DuckDBEngine
from matching.model import Block, LinkageModel
from matching.predicates import Key, parse
from tests.matching.conftest import people

SURE = (
    Sure("name and birth", Block((Key("name"), Key("birth")))),
    Sure("birth and a name alike", Block((Key("birth"),)), parse("levenshtein(name) <= 1 and exact(sex)")),
)


@pytest.fixture
def plain(model: LinkageModel) -> LinkageModel:
    return replace(model, block_cap=10_000, blocks=model.blocks[1:])


def by_hand(left: pd.DataFrame, right: pd.DataFrame) -> dict[tuple[int, int], int]:
    """The pairs of the first sure key, in pandas."""
    held = [frame.dropna(subset=["name", "birth"]) for frame in (left, right)]
    merged = held[0].merge(held[1], on=["name", "birth"], suffixes=("_l", "_r"))
    return dict.fromkeys(zip(merged["id_l"], merged["id_r"], strict=True), 0)


def test_between_tables_the_rest_is_what_no_sure_key_linked(plain: LinkageModel) -> None:
    left, right = people(21, 300), people(22, 300)
    found = cascade(DuckDBEngine(), left, right, plain, SURE, one_to_one=True)
    sure = found.sure.to_pandas()
    assert set(sure.loc[sure["tier"] == 0, ["id_l", "id_r"]].itertuples(index=False, name=None)) == set(by_hand(left, right))
    assert (sure["tier"] == 1).sum() > 0
    rest = [frame[~frame["id"].isin(sure[f"id_{side}"])] for frame, side in ((left, "l"), (right, "r"))]
    scored = found.scored.pairs.to_pandas()
    assert set(scored["id_l"]) <= set(rest[0]["id"])
    assert set(scored["id_r"]) <= set(rest[1]["id"])
    whole = DuckDBEngine().score_pairs(left, right, plain).pairs.to_pandas()
    kept = whole[whole["id_l"].isin(rest[0]["id"]) & whole["id_r"].isin(rest[1]["id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(scored, kept)


def test_within_a_table_the_rest_is_scored_against_all(plain: LinkageModel) -> None:
    table = people(23, 300)
    found = cascade(DuckDBEngine(), table, None, plain, SURE)
    sure = found.sure.to_pandas()
    assert len(sure) > 3
    assert (sure["id_l"] < sure["id_r"]).all()
    linked = set(sure["id_l"]) | set(sure["id_r"])
    marked = table.assign(is_rest=~table["id"].isin(linked))
    expected = DuckDBEngine().score_pairs(marked, None, plain, call=Call(new_column="is_rest")).pairs
    assert found.scored.pairs.equals(expected)


def test_one_to_one_is_between_tables(plain: LinkageModel) -> None:
    with pytest.raises(ValueError, match="nothing is one to one"):
        cascade(DuckDBEngine(), people(1, 5), None, plain, SURE, one_to_one=True)
