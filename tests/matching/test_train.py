"""Training finds what the data were made with, and says what would change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from matching.compare.standard import COMPARISONS, birth_date, exact, long_name
from matching.engines import get_engine
from matching.engines.duckdb import DuckDBEngine
from matching.model import Block, Label, LinkageModel, Thresholds
from matching.patterns import agreeing_pairs, all_pairs, blocked_patterns, random_patterns
from matching.predicates import Key
from matching.train import Plan, change_of, train, train_on_decisions

LABEL = Label("某", "it")


def two_files(count: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two files of the same people; 10% of the names and 20% of the places of the second are another."""
    chance = np.random.default_rng(seed)
    letters = np.array(list("abcdefghijklmnoprstuvw"))
    names = np.array(["".join(row) for row in chance.choice(letters, size=(400, 7))])
    left = pd.DataFrame(
        {
            "id": np.arange(count),
            "name": chance.choice(names, count),
            "birth": pd.to_datetime("1950-01-01") + pd.to_timedelta(chance.integers(0, 15_000, count), unit="D"),
            "place": chance.choice([f"p{n}" for n in range(30)], count),
        }
    )
    right = left.assign(id=left["id"] + count)
    other = chance.random(count) < 0.1
    right.loc[other, "name"] = chance.choice(names, other.sum())
    moved = chance.random(count) < 0.2
    right.loc[moved, "place"] = chance.choice([f"p{n}" for n in range(30)], moved.sum())
    return left, right


@pytest.fixture(scope="module")
def start() -> LinkageModel:
    comparisons = (long_name("name", LABEL), birth_date("birth", LABEL), exact("place", LABEL, floor=0.001))
    blocks = (Block((Key("birth"),)), Block((Key("name"), Key("place"))))
    return LinkageModel("two files", 1, 0.001, Thresholds(0.9, 0.8, 0.5), blocks, comparisons)


def test_training_finds_the_rates_the_files_were_made_with(start: LinkageModel) -> None:
    left, right = two_files(1500, 5)
    plan = Plan(em_blocks=(Block((Key("birth"),)), Block((Key("name"),))), sure=(Block((Key("name"), Key("birth"))),), recall=0.9, u_pairs=3e5)
    trained = train(left, right, start, plan, describe={"data": "made up"})
    again = train(left.sample(frac=1, random_state=1), right, start, plan, describe={"data": "made up"})
    assert again.hash == trained.hash
    assert (trained.version, dict(trained.training)["data"]) == (2, "made up")
    assert trained.prior == pytest.approx(1 / 1500, rel=0.05)
    same_name, same_place = trained.comparison("name").levels[1], trained.comparison("place").levels[1]
    assert same_name.m == pytest.approx(0.9, abs=0.03)
    assert same_name.u == pytest.approx(1 / 400, rel=0.25)
    assert same_place.m == pytest.approx(0.8 + 0.2 / 30, abs=0.03)
    assert same_place.u == pytest.approx(1 / 30, rel=0.1)
    change = change_of(get_engine("duckdb"), left, right, start, trained)
    assert change.links_after - change.links_before == change.gained - change.lost
    assert change.links_after > 1300
    assert len(change.weights) == sum(len(comparison.levels) for comparison in start.comparisons)


def test_pairs_of_one_person_among_the_random_ones_do_not_count_for_u(start: LinkageModel) -> None:
    """300 people with 8 records each: of the random pairs with one birth date three quarters are of one person."""
    left, _ = two_files(300, 9)
    table = pd.concat([left] * 8, ignore_index=True)
    other = np.random.default_rng(9).random(len(table)) < 0.2
    table.loc[other, "place"] = "elsewhere"
    table["id"] = np.arange(len(table))
    by_birth, by_name = Block((Key("birth"),)), Block((Key("name"),))
    trained = train(table, None, start, Plan(em_blocks=(by_birth, by_name), sure=(Block((Key("name"), Key("birth"))),), recall=1, u_pairs=2e5))
    apart = (table["birth"].value_counts().pow(2).sum() - 300 * 64) / (len(table) ** 2 - 300 * 64)
    together = table["birth"].value_counts().pow(2).sum() / len(table) ** 2
    assert together > 5 * apart
    assert trained.comparison("birth").levels[1].u == pytest.approx(apart, rel=0.6)
    assert trained.prior == pytest.approx(300 * 28 / (2400 * 2399 / 2), rel=0.1)


def test_what_training_counts(start: LinkageModel) -> None:
    left, right = two_files(300, 8)
    by_place, by_name = Block((Key("place"),)), Block((Key("name", "prefix", 1),))
    met = left.merge(right, on="place").assign(one=lambda pairs: pairs["name_x"].str[0] == pairs["name_y"].str[0])
    named = left.assign(one=left["name"].str[0]).merge(right.assign(one=right["name"].str[0]), on="one")
    expected = len(met) + len(named) - met["one"].sum()
    seen = []
    for shuffled in (left, left.sample(frac=1, random_state=2)):
        with DuckDBEngine().session(shuffled, right, start) as session:
            assert all_pairs(session) == 300 * 300
            assert agreeing_pairs(session, (by_place, by_name)) == expected
            comparison = start.comparison("birth")
            every, count = blocked_patterns(session, (comparison,), by_place, 1e9)
            assert (sum(every["pairs"].to_pylist()), count) == (len(met), len(met))
            some, count = blocked_patterns(session, (comparison,), by_place, len(met) / 4)
            assert count == len(met)
            assert sum(some["pairs"].to_pylist()) == pytest.approx(len(met) / 4, rel=0.3)
            drawn = random_patterns(session, (comparison,), 5000, seed=1)
            assert sum(drawn["pairs"].to_pylist()) == 5000
            seen.append((some.to_pylist(), drawn.to_pylist()))
    assert seen[0] == seen[1]


def test_a_rule_that_teaches_nothing_is_named(start: LinkageModel) -> None:
    left, right = two_files(50, 7)
    every = Block((Key("name"), Key("birth"), Key("place")))
    with pytest.raises(ValueError, match="the rule name brings no two records together"):
        train(left, right.assign(name="nobody"), start, Plan(em_blocks=(Block((Key("name"),)),), u_pairs=1e4))
    with pytest.raises(ValueError, match="the rule name, birth, place leaves no comparison to learn"):
        train(left, right, start, Plan(em_blocks=(every,), u_pairs=1e4))


def test_decisions_move_m_and_leave_u(start: LinkageModel) -> None:
    levels = pa.table({f"{name}_level": pa.array([0] * 100, pa.int8()) for name in ("name", "birth", "place")})
    new = train_on_decisions(levels, start, strength=100)
    before, after = start.comparison("place").levels, new.comparison("place").levels
    assert after[2].m == pytest.approx((100 * 0.05 + 100) / 200, abs=1e-5)
    assert [level.u for level in after] == [level.u for level in before]
    assert new.version == 2


def test_a_plan_may_keep_comparisons_and_must_fit_the_model(start: LinkageModel) -> None:
    left, right = two_files(400, 6)
    blocks = Block((Key("birth"),)), Block((Key("name"),))
    trained = train(left, right, start, Plan(em_blocks=blocks, keep=("place",), u_pairs=1e5))
    assert trained.comparison("place") == start.comparison("place")
    assert trained.comparison("name") != start.comparison("name")
    assert all(level.m >= 0.001 / 1.05 for c in trained.comparisons for level in c.levels if level.m is not None)
    for plan in (Plan(em_blocks=blocks, keep=("shoes",)), Plan(em_blocks=(Block((Key("shoes"),)),))):
        with pytest.raises(ValueError, match="the model has no shoes"):
            train(left, right, start, plan)


@pytest.mark.parametrize("name", COMPARISONS)
def test_ready_made_comparisons_are_sound(name: str, start: LinkageModel) -> None:
    model = replace(start, comparisons=(COMPARISONS[name]("value", LABEL),))
    assert model.is_trained
    weights = [level.weight for level in model.comparisons[0].levels if not level.is_null]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > 0 > weights[-1]
