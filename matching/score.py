"""From levels to evidence: log2 Bayes factors, and the probability that follows from them and the prior.

weight = sum over comparisons of log2(m / u) + frequency adjustment          (bits; 0 says nothing, 10 is 1,024 to 1)
probability = 1 / (1 + 2^-(weight + log2(prior / (1 - prior))))
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matching.model import Comparison, LinkageModel

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]


def level_column(comparison: str) -> str:
    """The column of a pair table with this comparison's level number (int8, -1 for missing)."""
    return f"{comparison}_level"


def frequency_column(comparison: str) -> str:
    """The column of a level table with the frequency of the pair's value (double, null when unknown)."""
    return f"{comparison}_frequency"


def to_weight(probability: float) -> float:
    """log2 of the odds; the prior in the unit of weights. 0 gives -inf, 1 gives inf."""
    if probability <= 0:
        return -math.inf
    return math.inf if probability >= 1 else math.log2(probability / (1 - probability))


def to_probability(weight: Floats, prior: float) -> Floats:
    """The probability after seeing evidence of `weight` bits; does not overflow."""
    odds = weight + to_weight(prior)
    small = np.exp2(-np.abs(odds))
    return np.asarray(np.where(odds >= 0, 1 / (1 + small), small / (1 + small)))


def least_weight(threshold: float | None, model: LinkageModel) -> float:
    """The weight from which on a pair's probability reaches `threshold` (-inf for None)."""
    return -math.inf if threshold is None else to_weight(threshold) - to_weight(model.prior)


def comparison_weights(comparison: Comparison) -> dict[int, float]:
    """The weight of each level number, without frequencies."""
    return {number: level.weight for number, level in zip(comparison.numbers, comparison.levels, strict=True)}


def adjusted_levels(comparison: Comparison) -> dict[int, tuple[str, float, float, float]]:
    """For each level number with a term frequency: (column, base u, floor, weight)."""
    return {
        number: (frequency.column, comparison.base_u(level), frequency.floor, frequency.weight)
        for number, level in zip(comparison.numbers, comparison.levels, strict=True)
        if (frequency := level.term_frequency) is not None
    }


def partial_weights(levels: pa.Table, comparison: Comparison) -> Floats:
    """The weight of one comparison for each pair of a level table, frequencies included.

    Shapes: one double per row. A null frequency adjusts nothing.
    """
    numbers = levels[level_column(comparison.name)].to_numpy().astype(np.int16)
    known = comparison_weights(comparison)
    lookup = np.zeros(max(known) + 2)
    for number, weight in known.items():
        lookup[number + 1] = weight
    weights: Floats = lookup[numbers + 1]
    for number, (_, base, floor, factor) in adjusted_levels(comparison).items():
        frequency = levels[frequency_column(comparison.name)].to_numpy(zero_copy_only=False).astype(np.float64)
        here = (numbers == number) & ~np.isnan(frequency)
        weights[here] += factor * (math.log2(base) - np.log2(np.maximum(frequency[here], floor)))
    return weights


def score(levels: pa.Table, model: LinkageModel) -> pa.Table:
    """Add `weight` and `probability` to a level table, and drop its frequency columns.

    Raises:
        ModelError: the model is not trained.
    """
    import pyarrow as pa

    weight = np.zeros(levels.num_rows)
    for comparison in model.comparisons:
        weight += partial_weights(levels, comparison)
    kept = [name for name in levels.column_names if not name.endswith("_frequency")]
    return levels.select(kept).append_column("weight", pa.array(weight)).append_column("probability", pa.array(to_probability(weight, model.prior)))
