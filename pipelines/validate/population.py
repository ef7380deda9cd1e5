"""The keys that a source holds, as the gates need them: which are there before a delivery, and which the delivery brings."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from pipelines.settings import SourceConfig
from pipelines.step import StepContext
from pipelines.storage.frames import column_names, scan
from pipelines.storage.keys import key_sql, scope_sql

DIGITS_OF_DIVISION = "'[0-9]{6}'"
RENUMBERED = "renumbered"
"""The gate that holds a delivery which gives many people new keys."""
YEAR = "'(18|19|20)[0-9]{2}'"


@dataclass(frozen=True)
class Keys:
    """SQL expressions over ``raw`` that give a row's keys. ``scope`` is what a full delivery restates; '' = everything.

    ``person`` says who a row is about without its key: the number, else name and birth date; null where a source doesn't ask for it.
    """

    row_key: str
    record_key: str
    scope: str
    division: str
    birth_year: str
    person: str


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
        _person(source, lambda column: f'"{source.heading(column)}"'),
    )


def _person(source: SourceConfig, cell: Callable[[str], str]) -> str:
    """Who a row is about, as far as it can be read without the country pack; ``cell`` is the SQL of a canonical column."""
    role = next(iter(source.roles.values()), {})
    number, name, birth = (role.get(attribute) for attribute in ("id_number", "name", "birth_date"))
    said = []
    if isinstance(number, str):
        said.append(f"nullif(upper(trim({cell(number)})), '')")
    if isinstance(name, str) and isinstance(birth, str):
        said.append(f"trim({cell(name)}) || left(nullif(regexp_replace(CAST({cell(birth)} AS VARCHAR), '[^0-9]', '', 'g'), ''), 8)")
    return f"coalesce({', '.join(said)})" if said and RENUMBERED in source.gates else "CAST(NULL AS VARCHAR)"


def load_live(con: duckdb.DuckDBPyConnection, ctx: StepContext, source: SourceConfig) -> None:
    """Make the temporary table ``live``: row_key record_key scope division birth_year person of the live rows held before tonight."""
    previous = scan(ctx.read("previous.rec"))
    have = set(column_names(ctx.read("previous.rec")))
    role = next(iter(source.roles.values()), {})
    division, address, birth = role.get("division"), role.get("address"), role.get("birth_date")
    places = [c for c in (division, f"{address}_division") if isinstance(c, str) and c in have]
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE live AS SELECT row_key, record_key, {scope_sql(source, "row_key")} AS scope,
            CAST({f'"{places[0]}"' if places else "NULL"} AS VARCHAR) AS division,
            CAST({f'year("{birth}")' if isinstance(birth, str) and birth in have else "NULL"} AS VARCHAR) AS birth_year,
            {_person(source, lambda column: f'"{column}"' if column in have else "NULL")} AS person
            FROM {previous} WHERE closed_on IS NULL"""
    )


def load_present(con: duckdb.DuckDBPyConnection, ctx: StepContext, source: SourceConfig, delivery_id: str) -> None:
    """Make the temporary table ``present``: one row per key that a delivery brings, whether its rows are good or not."""
    keys = raw_keys(source)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE present AS
            SELECT {keys.row_key} AS row_key, any_value({keys.record_key}) AS record_key, any_value({keys.scope}) AS scope,
                   CAST(any_value({keys.division}) AS VARCHAR) AS division, CAST(any_value({keys.birth_year}) AS VARCHAR) AS birth_year,
                   any_value({keys.person}) AS person
            FROM {scan(ctx.read("raw"))} WHERE delivery_id = ? AND {keys.row_key} IS NOT NULL GROUP BY 1""",
        [delivery_id],
    )


def choose_prior(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary tables ``before`` (key division birth_year person) and ``now`` (key person): what a full delivery is measured against.

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
            SELECT {key} AS key, any_value(division) AS division, any_value(birth_year) AS birth_year, any_value(person) AS person
            FROM live WHERE {scope} GROUP BY 1"""
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE now AS SELECT {key} AS key, any_value(person) AS person FROM present GROUP BY 1")


def renumbered_keys(con: duckdb.DuckDBPyConnection) -> int:
    """Keys of ``before`` that are absent from ``now`` while the person comes under a key that is new."""
    [(keys,)] = con.execute(
        "SELECT count(*) FROM (FROM before ANTI JOIN now USING (key)) gone SEMI JOIN (FROM now ANTI JOIN before USING (key)) new USING (person)"
    ).fetchall()
    return int(keys)


def apply_present(con: duckdb.DuckDBPyConnection, mode: str) -> None:
    """Bring ``live`` to the state after a delivery, so that a later full of the same night is measured against it."""
    if mode == "full":
        con.execute("DELETE FROM live WHERE scope IN (SELECT scope FROM present)")
    con.execute("INSERT INTO live SELECT p.* FROM present p ANTI JOIN live USING (row_key)")
