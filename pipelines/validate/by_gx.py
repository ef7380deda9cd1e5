"""The same suite run by Great Expectations itself: the reference that the compiled path is proven against, and an alternative to it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from expectations import load_suite
from pipelines.errors import RollcallError
from pipelines.validate.suite import SuiteRule

ROW = ("delivery_id", "file", "row_number")


def flag_frame(frame: pd.DataFrame, path: Path, rules: Sequence[SuiteRule], index: Sequence[str] = ROW) -> dict[tuple[Any, ...], int]:
    """Rows of ``frame`` that break a rule of the suite at ``path``: index values -> mask with bit *i* for rule *i*.

    Failing values that Great Expectations' results hold are dropped here and kept nowhere.

    Raises:
        RollcallError: RC-V01 an expectation could not be evaluated; Great Expectations itself would go on silently.
    """
    import great_expectations as gx

    import expectations.custom  # noqa: F401

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frame").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": list(index)}
    results = batch.validate(gx.ExpectationSuite(**load_suite(path)), result_format=wanted).results
    bit = {rule.rule: i for i, rule in enumerate(rules)}
    masks: dict[tuple[Any, ...], int] = {}
    for result in results:
        rule = result.expectation_config.meta["rule"]
        if _raised(result.exception_info):
            raise RollcallError("RC-V01", f"rule {rule} could not be evaluated", where=path.name, todo="Run 'rollcall validate-config'")
        for row in result.result.get("unexpected_index_list") or []:
            key = tuple(row[name] for name in index)
            masks[key] = masks.get(key, 0) | 1 << bit[rule]
    return masks


def _raised(info: Mapping[str, Any]) -> bool:
    """Exceptions stand there as one flag, or as one record per metric."""
    return bool(info.get("raised_exception")) or any(isinstance(v, dict) and v.get("raised_exception") for v in info.values())


def flag_rows(con: duckdb.DuckDBPyConnection, rules: Sequence[SuiteRule], path: Path, batch: str, carry: str, into: str) -> None:
    """Make the temporary table ``into`` as ``compile.flag_rows`` does, by Great Expectations."""
    frame = con.execute(f"SELECT * FROM {batch}").df()
    masks = flag_frame(frame, path, rules) if len(frame) else {}
    flagged = pd.DataFrame([(*key, mask) for key, mask in masks.items()], columns=[*ROW, "mask"])
    flagged = flagged.astype({"delivery_id": "object", "file": "object", "row_number": "int64", "mask": "int64"})
    con.register("by_gx", flagged)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT {carry}, mask FROM {batch} JOIN by_gx USING (delivery_id, file, row_number)")
    con.unregister("by_gx")
