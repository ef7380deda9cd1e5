"""Training a model, on purpose and with a report; a nightly run never does it.

u by random pairs and m by expectation maximisation, by Splink 5 (Linacre et al. 2022; EM for linkage: Winkler 1988), or m
from recorded decisions by counting. Our own engine compares the records, once; Splink sees the levels. The result is a new version of the model
with its training described.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from matching.expectation import Learnt, expectation_maximisation
from matching.model import Block, Comparison, Level, LinkageModel
from matching.patterns import COUNT, agreeing_pairs, all_pairs, blocked_patterns, random_patterns
from matching.score import comparison_weights, level_column, to_probability
from matching.tables import Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from matching.engines.base import Call, Engine
    from matching.engines.session import Session

Side = Literal["m", "u"]

SMALLEST_M = 1e-3
"""No m gets smaller by training: it is learnt from those few pairs that are of one person, which cannot show that one in a thousand never
happens. No u gets smaller than one of the pairs that it is counted on."""
UNSEEN = 1e-3
"""A level that no pair reached keeps its figure up to this: few pairs are no proof of never, nor of often."""
PRECISION = 6
"""Significant digits of a trained number, so that the order of summation does not show."""


@dataclass(frozen=True)
class Plan:
    """How to train.

    `sure`: rules that bring together hardly anything but true pairs, with `recall`, the share of all true pairs that
    they find (a guess): together they give the prior. `em_blocks`: rules whose pairs EM looks at, one session each; a
    session does not train the comparisons of its own columns, so choose at least two that differ. `keep`: comparisons
    that keep their figures, as the tables cannot show them (a number that an earlier tier has joined by, say).
    `u_pairs`: how many random pairs u is counted on. `em_pairs`: about how many pairs a session may look at.
    """

    em_blocks: tuple[Block, ...]
    sure: tuple[Block, ...] = ()
    keep: tuple[str, ...] = ()
    recall: float = 0.8
    u_pairs: float = 1e6
    em_pairs: float = 5e6
    seed: int = 20_260_101


def train(
    left: Table,
    right: Table | None,
    model: LinkageModel,
    plan: Plan,
    *,
    call: Call | None = None,
    describe: Mapping[str, str] | None = None,
) -> LinkageModel:
    """A new version of the model with m, u and prior learnt from these tables.

    A level that no pair reached keeps its figure, but 0.001 at most; a comparison that no session trained keeps all.
    `describe` goes into the model's training description.

    Raises:
        MissingEngineError: Splink or DuckDB is not installed.
        ValueError: the plan names a comparison or a column that the model does not have; a rule of it brings no pairs, or leaves nothing to learn.
    """
    _check(model, plan)
    from matching.engines import MissingEngineError

    try:
        import splink  # noqa: F401

        from matching.engines.duckdb import DuckDBEngine
    except ModuleNotFoundError as error:
        raise MissingEngineError("training needs the packages splink and duckdb: pip install splink duckdb") from error
    with DuckDBEngine().session(left, right, model, call) as session:
        return train_in(session, model, plan, describe=describe)


def train_in(session: Session, model: LinkageModel, plan: Plan, *, describe: Mapping[str, str] | None = None) -> LinkageModel:
    """`train` on tables that an engine has prepared for this model already."""
    _check(model, plan)
    prior = model.prior
    if plan.sure:
        prior = _rounded(min(0.5, max(1, agreeing_pairs(session, plan.sure)) / plan.recall / max(1, all_pairs(session))))
    sample = random_patterns(session, model.comparisons, int(plan.u_pairs), plan.seed)
    comparisons = tuple(each if each.name in plan.keep else _filled(each, "u", _counted_shares(each, sample), plan) for each in model.comparisons)
    sessions = [_session_of(session, comparisons, block, prior, plan) for block in plan.em_blocks]
    comparisons = tuple(_filled(each, "m", _median([found[each.name] for found in sessions if each.name in found]), plan) for each in comparisons)
    # a few of the random pairs are of one person, and can be most of those that agree on something rare
    apart = _of_two_people(sample, comparisons, prior)
    comparisons = tuple(each if each.name in plan.keep else _filled(each, "u", _counted_shares(each, apart), plan) for each in comparisons)
    described = {
        "method": "u by random pairs, m by expectation maximisation (Splink 5)",
        "em_blocks": "; ".join(block.name for block in plan.em_blocks),
        "seed": str(plan.seed),
        **({"kept": ", ".join(plan.keep)} if plan.keep else {}),
        **(describe or {}),
    }
    return replace(model, version=model.version + 1, prior=prior, comparisons=comparisons, training=tuple(sorted(described.items())))


def _session_of(session: Session, comparisons: Sequence[Comparison], block: Block, prior: float, plan: Plan) -> Learnt:
    """What EM learns from the pairs of one rule, about comparisons that have nothing to do with its columns."""
    used = {key.column for key in block.keys}
    others = tuple(each if each.name in plan.keep else _without_m(each) for each in comparisons if not used & set(each.columns))
    if not others:
        raise ValueError(f"the rule {block.name} leaves no comparison to learn")
    patterns, met = blocked_patterns(session, others, block, plan.em_pairs)
    if not patterns.num_rows:
        raise ValueError(f"the rule {block.name} brings no two records together")
    share = min(0.9, prior * all_pairs(session) / met)  # as if it brought all true pairs together: EM finds its own
    return expectation_maximisation(others, patterns, share, plan.keep)


def _check(model: LinkageModel, plan: Plan) -> None:
    """A plan that the model cannot follow is refused before anything is computed."""
    unknown = set(plan.keep) - {comparison.name for comparison in model.comparisons}
    unknown |= {key.column for block in (*plan.em_blocks, *plan.sure) for key in block.keys} - set(model.columns)
    if unknown:
        raise ValueError(f"the model has no {', '.join(sorted(unknown))}")


def _without_m(comparison: Comparison) -> Comparison:
    return replace(comparison, levels=tuple(replace(level, m=None) for level in comparison.levels))


def _counted_shares(comparison: Comparison, patterns: pa.Table) -> list[float | None]:
    """The share of the pairs at each level, among those where nothing is missing; None where there is none."""
    counts = np.bincount(patterns[level_column(comparison.name)].to_numpy() + 1, patterns[COUNT].to_numpy(), len(comparison.levels) + 1)
    known = counts[1:].sum()
    return [None if number < 0 or not counts[number + 1] else float(counts[number + 1] / known) for number in comparison.numbers]


def _of_two_people(patterns: pa.Table, comparisons: Sequence[Comparison], prior: float) -> pa.Table:
    """The patterns, with as many pairs of each as are of two people by the figures at hand."""
    import pyarrow as pa

    weight = np.zeros(patterns.num_rows)
    for comparison in comparisons:
        if comparison.is_trained:
            known = comparison_weights(comparison)
            weight += [known[number] for number in patterns[level_column(comparison.name)].to_pylist()]
    apart = patterns[COUNT].to_numpy() * (1 - to_probability(weight, prior))
    return patterns.set_column(patterns.column_names.index(COUNT), COUNT, pa.array(apart))


def _median(found: Sequence[Sequence[float | None]]) -> list[float | None]:
    """The median of what the sessions found for each level; None where none did."""
    values = [[value for value in each if value is not None] for each in zip(*found, strict=True)]
    return [float(np.median(each)) if each else None for each in values]


def _filled(comparison: Comparison, side: Side, found: Sequence[float | None], plan: Plan) -> Comparison:
    """The comparison with trained m or u, adding up to 1; see `train` for what no pair showed. As it was, when nothing was found."""
    if all(value is None for value in found):
        return comparison
    values = [
        min(getattr(level, side) or 0, UNSEEN) if value is None else float(value) for value, level in zip(found, comparison.levels, strict=True)
    ]
    smallest = SMALLEST_M if side == "m" else 1 / plan.u_pairs
    shares = iter(_shares([value for value, level in zip(values, comparison.levels, strict=True) if not level.is_null], smallest))
    return replace(comparison, levels=tuple(level if level.is_null else _with(level, side, next(shares)) for level in comparison.levels))


def _with(level: Level, side: Side, share: float) -> Level:
    return replace(level, m=share) if side == "m" else replace(level, u=share)


def _shares(values: Sequence[float], smallest: float) -> list[float]:
    """Shares that add up to 1, none below ``smallest``."""
    positive = np.maximum(np.array(values, dtype=float), smallest)
    return [_rounded(value) for value in positive / positive.sum()]


def _rounded(value: float) -> float:
    return float(f"{value:.{PRECISION}g}")


def train_on_decisions(levels: pa.Table, model: LinkageModel, *, strength: float = 50, describe: Mapping[str, str] | None = None) -> LinkageModel:
    """A new version of the model whose m also counts pairs that people decided to be one person.

    `levels` is the engine's `compare` of those pairs. The model's own m counts as `strength` pairs, so that a few
    decisions do not turn it over. u stays: pairs that people refuse are no random sample of different people.
    """
    comparisons = tuple(_counted(comparison, levels, strength) for comparison in model.comparisons)
    described = {**dict(model.training), **(describe or {}), "decisions": f"{levels.num_rows} pairs decided by people"}
    return replace(model, version=model.version + 1, comparisons=comparisons, training=tuple(sorted(described.items())))


def _counted(comparison: Comparison, levels: pa.Table, strength: float) -> Comparison:
    numbers = np.asarray(levels[level_column(comparison.name)])
    real = [(n, level) for n, level in zip(comparison.numbers, comparison.levels, strict=True) if not level.is_null]
    shares = _shares([strength * (level.m or SMALLEST_M) + float((numbers == number).sum()) for number, level in real], 0.0)
    new: dict[str, Level] = {level.name: replace(level, m=share) for (_, level), share in zip(real, shares, strict=True)}
    return replace(comparison, levels=tuple(new.get(level.name, level) for level in comparison.levels))


@dataclass(frozen=True)
class Change:
    """What another model would do to the links of the same tables, at its own join threshold.

    `weights`: one row per level with weight_before and weight_after, in bits.
    """

    links_before: int
    links_after: int
    gained: int
    lost: int
    weights: pd.DataFrame


def change_of(engine: Engine, left: Table, right: Table | None, before: LinkageModel, after: LinkageModel, *, call: Call | None = None) -> Change:
    """How many links would another model make, gain and lose? For the report that a training is reviewed by."""
    import pandas as pd

    from matching.engines.base import Call as Reading

    found = []
    for model in (before, after):
        pairs = engine.score_pairs(left, right, model, threshold=model.thresholds.join, call=call or Reading()).pairs
        found.append(pd.MultiIndex.from_frame(pairs.select(["id_l", "id_r"]).to_pandas()))
    rows = [
        {"comparison": comparison.name, "level": level.name, "weight_before": old.weight, "weight_after": level.weight}
        for comparison, earlier in zip(after.comparisons, before.comparisons, strict=True)
        for level, old in zip(comparison.levels, earlier.levels, strict=True)
    ]
    return Change(
        links_before=len(found[0]),
        links_after=len(found[1]),
        gained=len(found[1].difference(found[0])),
        lost=len(found[0].difference(found[1])),
        weights=pd.DataFrame(rows),
    )
