"""The observations in a few narrow columns: enough to find whom a change can reach, without reading what everybody says."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipelines.storage.frames import scan

CODE = "CREATE OR REPLACE MACRO code(value) AS (CASE WHEN value IS NOT NULL THEN (hash(value) >> 1)::BIGINT END);"
"""A value as an integer, null as null: joins on integers cost a fraction of joins on text."""

REFERENCES = {"birth_certificate": ("ref_birth_cert", ("child", "self")), "death_certificate": ("ref_death_cert", ("deceased",)),
              "school_number": ("ref_student", ("pupil",))}  # fmt: skip
"""Rule of tier 0: the column that holds the reference, and the roles of whom it speaks."""

WRONG = "id_number IS NULL AND length(id_text) BETWEEN 15 AND 19 AND id_kind NOT IN ('placeholder', 'blank')"
"""A number that is not right, but was meant to be one."""


def _reference() -> str:
    arms = " ".join(
        f"WHEN {column} IS NOT NULL AND role IN {(*roles, '')} THEN concat('{rule}|', {column})" for rule, (column, roles) in REFERENCES.items()
    )
    return f"CASE {arms} END"


def _pair(left: str, right: str) -> str:
    return f"CASE WHEN {left} IS NOT NULL AND {right} IS NOT NULL THEN concat({left}, '|', {right}) END"


CODED: Mapping[str, str] = {
    "content": "concat(obs_hash, live)",
    "record": "concat(source, '|', record_key)",
    "prior": _pair("source", "ref_prior"),
    "number": "id_number",
    "old_number": "old_id_number",
    "wrong": f"CASE WHEN {WRONG} THEN id_text END",
    "reference": _reference(),
    "name": "name_fold",
    "mother": "mother_id",
    "father": "father_id",
    "guardian": "guardian_id",
    "spouse": "spouse_id",
    "household": _pair("source", "household"),
    "mother_name": "mother_name",
    "father_name": "father_name",
}
KEYS = ("number", "old_number", "wrong", "reference", "record", "prior")
"""Columns by which tiers 0 to 2 find one observation from another: values that meet in any two of them. Values of different kinds
meet by accident alone, which costs a comparison and nothing else."""


def union(files: Mapping[str, Path], where: str = "true", columns: str = "*") -> str:
    """The observations of every source, as a query."""
    return " UNION ALL ".join(f"SELECT {columns} FROM {scan(path)} WHERE {where}" for path in files.values())


def make_index(con: duckdb.DuckDBPyConnection, table: str, files: Mapping[str, Path], where: str = "true") -> None:
    """Make ``table``: obs_id, role, sex, born, said (right or wrong number as written) and `CODED`, of the observations ``where``."""
    coded = ", ".join(f"code({sql}) AS {name}" for name, sql in CODED.items())
    columns = f"obs_id, role, sex, birth_date AS born, CASE WHEN {WRONG} THEN id_text ELSE id_number END AS said, {coded}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {union(files, where, columns)}")
