"""Reading observations where they lie: a few columns of all, or all columns of a few."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipelines.storage.frames import scan

CODE = """
CREATE OR REPLACE MACRO code(value) AS (CASE WHEN value IS NOT NULL THEN (hash(value) >> 1)::BIGINT END);
CREATE OR REPLACE MACRO content(obs_hash, live) AS ((hash(obs_hash, live) >> 1)::BIGINT);
"""
"""A value as an integer, null as null; and what an observation says and whether it holds, as one integer."""

WRONG = "(id_number IS NULL AND length(id_text) BETWEEN 15 AND 19 AND id_kind NOT IN ('placeholder', 'blank'))"
"""A number that is not right, but was meant to be one."""

REFERENCES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "birth_certificate": ("ref_birth_cert", ("child", "self")),
    "death_certificate": ("ref_death_cert", ("deceased",)),
    "school_number": ("ref_student", ("pupil",)),
}
"""Rule of tier 0: the column that holds the reference, and the roles of whom it speaks."""


def union(files: Mapping[str, Path], columns: str = "*", where: str = "true") -> str:
    """The observations of every source, as a query; ``{source}`` in ``where`` is the source's name as an SQL string."""
    return " UNION ALL ".join(f"SELECT {columns} FROM {scan(path)} WHERE {where.format(source=_text(source))}" for source, path in files.items())


def put_keys(con: duckdb.DuckDBPyConnection, touched: str) -> None:
    """Make ``numbers`` (value), ``wrong`` (value, name), ``refs`` (rule, value) and ``cited`` (source, value) of a query of observations.

    ``value`` of ``cited`` is the record itself (side 'ends': a later one may end it), or the one that it ends ('ended'). Reads ``repairs``.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE t AS {touched}")
    references = " UNION ".join(f"SELECT {column} AS value FROM t WHERE {column} IS NOT NULL" for column, _ in REFERENCES.values())
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE numbers AS SELECT id_number AS value FROM t WHERE id_number IS NOT NULL
        UNION SELECT old_id_number FROM t WHERE old_id_number IS NOT NULL UNION SELECT candidate FROM repairs;
        CREATE OR REPLACE TEMP TABLE wrong AS SELECT DISTINCT id_text AS value, name_fold AS name FROM t WHERE {WRONG};
        CREATE OR REPLACE TEMP TABLE refs AS {references};
        CREATE OR REPLACE TEMP TABLE cited AS SELECT source, record_key AS value, 'ends' AS side FROM t
        UNION SELECT source, ref_prior, 'ended' FROM t WHERE ref_prior IS NOT NULL
    """)


MEETS = f"""
    id_number IN (SELECT value FROM numbers) OR old_id_number IN (SELECT value FROM numbers)
    OR {WRONG} AND id_text IN (SELECT value FROM wrong)
    OR {" OR ".join(f"{column} IN (SELECT value FROM refs)" for column, _ in REFERENCES.values())}
    OR record_key IN (SELECT value FROM cited WHERE source = {{source}})
    OR ref_prior IN (SELECT value FROM cited WHERE side = 'ends' AND source = {{source}})"""
"""Shares a key of tiers 0 to 2 with one of the observations of `put_keys`, or its record: one role's row may say for all which record it ends."""


def near_sql(files: Mapping[str, Path]) -> str:
    """``obs_id`` of namesakes whose number is one edit from a touched one, one of the two being wrong.

    One edit leaves the first or the last eight characters as they are.
    """
    near = "damerau_levenshtein(a.value, b.value) <= 1 AND (left(a.value, 8) = left(b.value, 8) OR right(a.value, 8) = right(b.value, 8))"
    right = union(files, "obs_id, name_fold AS name, id_number AS value", "id_number IS NOT NULL AND name_fold IN (SELECT name FROM wrong)")
    broken = union(files, "obs_id, name_fold AS name, id_text AS value", WRONG)
    return f"""
        SELECT b.obs_id FROM wrong a JOIN ({right}) b USING (name) WHERE {near}
        UNION ALL
        SELECT b.obs_id FROM (SELECT DISTINCT id_number AS value, name_fold AS name FROM t WHERE id_number IS NOT NULL) a
        JOIN ({broken}) b USING (name) WHERE {near}"""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
