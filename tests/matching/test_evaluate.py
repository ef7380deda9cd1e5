"""Figures of small clusterings worked out by hand, estimates against known truth, and samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from matching.engines import Call, Scored, get_engine
from matching.engines.duckdb import DuckDBEngine
from matching.evaluate import Intervals, challenge, estimate, evaluate, self_probability, threshold_figures, unlinkable_share, wilson
from matching.model import Block, Comparison, Label, Level, LinkageModel, Thresholds
from matching.predicates import Key, parse
from matching.sample import stratified_sample
from tests.matching.conftest import people

NONE = Intervals(repeats=0)


def figure(table: pd.DataFrame, measure: str, name: str, group: str = "all") -> float:
    row = table[(table["measure"] == measure) & (table["figure"] == name) & (table["group"] == group)]
    return float(row["value"].iloc[0])


# truth, found -> pairwise P, R; B-cubed P, R; cluster P, R
BY_HAND = [
    ("aabb", "1122", 1, 1, 1, 1, 1, 1),
    ("aabb", "1111", 2 / 6, 1, 1 / 2, 1, 0, 0),
    ("aabb", "1234", np.nan, 0, 1, 1 / 2, 0, 0),
    ("aaab", "1122", 1 / 2, 1 / 3, 3 / 4, (4 / 3 + 1 / 3 + 1) / 4, 0, 0),
    ("aabc", "1123", 1, 1, 1, 1, 1, 1),
    ("aabbc", "11234", 1, 1 / 2, 1, 4 / 5, 2 / 4, 2 / 3),
]


@pytest.mark.parametrize(("truth", "found", "pp", "pr", "bp", "br", "cp", "cr"), BY_HAND)
def test_figures_worked_out_by_hand(truth: str, found: str, pp: float, pr: float, bp: float, br: float, cp: float, cr: float) -> None:
    table = evaluate(pd.DataFrame({"truth": list(truth), "found": list(found)}), intervals=NONE)
    values = [figure(table, measure, name) for measure in ("pairwise", "b_cubed", "cluster") for name in ("precision", "recall")]
    assert values == pytest.approx([pp, pr, bp, br, cp, cr], nan_ok=True)


def test_subgroups_and_intervals() -> None:
    chance = np.random.default_rng(3)
    truth = np.repeat(np.arange(400), 2)
    found = np.where(chance.random(800) < 0.1, np.arange(1000, 1800), truth)
    group = np.where(truth < 200, "x", None)
    records = pd.DataFrame({"truth": truth, "found": found, "group": group})
    table = evaluate(records, by=["group"])
    assert set(table["group"]) == {"all", "x", "missing"}
    whole = table[(table["group"] == "all") & (table["figure"] == "recall") & (table["measure"] == "pairwise")].iloc[0]
    assert whole["low"] < whole["value"] < whole["high"]
    assert whole["low"] < 0.81 < whole["high"]
    assert 0.03 < whole["high"] - whole["low"] < 0.12
    shuffled = evaluate(records.sample(frac=1, random_state=2), by=["group"], intervals=NONE)
    assert shuffled["value"].to_numpy() == pytest.approx(table["value"].to_numpy())


def test_a_missing_truth_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be missing"):
        evaluate(pd.DataFrame({"truth": ["a", None], "found": [1, 1]}))


def test_wilson_against_published_values() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I
    assert wilson(0, 0) == (0.0, 1.0)


def test_thresholds_trade_precision_for_recall() -> None:
    pairs = pa.table({"id_l": [1, 1, 2, 4], "id_r": [2, 3, 3, 5], "probability": [0.9, 0.8, 0.4, 0.3]})
    truth = pd.Series([7, 7, 8, 9, 9], index=[1, 2, 3, 4, 5])
    table = threshold_figures(pairs, truth, [0.95, 0.85, 0.5, 0.3])
    assert table["links"].tolist() == [0, 1, 2, 4]
    assert table["precision"].tolist() == pytest.approx([np.nan, 1, 0.5, 0.5], nan_ok=True)
    assert table["recall"].tolist() == pytest.approx([0, 0.5, 0.5, 1])


def scored_pairs(count: int, seed: int) -> tuple[pa.Table, dict[tuple[int, int], bool]]:
    """Pairs whose probability is right: a pair of probability p is a match p of the time."""
    chance = np.random.default_rng(seed)
    probability = chance.beta(0.3, 0.6, count)
    match = chance.random(count) < probability
    pairs = pa.table({"id_l": np.arange(count), "id_r": np.arange(count) + count, "probability": probability})
    return pairs, dict(zip(zip(range(count), range(count, 2 * count), strict=True), match, strict=True))


def test_estimates_without_truth_cover_the_truth() -> None:
    covered = {"precision": 0, "recall": 0}
    for seed in range(40):
        pairs, truth = scored_pairs(20_000, seed)
        linked = pairs["probability"].to_numpy() >= 0.9
        match = np.array(list(truth.values()))
        real = {"precision": match[linked].mean(), "recall": match[linked].sum() / match.sum()}
        sample = stratified_sample(pairs, edges=[0.01, 0.2, 0.5, 0.99], join=0.9, per_stratum=150, seed=seed)
        answers = sample.key.assign(is_match=[truth[pair] for pair in zip(sample.key["id_l"], sample.key["id_r"], strict=True)])
        found = estimate(answers, sample.strata, sample.linked)
        for name, value in real.items():
            covered[name] += found[name].low <= value <= found[name].high
            assert abs(found[name].value - value) < 0.12
    assert min(covered.values()) >= 35


def test_a_sample_is_blind_stratified_and_order_free() -> None:
    pairs, _ = scored_pairs(5_000, 1)
    sample = stratified_sample(pairs, edges=[0.5], join=0.9, per_stratum=50, seed=4)
    assert sample.key["stratum"].value_counts().to_dict() == {"0 to 0.5": 50, "0.5 to 0.9": 50, "0.9 to 1": 50}
    assert sum(sample.strata.values()) == 5_000
    assert sample.linked == {"0 to 0.5": False, "0.5 to 0.9": False, "0.9 to 1": True}
    assert list(sample.questions.columns) == ["question", "id_a", "id_b"]
    turned = (sample.questions["id_a"] > sample.questions["id_b"]).mean()
    assert 0.3 < turned < 0.7
    assert sample.key["stratum"].iloc[:20].nunique() == 3, "the order gives the strata away"
    shuffled = pairs.take(np.random.default_rng(0).permutation(5_000))
    again = stratified_sample(shuffled, edges=[0.5], join=0.9, per_stratum=50, seed=4)
    pd.testing.assert_frame_equal(again.questions, sample.questions)


def test_records_that_say_nothing_are_unlinkable(model: LinkageModel) -> None:
    table = people(8, 80)
    table.loc[table.index[:10], ["name", "birth", "place"]] = None
    found = self_probability(get_engine("duckdb"), table, model)
    assert found.index.is_unique
    assert found.loc[table["id"].iloc[:10]].tolist() == pytest.approx([model.prior] * 10)
    assert 10 / 80 <= unlinkable_share(found, model) < 1


def test_the_challenger_sees_every_difference(model: LinkageModel) -> None:
    table = people(9, 80)
    reference, engine = get_engine("recordlinkage"), DuckDBEngine()
    assert challenge(reference, engine, (table, None), model).agree

    class Wrong(DuckDBEngine):
        def score_pairs(self, left, right, model, **options):  # type: ignore[no-untyped-def]
            return super().score_pairs(left.head(70), right, model, **options)

    report = challenge(reference, Wrong(), (table, None), model, call=Call())
    assert report.only_first > 0
    assert not report.agree


def test_what_differs_between_engines_is_named(model: LinkageModel) -> None:
    table = people(9, 80)

    class Wrong(DuckDBEngine):
        def score_pairs(self, left, right, model, **options):  # type: ignore[no-untyped-def]
            found = super().score_pairs(left, right, model, **options)
            first = next(name for name in found.pairs.column_names if name.endswith("_level"))
            place = found.pairs.column_names.index(first)
            levels = found.pairs[first].to_pylist()
            pairs = found.pairs.set_column(place, first, pa.array([5, *levels[1:]], pa.int8())).slice(0, len(levels) - 1)
            return Scored(pairs, found.compared, found.capped)

    report = challenge(DuckDBEngine(), Wrong(), (table, None), model)
    assert (report.levels_differ, report.only_first, report.only_second) == (1, 1, 0)
    assert sorted(report.differing["what"]) == sorted([model.comparisons[0].name, "only first"])


def test_a_level_that_speaks_against_a_record_itself_does_not_make_it_unlinkable() -> None:
    """Two entries of one register are seldom one person; a single entry is still as linkable as any."""
    label = Label("某", "it")

    def pair(name: str, m: float, u: float) -> Comparison:
        levels = (Level("same", parse(f"exact({name})"), label, m=m, u=u), Level("other", None, label, m=1 - m, u=1 - u))
        return Comparison(name, levels, label)

    rows = pd.DataFrame({"id": [1, 2], "number": ["7", "8"], "register": ["police", "police"]})
    limits = Thresholds(0.9, 0.8, 0.5)
    one = LinkageModel("it", 1, 0.01, limits, (Block((Key("number"),)),), (pair("number", 0.99, 0.0001), pair("register", 0.001, 0.4)))
    found = self_probability(get_engine("duckdb"), rows, one)
    assert found.tolist() == pytest.approx([0.99 * 0.01 / (0.99 * 0.01 + 0.0001 * 0.99)] * 2)


def test_strata_keep_groups_and_links_apart() -> None:
    pairs, _ = scored_pairs(2_000, 2)
    count = pairs.num_rows
    more = pairs.append_column("linked", pa.array(np.arange(count) % 3 == 0)).append_column("group", pa.array(["a", "b"] * (count // 2)))
    sample = stratified_sample(more, edges=[0.5], join=0.9, per_stratum=10, seed=4)
    assert set(sample.strata) == {f"{group} {band} {end}" for group in "ab" for band in ("0 to 0.5", "0.5 to 1") for end in ("linked", "apart")}
    assert all(linked == name.endswith("linked") for name, linked in sample.linked.items())
    assert sum(sample.strata.values()) == count
