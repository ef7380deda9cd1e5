"""The keys that a source holds, as the gates need them: which are there before a delivery, and which the delivery brings."""

from dataclasses import dataclass

import duckdb

from pipelines.settings import SourceConfig
from pipelines.step import StepContext
from pipelines.storage.frames import scan
from pipelines.storage.keys import key_sql, scope_sql

DIGITS_OF_DIVISION = "'[0-9]{6}'"
YEAR = "'(18|19|20)[0-9]{2}'"


@dataclass(frozen=True)
class Keys:
    """SQL expressions over ``raw`` that give a row's keys. ``scope`` is what a full delivery restates; '' = everything."""

    row_key: str
    record_key: str
    scope: str
    division: str
    birth_year: str


def raw_keys(source: SourceConfig) -> Keys:
    """Keys of a raw row, division and birth year as far as they can be read without the country pack."""
    row_key = key_sql(source.row_key_columns)
    role = next(iter(source.roles.values()), {})
    division, birth = role.get("division"), role.get("birth_date")
    return Keys(
        row_key,
        key_sql(source.key),
        scope_sql(source, row_key),
        f"nullif(regexp_extract(\"{source.heading(division)}\", {DIGITS_OF_DIVISION}), '')" if isinstance(division, str) else "NULL",
        f"nullif(regexp_extract(\"{source.heading(birth)}\", {YEAR}), '')" if isinstance(birth, str) else "NULL",
    )


def load_live(con: duckdb.DuckDBPyConnection, ctx: StepContext, source: SourceConfig) -> None:
    """Make the temporary table ``live``: row_key record_key scope division birth_year of the live rows held before tonight."""
    previous = scan(ctx.read("previous.rec"))
    have = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {previous}").fetchall()}
    role = next(iter(source.roles.values()), {})
    division, address, birth = role.get("division"), role.get("address"), role.get("birth_date")
    places = [c for c in (division, f"{address}_division") if isinstance(c, str) and c in have]
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE live AS SELECT row_key, record_key, {scope_sql(source, "row_key")} AS scope,
            CAST({f'"{places[0]}"' if places else "NULL"} AS VARCHAR) AS division,
            CAST({f'year("{birth}")' if isinstance(birth, str) and birth in have else "NULL"} AS VARCHAR) AS birth_year
            FROM {previous} WHERE closed_on IS NULL"""
    )


def load_present(con: duckdb.DuckDBPyConnection, ctx: StepContext, source: SourceConfig, delivery_id: str) -> None:
    """Make the temporary table ``present``: one row per key that a delivery brings, whether its rows are good or not."""
    keys = raw_keys(source)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE present AS
            SELECT {keys.row_key} AS row_key, any_value({keys.record_key}) AS record_key, any_value({keys.scope}) AS scope,
                   CAST(any_value({keys.division}) AS VARCHAR) AS division, CAST(any_value({keys.birth_year}) AS VARCHAR) AS birth_year
            FROM {scan(ctx.read("raw"))} WHERE delivery_id = ? AND {keys.row_key} IS NOT NULL GROUP BY 1""",
        [delivery_id],
    )


def choose_prior(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary views ``before`` and ``now`` (key, division, birth_year): what a full delivery is measured against.

    The live rows of the delivery's own scope; where it has none yet (a new month), those of the newest scope before it, by record key.
    """
    [(own, latest)] = con.execute(
        """SELECT (SELECT count(*) FROM live WHERE scope IN (SELECT scope FROM present)),
                  (SELECT max(scope) FROM live WHERE scope < coalesce((SELECT min(scope) FROM present), ''))"""
    ).fetchall()
    key = "row_key" if own or latest is None else "record_key"
    scope = "scope IN (SELECT scope FROM present)" if own else f"scope = '{str(latest or '').replace(chr(39), '')}'"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE before AS
            SELECT {key} AS key, any_value(division) AS division, any_value(birth_year) AS birth_year FROM live WHERE {scope} GROUP BY 1"""
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE now AS SELECT DISTINCT {key} AS key FROM present")


def apply_present(con: duckdb.DuckDBPyConnection, mode: str) -> None:
    """Bring ``live`` to the state after a delivery, so that a later full of the same night is measured against it."""
    if mode == "full":
        con.execute("DELETE FROM live WHERE scope IN (SELECT scope FROM present)")
    con.execute("INSERT INTO live SELECT p.* FROM present p ANTI JOIN live USING (row_key)")
