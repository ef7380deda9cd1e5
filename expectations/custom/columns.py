"""Custom expectations on the values of one column."""

from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics import ColumnMapMetricProvider, column_condition_partial

from expectations.checks import dates, identity


class ColumnValuesIdentityNumber(ColumnMapMetricProvider):  # type: ignore[misc]
    """Metric: the value is an identity number with a right check character, or has 15 digits."""

    condition_metric_name = "column_values.identity_number"

    @column_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column: pd.Series, **_: Any) -> pd.Series:  # noqa: N805
        return identity.holds(column)


class ExpectColumnValuesToBeIdentityNumbers(ColumnMapExpectation):  # type: ignore[misc]
    """Expect the values to be identity numbers of GB 11643-1999 (``expectations.checks.identity``)."""

    map_metric: ClassVar[str] = "column_values.identity_number"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)


class ColumnValuesDates(ColumnMapMetricProvider):  # type: ignore[misc]
    """Metric: the value is a date of one of the forms."""

    condition_metric_name = "column_values.dates_of_forms"
    condition_value_keys = ("forms", "first_year", "last_year")

    @column_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column: pd.Series, forms: list[str], first_year: int, last_year: int, **_: Any) -> pd.Series:  # noqa: N805
        return dates.holds(column, forms, first_year, last_year)


class ExpectColumnValuesToBeDates(ColumnMapExpectation):  # type: ignore[misc]
    """Expect the values to be dates of the named forms and years (``expectations.checks.dates``)."""

    forms: list[str]
    first_year: int = 1850
    last_year: int = 2100
    map_metric: ClassVar[str] = "column_values.dates_of_forms"
    success_keys: ClassVar[tuple[str, ...]] = ("forms", "first_year", "last_year", "mostly")
