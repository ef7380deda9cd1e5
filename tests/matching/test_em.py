"""EM finds the shares that pairs were drawn with, never reaches 0, and does not care about the order of pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from matching.em import learn_m
from matching.model import Comparison, Label, Level, ModelError
from matching.predicates import parse

LABEL = Label("某", "it")
TRUE = {"name": (0.9, 0.07, 0.03), "birth": (0.95, 0.03, 0.02), "place": (0.6, 0.3, 0.1)}
FALSE = {"name": (0.01, 0.04, 0.95), "birth": (0.02, 0.08, 0.9), "place": (0.1, 0.2, 0.7)}


def comparison(name: str, *, trained: bool = True) -> Comparison:
    """Three levels, 2 the closest, with the u of FALSE and a poor guess at m."""
    guess = (0.5, 0.3, 0.2)
    conditions = (parse(f"exact({name})"), parse(f"damerau({name}) <= 1"), None)
    levels = [Level(f"level_{2 - n}", conditions[n], LABEL, m=guess[n], u=FALSE[name][n] if trained else None) for n in range(3)]
    return Comparison(name, (Level("missing", parse(f"any_null({name})"), LABEL, is_null=True), *levels), LABEL)


def drawn(count: int, share: float, seed: int) -> pd.DataFrame:
    """Levels of pairs of which ``share`` are of one person; every tenth value is missing."""
    chance = np.random.default_rng(seed)
    one_person = chance.random(count) < share
    columns = {}
    for name in TRUE:
        sides = [chance.choice([2, 1, 0], count, p=shares[name]) for shares in (TRUE, FALSE)]
        columns[f"{name}_level"] = np.where(chance.random(count) < 0.1, -1, np.where(one_person, *sides))
    return pd.DataFrame(columns)


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_shares_are_found_again(share: float) -> None:
    found = learn_m(drawn(60_000, share, 3), [comparison(name) for name in TRUE], smallest=1e-3)
    for name, shares in TRUE.items():
        assert [found[name][level] for level in (2, 1, 0)] == pytest.approx(shares, abs=0.02)


def test_order_does_not_matter_and_nothing_reaches_zero() -> None:
    pairs = drawn(5_000, 0.3, 4)
    pairs.loc[pairs["name_level"] == 1, ["birth_level", "place_level"]] = 0  # a level that only two people's pairs are at
    found = learn_m(pairs, [comparison(name) for name in TRUE], smallest=1e-3)
    assert learn_m(pairs.sample(frac=1, random_state=1), [comparison(name) for name in TRUE], smallest=1e-3) == found
    assert all(0.0009 < share < 1 for shares in found.values() for share in shares.values())
    assert all(sum(shares.values()) == pytest.approx(1) for shares in found.values())
    assert found["name"][1] < 0.01


def test_levels_that_no_pair_is_at_are_not_told() -> None:
    pairs = drawn(2_000, 0.3, 5)
    found = learn_m(pairs[pairs["place_level"] != 1], [comparison(name) for name in TRUE], smallest=1e-3)
    assert set(found["place"]) == {0, 2}


def test_u_comes_first() -> None:
    with pytest.raises(ModelError, match="count u first"):
        learn_m(drawn(100, 0.3, 5), [comparison(name, trained=False) for name in TRUE], smallest=1e-3)
