"""Expectation maximisation for m, u given (Winkler 1988; Fellegi and Sunter 1969): what share of the pairs of one person is at each level?

Pairs are counted by their combination of levels, so that a round costs as much as there are combinations, not pairs. m starts
at the model's own figures and never falls below a floor, so that no round ends in log 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matching.model import Comparison, ModelError
from matching.score import Floats, level_column

ROUNDS = 100
ENOUGH = 1e-6
"""No share changed by more than this: the rounds have converged."""

Shares = dict[str, dict[int, float]]
"""For each comparison, level number -> share."""


def learn_m(levels: pd.DataFrame, comparisons: Sequence[Comparison], *, smallest: float, start: float = 0.5) -> Shares:
    """m of every level that some pair is at.

    `levels` has one row per pair and a level column for each of the `comparisons`, which have u (and m to start from, if any). `smallest` is
    the floor of m, `start` the first guess at the share of pairs that are of one person.

    Raises:
        ModelError: a level that occurs has no u.
    """
    names = [level_column(comparison.name) for comparison in comparisons]
    counted = levels.groupby(names, sort=True).size()
    patterns = np.array(counted.index.to_list(), dtype=np.int64).reshape(len(counted), len(names))
    counts: Floats = np.asarray(counted, dtype=np.float64)
    seen = [_present(patterns[:, place], counts) for place in range(len(names))]
    m = [_start(comparison, present) for comparison, present in zip(comparisons, seen, strict=True)]
    u = [_given(comparison, present) for comparison, present in zip(comparisons, seen, strict=True)]
    share = start
    for _ in range(ROUNDS):
        bits = np.full(len(counts), np.log2(share / (1 - share)))
        for place in range(len(names)):
            bits += _weights(m[place], u[place])[patterns[:, place] + 1]
        one_person = counts / (1 + np.exp2(-np.clip(bits, -500, 500)))
        new = [_shares(patterns[:, place], one_person, seen[place], smallest) for place in range(len(names))]
        moved = max((float(np.abs(a - b).max(initial=0)) for a, b in zip(m, new, strict=True)), default=0.0)
        m, share = new, float(np.clip(one_person.sum() / counts.sum(), 1e-9, 1 - 1e-9))
        if moved < ENOUGH:
            break
    return {c.name: {int(n): float(m[place][n + 1]) for n in np.flatnonzero(seen[place]) - 1 if n >= 0} for place, c in enumerate(comparisons)}


def _present(levels: NDArray[np.int64], counts: Floats) -> NDArray[np.bool_]:
    """Which levels occur; place 0 is the null level (-1)."""
    return np.bincount(levels + 1, weights=counts) > 0


def _figures(comparison: Comparison, side: str) -> Mapping[int, float | None]:
    return {n: getattr(level, side) for n, level in zip(comparison.numbers, comparison.levels, strict=True) if not level.is_null}


def _start(comparison: Comparison, present: NDArray[np.bool_]) -> Floats:
    """The model's own m; untrained, closer levels are likelier."""
    own = _figures(comparison, "m")
    shares = np.array([own[n] or 2.0**n for n in range(len(present) - 1)])
    return np.concatenate([[1.0], shares / shares.sum()])


def _given(comparison: Comparison, present: NDArray[np.bool_]) -> Floats:
    own = _figures(comparison, "u")
    missing = [n for n in range(len(present) - 1) if present[n + 1] and own[n] is None]
    if missing:
        raise ModelError("a level has no u yet; count u first", key=comparison.name)
    return np.array([1.0] + [own[n] or 1.0 for n in range(len(present) - 1)], dtype=float)


def _weights(m: Floats, u: Floats) -> Floats:
    weights: Floats = np.log2(m / u)
    weights[0] = 0.0
    return weights


def _shares(levels: NDArray[np.int64], one_person: Floats, present: NDArray[np.bool_], smallest: float) -> Floats:
    """What share of the pairs of one person whose values are known is at each level; a level that does not occur has the floor."""
    sums = np.bincount(levels + 1, weights=one_person, minlength=len(present))
    known = sums[1:].sum()
    shares = np.maximum(sums[1:] / known if known > 0 else np.full(len(sums) - 1, 1 / max(len(sums) - 1, 1)), smallest)
    return np.concatenate([[1.0], shares / shares.sum()])
