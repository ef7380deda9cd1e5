"""Our models as Splink 5 settings (Linacre et al. 2022), on the prepared tables of the DuckDB engine.

A second opinion: with the same model its weights are ours. Its match weight contains the prior; ours does not. (What it trains, it
learns from levels alone: `matching.expectation`.)
"""

from __future__ import annotations

import logging
from typing import Any

from matching.engines.session import Session
from matching.engines.sql import Dialect, Names, block_condition, condition
from matching.model import Comparison, LinkageModel
from matching.predicates import Exact

FLAT = Names(flat=True)


def comparison_settings(comparison: Comparison, dialect: Dialect) -> dict[str, Any]:
    """One comparison as Splink writes it."""
    levels = []
    for level in comparison.levels:
        entry: dict[str, Any] = {
            "sql_condition": "ELSE" if level.when is None else condition(level.when, dialect, FLAT),
            "label_for_charts": level.name,
            "is_null_level": level.is_null,
        }
        if level.m is not None and level.u is not None:
            entry |= {"m_probability": level.m, "u_probability": level.u}
        if (frequency := level.term_frequency) is not None:
            entry |= {
                "tf_adjustment_column": f"t_{frequency.column}",
                "tf_minimum_u_value": frequency.floor,
                "tf_adjustment_weight": frequency.weight,
                # the base u is that of the level `exact(column)`, which Splink finds itself; without one, the level's own
                "disable_tf_exact_match_detection": all(each.when != Exact(frequency.column) for each in comparison.levels),
            }
        levels.append(entry)
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def settings(model: LinkageModel, session: Session) -> dict[str, Any]:
    """The model as a Splink settings dictionary for the tables of a session."""
    return {
        "link_type": "dedupe_only" if session.within else "link_only",
        "unique_id_column_name": "id",
        "probability_two_random_records_match": model.prior,
        "blocking_rules_to_generate_predictions": [block_condition(block) for block in model.blocks if not block.exploding],
        "comparisons": [comparison_settings(comparison, session.dialect) for comparison in model.comparisons],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }


def linker(model: LinkageModel, session: Session) -> Any:
    """A Splink linker on the prepared tables of a session."""
    from splink import DuckDBAPI, Linker

    cursor: Any = session.database.cursor  # type: ignore[attr-defined]  # sessions of DuckDB have one
    api = DuckDBAPI(connection=cursor)
    tables = [api.register(cursor.table(name)) for name in dict.fromkeys(("prepared_l", session.right))]
    return Linker(tables[0] if session.within else tables, settings(model, session), log_level=logging.ERROR)
