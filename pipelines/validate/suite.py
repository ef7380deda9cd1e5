"""A suite read for the compiled path: every expectation as a rule with an SQL condition, and nothing that is not understood."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from expectations import FOLDER, load_suite
from expectations.checks import contents, dates, given, identity
from pipelines.errors import ConfigError
from pipelines.settings import Deployment

Severity = Literal["critical", "warning", "info"]
SEVERITIES = ("critical", "warning", "info")
PAIR = "expect_column_pair_values_a_to_be_greater_than_b"


@dataclass(frozen=True)
class SuiteRule:
    """One expectation: its rule id, the column it speaks of, its severity, and how to test it."""

    rule: str
    column: str
    severity: Severity
    type: str
    kwargs: Mapping[str, Any]

    def condition(self, batch: str) -> str:
        """SQL condition under which a row of the table expression ``batch`` is right."""
        return BUILDERS[self.type](self.kwargs, batch)


def read_suite(path: Path) -> tuple[SuiteRule, ...]:
    """A suite's rules in file order.

    Raises:
        ConfigError: RC-C20 the suite is missing; RC-C21 an expectation has no rule id, a wrong severity or a type that is not compiled.
    """
    if not path.is_file():
        raise ConfigError("RC-C20", "no such suite", where=path.name, todo="Write it into the deployment's or the package's expectations/")
    rules = []
    for number, entry in enumerate(load_suite(path)["expectations"], 1):
        where = f"{path.name}, expectation {number}"
        meta, severity = entry.get("meta", {}), entry.get("severity")
        if "rule" not in meta or "column" not in meta or severity not in SEVERITIES:
            raise ConfigError("RC-C21", "severity, meta.rule and meta.column are needed", where=where)
        if entry["type"] not in BUILDERS:
            raise ConfigError("RC-C21", f"'{entry['type']}' is not compiled", where=where, todo=f"Use one of {', '.join(sorted(BUILDERS))}")
        if entry["type"] == PAIR and entry.get("kwargs", {}).get("ignore_row_if") != "either_value_is_missing":
            raise ConfigError("RC-C21", f"'{PAIR}' is compiled with ignore_row_if: either_value_is_missing only", where=where)
        rules.append(SuiteRule(meta["rule"], meta["column"], cast("Severity", severity), entry["type"], entry.get("kwargs", {})))
    doubled = {r.rule for r in rules if sum(r.rule == other.rule for other in rules) > 1}
    if doubled:
        raise ConfigError("RC-C21", f"rule ids come twice: {', '.join(sorted(doubled))}", where=path.name)
    return tuple(rules)


def suite_path(deployment: Deployment, name: str) -> Path:
    """A suite of the deployment's own ``expectations/`` folder, else of the package."""
    own = deployment.folder / "expectations" / name
    return own if own.is_file() else FOLDER / name


def _column(kwargs: Mapping[str, Any], key: str = "column") -> str:
    return _quoted(str(kwargs[key]))


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _literal(value: object) -> str:
    if isinstance(value, bool | int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _matches(kwargs: Mapping[str, Any]) -> str:
    """Python's ``\\Z`` is RE2's ``\\z``; the rest of our patterns reads the same in both."""
    pattern = str(kwargs["regex"]).replace(r"\Z", r"\z")
    return f"regexp_matches({_column(kwargs)}, {_literal(pattern)})"


def _set(kwargs: Mapping[str, Any]) -> str:
    return ", ".join(map(_literal, kwargs["value_set"]))


def _between(value: str, kwargs: Mapping[str, Any]) -> str:
    low = f"{value} >= {_literal(kwargs['min_value'])}" if kwargs.get("min_value") is not None else "true"
    high = f"{value} <= {_literal(kwargs['max_value'])}" if kwargs.get("max_value") is not None else "true"
    return f"({low} AND {high})"


def _greater(kwargs: Mapping[str, Any]) -> str:
    sign = ">=" if kwargs.get("or_equal") else ">"
    return f"{_column(kwargs, 'column_A')} {sign} {_column(kwargs, 'column_B')}"


Builder = Callable[[Mapping[str, Any], str], str]
BUILDERS: Mapping[str, Builder] = {
    "expect_column_values_to_not_be_null": lambda k, _: f"{_column(k)} IS NOT NULL",
    "expect_column_values_to_be_null": lambda k, _: f"{_column(k)} IS NULL",
    "expect_column_values_to_match_regex": lambda k, _: _matches(k),
    "expect_column_values_to_not_match_regex": lambda k, _: f"NOT {_matches(k)}",
    "expect_column_values_to_be_in_set": lambda k, _: f"{_column(k)} IN ({_set(k)})",
    "expect_column_value_lengths_to_be_between": lambda k, _: _between(f"length({_column(k)})", k),
    "expect_column_values_to_be_between": lambda k, _: _between(_column(k), k),
    "expect_column_values_to_be_unique": lambda k, batch: contents.unique_sql([_column(k)], batch),
    "expect_compound_columns_to_be_unique": lambda k, batch: contents.unique_sql([_quoted(c) for c in k["column_list"]], batch),
    PAIR: lambda k, _: _greater(k),
    "expect_column_values_to_be_identity_numbers": lambda k, _: identity.sql(_column(k)),
    "expect_column_values_to_be_dates": lambda k, _: dates.sql(_column(k), k["forms"], k.get("first_year", 1850), k.get("last_year", 2100)),
    "expect_column_to_be_given_when": lambda k, _: given.sql(_column(k, "column_A"), _column(k, "column_B"), k.get("values")),
    "expect_keys_to_have_one_content": lambda k, batch: contents.sql([_quoted(c) for c in k["column_list"]], batch),
}
"""Expectation type -> SQL condition of a right row. A condition that is null (a missing value) counts as right."""
