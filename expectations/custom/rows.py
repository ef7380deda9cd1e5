"""Custom expectations on several columns of a row, and on rows of one key."""

from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnPairMapExpectation, MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnPairMapMetricProvider,
    MulticolumnMapMetricProvider,
    column_pair_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import multicolumn_condition_partial

from expectations.checks import contents, given

DOMAIN = ("batch_id", "table", "row_condition", "condition_parser", "ignore_row_if")


class ColumnPairGivenWhen(ColumnPairMapMetricProvider):  # type: ignore[misc]
    """Metric: column B is given when column A asks for it."""

    condition_metric_name = "column_pair_values.given_when"
    condition_domain_keys = (*DOMAIN, "column_A", "column_B")
    condition_value_keys = ("values",)

    @column_pair_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_A: pd.Series, column_B: pd.Series, values: list[str] | None = None, **_: Any) -> pd.Series:  # noqa: N803, N805
        return given.holds(column_A, column_B, values)


class ExpectColumnToBeGivenWhen(ColumnPairMapExpectation):  # type: ignore[misc]
    """Expect column_B to be given wherever column_A is given, or holds one of ``values`` (``expectations.checks.given``)."""

    values: list[str] | None = None
    ignore_row_if: str = "neither"
    map_metric: ClassVar[str] = "column_pair_values.given_when"
    success_keys: ClassVar[tuple[str, ...]] = ("column_A", "column_B", "values", "ignore_row_if", "mostly")


class MulticolumnOneContent(MulticolumnMapMetricProvider):  # type: ignore[misc]
    """Metric: the last column has one value for the key in the columns before it."""

    condition_metric_name = "multicolumn_values.one_content"
    condition_domain_keys = (*DOMAIN, "column_list")
    condition_value_keys = ()

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_list: pd.DataFrame, **_: Any) -> pd.Series:  # noqa: N805
        return contents.holds(column_list)


class ExpectKeysToHaveOneContent(MulticolumnMapExpectation):  # type: ignore[misc]
    """Expect rows with equal key columns to agree in the last column of ``column_list`` (``expectations.checks.contents``)."""

    ignore_row_if: str = "never"
    map_metric: ClassVar[str] = "multicolumn_values.one_content"
    success_keys: ClassVar[tuple[str, ...]] = ("column_list", "ignore_row_if", "mostly")
