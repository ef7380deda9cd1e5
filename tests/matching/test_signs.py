"""Judged by signs first, what is found is the same, and most pairs are never compared."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pandas as pd
import pytest

from matching.engines import Call, get_engine
from matching.engines.duckdb import DuckDBEngine
from matching.engines.session import Session
from matching.engines.signs import Signs, most_weights, reach_sql
from matching.model import Block, LinkageModel, TermFrequency
from matching.predicates import parse_key
from tests.matching.conftest import comparison, people

REFERENCE = get_engine("recordlinkage")


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs are looked at even where they hardly pay."""
    monkeypatch.setattr(Session, "many", -1.0)


@pytest.fixture
def judged(model: LinkageModel) -> LinkageModel:
    """The test model with blocks of whole keys, and with comparisons of which signs tell something."""
    keys = (["birth"], ["prefix(name, 1)", "year(birth)"], ["sex"], ["year_month(birth)", "sex"])
    blocks = tuple(Block(tuple(parse_key(key) for key in each), 12 if each == ["birth"] else None) for each in keys)
    name = comparison(
        "name",
        ("any_null(name)", {"is_null": True}),
        ("exact(name)", {"m": 0.6, "u": 0.01, "term_frequency": TermFrequency("name", 0.01, 0.9)}),
        ("damerau(name) <= 1 and not exact(sex)", {"m": 0.3, "u": 0.04}),
        ("prefix(name, 1) or damerau(name) <= 1", {"m": 0.05, "u": 0.15}),
        (None, {"m": 0.05, "u": 0.8}),
    )
    birth = comparison(
        "birth",
        ("both_null(birth, other)", {"is_null": True}),
        ("exact(birth)", {"m": 0.8, "u": 0.001}),
        ("date_one_typo(birth) or month_day_swapped(birth)", {"m": 0.15, "u": 0.009}),
        (None, {"m": 0.05, "u": 0.99}),
    )
    return replace(model, blocks=blocks, block_cap=90, comparisons=(name, birth, model.comparisons[2]))


SHAPES = {
    "within": (people(31, 150), None, Call()),
    "between": (people(32, 110), people(33, 120, first_id=2), Call()),
    "new within": (people(34, 150), None, Call(new_column="is_new")),
    "new between": (people(35, 110), people(36, 120), Call(new_column="is_new")),
    "nothing": (people(37, 40).head(0), None, Call()),
}


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_is_found(shape: str, threshold: float, judged: LinkageModel) -> None:
    left, right, call = SHAPES[shape]
    expected = REFERENCE.score_pairs(left, right, judged, threshold=threshold, call=call)
    found = DuckDBEngine().score_pairs(left, right, judged, threshold=threshold, call=call)
    pd.testing.assert_frame_equal(found.pairs.to_pandas(), expected.pairs.to_pandas(), rtol=0, atol=1e-6)
    assert (found.compared, found.capped) == (expected.compared, expected.capped)
    if shape != "nothing" and threshold < 0.9:
        assert found.pairs.num_rows > 3


@pytest.mark.usefixtures("always")
def test_most_pairs_are_never_compared(judged: LinkageModel) -> None:
    left, right, call = SHAPES["between"]
    two = replace(judged, comparisons=judged.comparisons[:2])
    with DuckDBEngine().session(left, right, two, call) as session:
        compared, _ = session.find_pairs(0.95)
        [(kept,)] = session.database.rows("select count(*) from pairs")
    assert 0 < kept < compared / 3


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("when", ["levenshtein(name) <= 1", "damerau(name) <= 1", "date_one_typo(name)"])
def test_one_edit_always_shows(when: str, model: LinkageModel) -> None:
    """All texts of two letters, up to five of them: no pair one edit apart is left out."""
    words = ["".join(letters) for length in range(6) for letters in product("ab", repeat=length)]
    near = comparison("name", (when, {"m": 0.99, "u": 0.001}), (None, {"m": 0.01, "u": 0.999}))
    table = pd.DataFrame({"id": range(len(words)), "name": words, "sex": "F"})
    alone = replace(model, prior=0.1, comparisons=(near,), blocks=(Block((parse_key("sex"),)),), block_cap=100)
    found = DuckDBEngine().score_pairs(table, None, alone, threshold=0.5)
    assert found.pairs.equals(REFERENCE.score_pairs(table, None, alone, threshold=0.5).pairs)
    assert 50 < found.pairs.num_rows < found.compared


def test_signs_are_left_alone_where_they_rule_out_nothing(judged: LinkageModel) -> None:
    signs = Signs("hash({0})", {"t_name": 1, "n_birth": 3, "t_place": 1})
    assert reach_sql(judged, signs, -100.0) is None
    assert reach_sql(judged, signs, 5.0) is not None


def test_a_rare_value_weighs_the_most_that_its_floor_allows(judged: LinkageModel) -> None:
    level, most = most_weights(judged.comparison("name"))[0]
    assert level.name == "level_1"
    assert most == pytest.approx(level.weight)  # the base u is the floor
    endless = comparison("name", ("exact(name)", {"term_frequency": TermFrequency("name")}), (None, {}))
    assert most_weights(endless)[0][1] == float("inf")
