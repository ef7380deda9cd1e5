"""Clusters against clusters: what a person's records say together, when no two of them say enough.

A record with a name and little else agrees with some records of its person and not with others, whose names are damaged; on average
too little to be joined. So, after a first clustering, two clusters are compared by the best agreement of any of their records on
each comparison. The best of many tries proves less than one: its weight is lowered by the logarithm of the number of tries (the
different values on one side times those on the other; Bonferroni 1936). Contradictions need no correction: they are the best of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matching.average import cluster_pairs
from matching.cluster import Floats, Ints
from matching.model import NULL_LEVEL, Comparison, LinkageModel
from matching.score import adjusted_levels, frequency_column, level_column, partial_weights, to_probability
from matching.tables import Table, as_arrow

if TYPE_CHECKING:
    import pyarrow as pa


def join_profiles(records: Table, pairs: pa.Table, clusters: pd.DataFrame, model: LinkageModel, *, join: float) -> pd.DataFrame:
    """Join the clusters that agree on average by their profiles.

    Args:
        records: ``id`` and the columns of the model; all records of the clusters.
        pairs: ``id_l``, ``id_r`` and the levels of each comparison, as an engine scores them; those within a cluster are not looked at.
        clusters: ``id``, ``cluster``, sorted by id (`matching.average.cluster_pairs`).
        join: the average probability from which on clusters become one.

    Returns:
        As ``clusters``; each cluster is named by its smallest id.
    """
    found = cluster_pairs(profile_pairs(records, pairs, clusters, model), join=join, ids=clusters["cluster"].to_numpy())
    joined = found["cluster"].to_numpy()[np.searchsorted(found["id"].to_numpy(), clusters["cluster"].to_numpy())]
    return clusters.assign(cluster=joined)


def profile_pairs(records: Table, pairs: pa.Table, clusters: pd.DataFrame, model: LinkageModel) -> pd.DataFrame:
    """The pairs of clusters of which any records were compared.

    Returns:
        ``id_l``, ``id_r``: the names of the clusters, the smaller first; ``probability`` that they are one person.
    """
    ids = clusters["id"].to_numpy()
    names, cluster = np.unique(clusters["cluster"].to_numpy(), return_inverse=True)
    table = as_arrow(records, ["id", *model.columns]).to_pandas().set_index("id").reindex(ids)
    left, right = (np.searchsorted(ids, pairs[side].to_numpy()) for side in ("id_l", "id_r"))
    between = np.flatnonzero(cluster[left] != cluster[right])
    left, right, pairs = left[between], right[between], pairs.take(between)
    ends = np.sort(np.stack([cluster[left], cluster[right]]), axis=0)
    order = np.lexsort(ends)
    first, second = ends[:, order]
    starts = np.flatnonzero((np.diff(first, prepend=-1) != 0) | (np.diff(second, prepend=-1) != 0))
    first, second = first[starts], second[starts]
    weight = np.zeros(len(starts))
    for comparison in model.comparisons if len(starts) else ():
        best = np.fmax.reduceat(_weights(comparison, pairs, table, left, right)[order], starts)
        tries = _different(table, comparison.columns, cluster, len(names))
        agreed = np.maximum(0.0, best - np.log2(np.maximum(1, tries[first] * tries[second])))
        weight += np.nan_to_num(np.where(best > 0, agreed, best))
    return pd.DataFrame({"id_l": names[first], "id_r": names[second], "probability": to_probability(weight, model.prior)})


def _weights(comparison: Comparison, pairs: pa.Table, table: pd.DataFrame, left: Ints, right: Ints) -> Floats:
    """The weight of one comparison for each pair, frequencies included; NaN where a value is missing."""
    import pyarrow as pa

    numbers = pairs[level_column(comparison.name)].to_numpy()
    frequency = np.full(len(numbers), np.nan)
    for number, (column, *_) in adjusted_levels(comparison).items():
        here, shares = numbers == number, _frequencies(table[column])
        frequency[here] = np.fmax(shares[left[here]], shares[right[here]])
    weights = partial_weights(pa.table({level_column(comparison.name): numbers, frequency_column(comparison.name): frequency}), comparison)
    return np.where(numbers == NULL_LEVEL, np.nan, weights)


def _frequencies(values: pd.Series[Any]) -> Floats:
    """For each record the share of the records with a value that have its value; NaN for a missing one."""
    codes, _ = pd.factorize(values)
    counts = np.bincount(codes[codes >= 0], minlength=1)
    return np.where(codes >= 0, counts[codes] / max(1, counts.sum()), np.nan)


def _different(table: pd.DataFrame, columns: Sequence[str], cluster: Ints, clusters: int) -> NDArray[np.int64]:
    """How many different values the records of each cluster have in these columns, taken together; records with none do not count."""
    values = np.zeros(len(table), np.int64)
    for column in columns:
        codes, known = pd.factorize(table[column])
        values = pd.factorize(values * (len(known) + 1) + codes + 1)[0].astype(np.int64)
    some = np.flatnonzero(table[list(columns)].notna().any(axis=1).to_numpy())
    owned = np.unique(cluster[some] * (len(table) + 1) + values[some])
    return np.bincount(owned // (len(table) + 1), minlength=clusters)
