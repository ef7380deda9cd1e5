"""Observations: what one record says of one person, per role of its source."""

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from pipelines.contracts.tables import OBS, PEOPLE_COLUMNS
from pipelines.locales import CountryPack
from pipelines.settings import Constant, RoleConfig, SourceConfig
from pipelines.standardise.parsing import Kind, parse_cells
from pipelines.standardise.typed import canonical_columns
from pipelines.step import StepContext
from pipelines.storage.frames import scan, write_table
from pipelines.storage.keys import scope_sql

KIN = ("mother", "father", "spouse", "guardian")
NAMES = ("name", "former_name", *(f"{kin}_name" for kin in KIN))
PLAIN = (
    "age", "household", "birth_order", "parity", "ref_birth_cert", "ref_death_cert", "ref_prior", "ref_student", "event_date",
)  # fmt: skip


def choose_rows(con: duckdb.DuckDBPyConnection, source: SourceConfig, previous_obs: Path) -> None:
    """Make ``top`` (each record's row that speaks for it: live before closed, newest scope first) and ``stale`` (records to observe anew).

    A record is observed anew when its row came tonight, or when another row than before speaks for it.
    """
    scope = scope_sql(source, "row_key")
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE top AS SELECT record_key, row_key, closed_on, fresh, delivery_id, file, row_number FROM state
            QUALIFY row_number() OVER (PARTITION BY record_key ORDER BY closed_on IS NOT NULL, {scope} DESC, row_key) = 1"""
        if source.row_key
        else "CREATE OR REPLACE TEMP VIEW top AS SELECT * FROM state"
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE stale AS SELECT row_key, record_key FROM top WHERE fresh
            UNION SELECT t.row_key, t.record_key FROM top t JOIN {scan(previous_obs)} o USING (record_key)
                  WHERE NOT t.fresh AND (t.delivery_id, t.file, t.row_number) <> (o.delivery_id, o.file, o.row_number)"""
    )


def write_observations(con: duckdb.DuckDBPyConnection, ctx: StepContext, pack: CountryPack, parsed_names: str | None) -> None:
    """Write ``obs``: stale records observed anew from ``rec``, the others carried over with their present life.

    ``parsed_names`` is the table of tonight's names as delivered and what they were parsed to, when the source has names.
    """
    assert ctx.source is not None
    source, rec, previous_obs = ctx.source, ctx.write("rec"), ctx.read("previous.obs")
    head = ("row_key", "record_key", "delivery_id", "file", "row_number", "changed_on", "closed_on")
    wanted = ", ".join(f'"{c}"' for c in (*head, *canonical_columns(source)))
    con.execute(f"CREATE OR REPLACE TEMP TABLE spoken AS SELECT {wanted} FROM {scan(rec)} SEMI JOIN stale USING (row_key)")
    _parse_names(con, ctx, pack, parsed_names)
    anew = " UNION ALL ".join(role_sql(source, role, attributes) for role, attributes in source.roles.items())
    carried = f"""SELECT o.* REPLACE (t.closed_on IS NULL AS live) FROM {scan(previous_obs)} o
                  JOIN top t USING (record_key) WHERE o.record_key NOT IN (SELECT record_key FROM stale)"""
    write_table(con, f"SELECT * FROM ({anew}) UNION ALL BY NAME SELECT * FROM ({carried})", OBS, ctx.write("obs"))


def _parse_names(con: duckdb.DuckDBPyConnection, ctx: StepContext, pack: CountryPack, parsed: str | None) -> None:
    """Make ``names``: the comparison keys of every name among the rows to observe, from the cleaned name itself.

    A name that was delivered clean has been parsed already.
    """
    assert ctx.source is not None
    used = {c for role in ctx.source.roles.values() for attribute, c in role.items() if attribute in NAMES and isinstance(c, str)}
    cells = " UNION ALL ".join(f'SELECT "{c}" AS raw FROM spoken WHERE "{c}" IS NOT NULL' for c in sorted(used)) or "SELECT NULL AS raw WHERE false"
    clean = f"SELECT * FROM {parsed} WHERE raw = value" if parsed else "SELECT NULL AS raw WHERE false"
    parse_cells(con, pack, Kind("name"), f"SELECT raw FROM ({cells}) ANTI JOIN ({clean}) USING (raw)", ctx.run.night, "names")
    if parsed:
        con.execute(f"INSERT INTO names {clean}")


def role_sql(source: SourceConfig, role: str, attributes: RoleConfig) -> str:
    """One role of the rows in ``spoken`` as columns of ``obs``.

    A person is observed when the row gives a name, a number, or a birth date with a mother: a newborn without a name is known by its mother.
    """
    values = _values(attributes)
    people = ", ".join(f'{values.get(c.name, "NULL")}::{c.type} AS "{c.name}"' for c in PEOPLE_COLUMNS)
    joins = " ".join(f'LEFT JOIN names n_{a} ON s."{attributes[a]}" = n_{a}.raw' for a in NAMES if isinstance(attributes.get(a), str))
    parts = ", ".join(f'coalesce("{c.name}"::VARCHAR, chr(30))' for c in PEOPLE_COLUMNS)
    key = f"obs_id('{source.source}', record_key, '{role}') AS obs_id, '{source.source}' AS source, '{role}' AS role"
    return f"""SELECT {key}, md5(concat_ws(chr(31), {parts})) AS obs_hash, * FROM (
        SELECT s.record_key, s.closed_on IS NULL AS live, s.delivery_id, s.file, s.row_number, s.changed_on, {people} FROM spoken s {joins})
        WHERE name IS NOT NULL OR id_text IS NOT NULL OR (birth_date IS NOT NULL AND (mother_name IS NOT NULL OR mother_id IS NOT NULL))"""


def _values(attributes: RoleConfig) -> dict[str, str]:
    """People columns as SQL over ``spoken s`` and the joined ``names``."""
    values: dict[str, str] = {"id_valid": "false"}
    for attribute, column in attributes.items():
        if isinstance(column, Constant):
            values[attribute] = f"'{column.const}'"
        else:
            values |= SAY[_family(attribute)](attribute, f's."{column}')
    if isinstance(attributes.get("address"), str):
        place = f's."{attributes["address"]}_division"'
        values["division"] = f"coalesce({values['division']}, {place})" if "division" in values else place
    return values


def _family(attribute: str) -> str:
    if attribute in {"name", "former_name", "id_number", "old_id_number", "birth_date", "address", "sex", "division"}:
        return attribute
    if attribute in PLAIN:
        return "plain"
    return "kin_name" if attribute.endswith("_name") else "kin_id"


Say = Callable[[str, str], Mapping[str, str]]
SAY: Mapping[str, Say] = {
    "name": lambda a, c: {"name": f'{c}"', **{f"name_{w}": f"n_{a}.{w}" for w in ("fold", "sound", "kind")}},
    "former_name": lambda a, c: {a: f'{c}"', f"{a}_fold": f"n_{a}.fold"},
    "sex": lambda a, c: {a: f'{c}"'},
    "division": lambda a, c: {a: f'{c}"'},
    "birth_date": lambda a, c: {a: f'{c}"', "birth_precision": f'{c}_precision"'},
    "id_number": lambda _, c: {
        "id_text": f'{c}"',
        "id_number": f'CASE WHEN {c}_valid" THEN {c}" END',
        "id_kind": f'{c}_kind"',
        "id_valid": f'{c}_valid"',
        "id_reasons": f'{c}_reasons"',
    },
    "old_id_number": lambda a, c: {a: f'CASE WHEN {c}_valid" THEN {c}" END'},
    "address": lambda a, c: {a: f'{c}"', f"{a}_key": f'{c}_key"'},
    "plain": lambda a, c: {a: f'{c}"'},
    "kin_name": lambda a, _: {a: f"n_{a}.fold"},
    "kin_id": lambda a, c: {a: f'CASE WHEN {c}_valid" THEN {c}" END'},
}
"""Attribute family -> people columns; ``c`` is the opened quoted column name, to be closed with its companion's word."""
