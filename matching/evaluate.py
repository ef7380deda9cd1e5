"""How good is a linkage, with truth at hand or without it.

Every figure is a ratio of two sums over records, so that subgroups and intervals come from the same table: pairwise
(are two records of one person together?), B-cubed (Bagga and Baldwin 1998: how much of a record's cluster is right?),
cluster (is a cluster exactly one person's?). Intervals resample true persons, as records of a person go together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

    from matching.engines.base import Call, Engine, Frequencies
    from matching.model import LinkageModel
    from matching.tables import Table

Floats = NDArray[np.float64]

MEASURES: dict[str, tuple[str, str, str, str]] = {
    "pairwise": ("pairs_hit", "pairs_said", "pairs_hit", "pairs_true"),
    "b_cubed": ("right_of_found", "one", "right_of_true", "one"),
    "cluster": ("whole_found", "found_share", "whole_true", "true_share"),
}
"""Measure -> sums for precision (above, below) and recall (above, below)."""


@dataclass(frozen=True)
class Intervals:
    """How intervals are drawn: `repeats` resamples of true persons (0 gives none), their seed, the level."""

    repeats: int = 200
    seed: int = 1
    level: float = 0.95


def record_sums(records: pd.DataFrame) -> pd.DataFrame:
    """What each record adds to each sum.

    Columns in: `truth` and `found`, the true person and the cluster of each record, without nulls.
    """
    truth, found = (pd.factorize(records[name])[0].astype(np.int64) for name in ("truth", "found"))
    if (truth < 0).any() or (found < 0).any():
        raise ValueError("truth and found must not be missing; leave such records out, or give each its own cluster")
    both = np.unique(truth * (found.max(initial=0) + 1) + found, return_inverse=True)[1]
    together, of_truth, of_found = (np.bincount(codes)[codes].astype(float) for codes in (both, truth, found))
    whole = (together == of_truth) & (together == of_found)
    return pd.DataFrame(
        {
            "person": truth,
            "one": 1.0,
            "pairs_hit": (together - 1) / 2,
            "pairs_said": (of_found - 1) / 2,
            "pairs_true": (of_truth - 1) / 2,
            "right_of_found": together / of_found,
            "right_of_true": together / of_truth,
            "found_share": 1 / of_found,
            "true_share": 1 / of_truth,
            "whole_found": whole / of_found,
            "whole_true": whole / of_truth,
        },
        index=records.index,
    )


def evaluate(records: pd.DataFrame, *, by: Sequence[str] = (), intervals: Intervals | None = None) -> pd.DataFrame:
    """Precision, recall and F1 of clusters against the truth, of all records and by subgroup.

    Columns in: `truth`, `found`, and the columns of `by`. Columns out: `column` and `group` (both "all" for the
    whole), `records`, `measure`, `figure` (precision, recall, f1), `value`, `low`, `high`. A figure of nothing is NaN.

    Raises:
        ValueError: a truth or a cluster is missing.
    """
    how = intervals or Intervals()
    sums = record_sums(records)
    parts = [_figures(sums, how).assign(column="all", group="all")]
    for column in by:
        groups = records[column].astype("string").fillna("missing")
        parts += [_figures(part, how).assign(column=column, group=str(name)) for name, part in sums.groupby(groups)]
    order = ["column", "group", "records", "measure", "figure", "value", "low", "high"]
    return pd.concat(parts, ignore_index=True)[order]


def _figures(sums: pd.DataFrame, how: Intervals) -> pd.DataFrame:
    names = [name for name in sums.columns if name != "person"]
    persons = sums.groupby("person")[names].sum().to_numpy()
    draws = [persons.sum(axis=0)]
    random = np.random.default_rng(how.seed)
    draws += [random.poisson(1.0, len(persons)) @ persons for _ in range(how.repeats)]
    totals = pd.DataFrame(np.array(draws), columns=names)
    rows = []
    for measure, (right, said, hit, true) in MEASURES.items():
        precision, recall = _ratio(totals[right], totals[said]), _ratio(totals[hit], totals[true])
        values = {"precision": precision, "recall": recall, "f1": _ratio(2 * precision * recall, precision + recall)}
        rows += [_row(measure, figure, value, how) | {"records": len(sums)} for figure, value in values.items()]
    return pd.DataFrame(rows)


def _ratio(above: pd.Series[float], below: pd.Series[float]) -> pd.Series[float]:
    return above / below.where(below > 0)


def _row(measure: str, figure: str, draws: pd.Series[float], how: Intervals) -> dict[str, object]:
    low, high = np.nan, np.nan
    if how.repeats and draws[1:].notna().any():
        low, high = np.nanquantile(draws[1:], [(1 - how.level) / 2, (1 + how.level) / 2])
    return {"measure": measure, "figure": figure, "value": float(draws[0]), "low": float(low), "high": float(high)}


def wilson(hits: float, trials: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a proportion (1927); (0, 1) of nothing.

    >>> [round(bound, 3) for bound in wilson(10, 10)]
    [0.722, 1.0]
    """
    if trials <= 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, extra = hits / trials, z * z / trials
    centre = (share + extra / 2) / (1 + extra)
    half = z / (1 + extra) * np.sqrt(share * (1 - share) / trials + extra / (4 * trials))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def threshold_figures(pairs: pa.Table, truth: pd.Series[int], thresholds: Sequence[float]) -> pd.DataFrame:
    """Precision and recall of bare links at each threshold, for a chart.

    `pairs` has id_l, id_r, probability; `truth` the true person by id. Pairs that were never compared count as missed.
    Columns out: threshold, links, precision (NaN without links), recall, f1.
    """
    same = truth.reindex(pairs["id_l"].to_numpy()).to_numpy() == truth.reindex(pairs["id_r"].to_numpy()).to_numpy()
    sizes = truth.value_counts().to_numpy().astype(float)
    true = float((sizes * (sizes - 1) / 2).sum())
    order = np.sort(pairs["probability"].to_numpy())
    hits = np.sort(pairs["probability"].to_numpy()[same])
    rows = []
    for threshold in thresholds:
        links, hit = (len(each) - int(np.searchsorted(each, threshold)) for each in (order, hits))
        precision, recall = hit / links if links else np.nan, hit / true if true else np.nan
        rows.append({"threshold": threshold, "links": links, "precision": precision, "recall": recall, "f1": 2 * hit / (links + true)})
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Estimate:
    """An estimated share with its interval."""

    value: float
    low: float
    high: float


def estimate(answers: pd.DataFrame, strata: Mapping[str, int], linked: Mapping[str, bool], level: float = 0.95) -> dict[str, Estimate]:
    """Precision and recall without truth, from the answers to a stratified sample (`matching.sample`).

    Horvitz and Thompson (1952): each answer stands for the pairs of its stratum. `answers` has `stratum` and
    `is_match`; `strata` how many pairs each stratum has; `linked` whether its pairs are links. Recall is among the pairs
    compared: what blocking missed is not seen. A stratum without answers is an error.

    Raises:
        ValueError: a stratum with pairs has no answers.
    """
    shares, variances = {}, {}
    for stratum, size in strata.items():
        given = answers.loc[answers["stratum"] == stratum, "is_match"].to_numpy().astype(float)
        if size and not len(given):
            raise ValueError(f"stratum {stratum} has {size} pairs and no answer; ask about some of them")
        shares[stratum] = size * (given.mean() if size else 0.0)
        # half an answer each way, so that a stratum that is all yes or all no is not taken for certain
        cautious = (given.sum() + 0.5) / (len(given) + 1)
        left_out = 1 - len(given) / size if size else 0.0
        variances[stratum] = size**2 * left_out * cautious * (1 - cautious) / max(len(given), 1)
    z = NormalDist().inv_cdf((1 + level) / 2)
    links = float(sum(size for stratum, size in strata.items() if linked[stratum]))
    hits = sum(share for stratum, share in shares.items() if linked[stratum])
    true = sum(shares.values())
    spread_links = sum(variance for stratum, variance in variances.items() if linked[stratum])
    recall = hits / true if true else np.nan
    # linearised ratio: d(hits / true) = ((1 - recall) d linked - recall d unlinked) / true
    spread = sum(v * ((1 - recall) if linked[s] else recall) ** 2 for s, v in variances.items())
    return {
        "precision": _estimate(hits / links if links else np.nan, z * np.sqrt(spread_links) / max(links, 1)),
        "recall": _estimate(recall, z * np.sqrt(spread) / true if true else np.nan),
    }


def _estimate(value: float, half: float) -> Estimate:
    return Estimate(float(value), float(np.clip(value - half, 0, 1)), float(np.clip(value + half, 0, 1)))


def self_probability(engine: Engine, table: Table, model: LinkageModel, *, call: Call | None = None) -> pd.Series[float]:
    """The probability that each record reaches with itself: the most that it could ever reach. Index: id.

    A level that speaks against a record's being itself (two entries of one register, say) would not be met by another
    record of its person, and counts nothing.
    """
    import pyarrow as pa

    from matching.engines.base import Call as Reading
    from matching.score import partial_weights, to_probability
    from matching.tables import as_arrow

    reading = call or Reading()
    ids = as_arrow(table, [reading.id_column])[reading.id_column].cast(pa.int64())
    levels = engine.compare(pa.table({"id_l": ids, "id_r": ids}), table, None, model, call=reading)
    weight = np.zeros(levels.num_rows)
    for comparison in model.comparisons:
        weight += np.maximum(partial_weights(levels, comparison), 0.0)
    return pd.Series(to_probability(weight, model.prior), index=pd.Index(levels["id_l"].to_numpy(), name="id"), name="probability")


def unlinkable_share(probabilities: pd.Series[float], model: LinkageModel) -> float:
    """What share of records says too little to be linked to anything, even to itself, at the join threshold?"""
    return float((probabilities < model.thresholds.join).mean())


@dataclass(frozen=True)
class Challenge:
    """Two engines on one sample: pairs that each found, levels that differ, the largest difference of weights (bits).

    `differing`: the pairs on which they differ, by id: id_l, id_r, what (only first, only second, or the comparisons whose levels differ).
    """

    pairs: int
    only_first: int
    only_second: int
    levels_differ: int
    largest_difference: float
    differing: pd.DataFrame

    @property
    def agree(self) -> bool:
        """The same pairs, the same levels, weights equal to 1e-6."""
        return not (self.only_first or self.only_second or self.levels_differ) and self.largest_difference <= 1e-6


def challenge(
    first: Engine,
    second: Engine,
    tables: tuple[Table, Table | None],
    model: LinkageModel,
    *,
    call: Call | None = None,
    frequencies: Frequencies | None = None,
) -> Challenge:
    """Score the same (sampled) tables with two engines and compare; the spot check of a big run by the reference.

    `tables` is (left, right or None). Give `frequencies` of the whole, so that the sample weighs values as the run did.
    """
    from matching.engines.base import Call as Reading

    scored = [
        engine.score_pairs(*tables, model, call=call or Reading(), frequencies=frequencies).pairs.to_pandas().set_index(["id_l", "id_r"])
        for engine in (first, second)
    ]
    shared = scored[0].index.intersection(scored[1].index)
    one, other = (each.loc[shared] for each in scored)
    unlike = one[levels := [name for name in one.columns if name.endswith("_level")]] != other[levels]
    parts = [shared[unlike.any(axis=1)].to_frame(index=False).assign(what=_unlike(unlike))]
    parts += [
        each.index.difference(shared).to_frame(index=False).assign(what=f"only {who}") for each, who in zip(scored, ("first", "second"), strict=True)
    ]
    return Challenge(
        pairs=len(shared),
        only_first=len(scored[0]) - len(shared),
        only_second=len(scored[1]) - len(shared),
        levels_differ=int(unlike.any(axis=1).sum()),
        largest_difference=float((one["weight"] - other["weight"]).abs().max()) if len(shared) else 0.0,
        differing=pd.concat(parts, ignore_index=True).sort_values(["id_l", "id_r"], ignore_index=True),
    )


def _unlike(unlike: pd.DataFrame) -> list[str]:
    """For each row with a difference, the comparisons that differ."""
    names = [name.removesuffix("_level") for name in unlike.columns]
    return [" ".join(name for name, differs in zip(names, row, strict=True) if differs) for row in unlike.to_numpy() if row.any()]
