"""A suite as one DuckDB query: which rows break which rules. The fast path of a suite, equal to Great Expectations' by test."""

from collections.abc import Sequence

import duckdb

from pipelines.errors import ConfigError
from pipelines.validate.suite import SuiteRule

MAX_RULES = 62
"""One bit of a BIGINT each."""


def mask_sql(rules: Sequence[SuiteRule], batch: str) -> str:
    """SQL of a BIGINT per row with bit *i* set when the row breaks rule *i*; 0 = the row is right.

    Raises:
        ConfigError: RC-C22 more rules than bits.
    """
    if len(rules) > MAX_RULES:
        raise ConfigError("RC-C22", f"{len(rules)} rules in one suite", why=f"at most {MAX_RULES}")
    bits = [f"(CASE WHEN coalesce({rule.condition(batch)}, true) THEN 0 ELSE {1 << i} END)" for i, rule in enumerate(rules)]
    return " + ".join(bits) or "CAST(0 AS BIGINT)"


def flag_rows(con: duckdb.DuckDBPyConnection, rules: Sequence[SuiteRule], batch: str, carry: str, into: str) -> None:
    """Make the temporary table ``into``: columns ``carry`` and ``mask`` of the rows of ``batch`` that break a rule."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS "
        f"SELECT * FROM (SELECT {carry}, CAST({mask_sql(rules, batch)} AS BIGINT) AS mask FROM {batch}) WHERE mask <> 0"
    )


def rule_table(con: duckdb.DuckDBPyConnection, rules: Sequence[SuiteRule], into: str) -> None:
    """Make the temporary table ``into``: bit, rule, column, severity."""
    con.execute(f'CREATE OR REPLACE TEMP TABLE {into} (bit INTEGER, rule VARCHAR, "column" VARCHAR, severity VARCHAR)')
    if rules:
        one_each = ", ".join(["(?, ?, ?, ?)"] * len(rules))
        con.execute(f"INSERT INTO {into} VALUES {one_each}", [x for i, r in enumerate(rules) for x in (i, r.rule, r.column, r.severity)])


def bits_of(rules: Sequence[SuiteRule], severity: str) -> int:
    """The mask of all rules of a severity."""
    return sum(1 << i for i, rule in enumerate(rules) if rule.severity == severity)
