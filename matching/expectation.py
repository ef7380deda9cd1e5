"""Expectation maximisation on counted patterns, by Splink 5 (Linacre et al. 2022; for linkage: Winkler 1988).

Splink's EM looks at levels only. Given ours, it need not compare the records again, nor work out what our conditions mean.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matching.model import Comparison
from matching.patterns import COUNT
from matching.score import level_column

if TYPE_CHECKING:
    import pyarrow as pa

Learnt = Mapping[str, Sequence[float | None]]
"""For each comparison a figure for each of its levels, in their order; None where no pair reached a level, and for null levels."""


def expectation_maximisation(comparisons: Sequence[Comparison], patterns: pa.Table, share: float, keep: Collection[str] = ()) -> Learnt:
    """The m of the levels, which makes the patterns most likely, u given.

    `patterns`: as `matching.patterns` counts them. `share`: of the pairs that are true ones, a guess to start from; EM finds its own.
    Comparisons of `keep` are looked at, and keep their figures.
    """
    import duckdb
    from splink import DuckDBAPI
    from splink.internals.expectation_maximisation import expectation_maximisation as maximise
    from splink.internals.settings_creator import SettingsCreator

    from matching.engines.duckdb import UNSOUND

    logging.getLogger("splink").setLevel(logging.ERROR)  # of levels that no pair reached, the result tells
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_settings(each, fixed=each.name in keep) for each in comparisons],
        probability_two_random_records_match=share,
    ).get_settings("duckdb")
    with duckdb.connect(config={"disabled_optimizers": UNSOUND}) as connection:  # Splink's sums are such a UNION ALL
        connection.register("patterns", patterns)
        levels = ", ".join(f"{level_column(each.name)} as gamma_{each.name}" for each in comparisons)
        # Splink counts rows: each pattern comes as often as there are pairs of it
        connection.execute(f"create view vectors as select {levels} from patterns, unnest(range({COUNT}))")
        api = DuckDBAPI(connection=connection)
        steps = maximise(
            db_api=api,
            training_settings=settings.training_settings,
            estimate_without_term_frequencies=True,
            core_model_settings=settings.core_model_settings,
            unique_id_input_columns=[],
            training_fixed_probabilities={"u"},
            df_comparison_vector_values=api.register("vectors", table_name="__splink__df_comparison_vectors"),
        )
    return {each.output_column_name: _found(each) for each in steps[-1].comparisons if each.output_column_name not in keep}


def _settings(comparison: Comparison, *, fixed: bool) -> dict[str, Any]:
    """A comparison as Splink writes it, on the level that was found already."""
    column = level_column(comparison.name)
    levels = [
        {
            "sql_condition": "ELSE" if level.when is None else f"{column}_l = {number}",
            "label_for_charts": level.name,
            "is_null_level": level.is_null,
            **({} if level.m is None else {"m_probability": level.m, "fix_m_probability": fixed}),
            **({} if level.u is None else {"u_probability": level.u, "fix_u_probability": fixed}),
        }
        for number, level in zip(comparison.numbers, comparison.levels, strict=True)
    ]
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def _found(comparison: Any) -> list[float | None]:
    """What Splink found; a text stands for a level that no pair reached."""
    values = [level._m_probability for level in comparison.comparison_levels]
    return [value if isinstance(value, float) else None for value in values]
