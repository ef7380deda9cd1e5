"""What observations can be found by: the few columns that tell whom a change can reach, read once and kept as integers."""

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

WITHIN_SOURCE = {"record": "record_key", "prior": "ref_prior", "household": "household"}
"""Columns that mean something within their source only."""

CODED = {
    "number": "id_number", "old_number": "old_id_number", "name": "name_fold", **{column: column for column, _ in REFERENCES.values()},
    "mother": "mother_id", "father": "father_id", "guardian": "guardian_id", "spouse": "spouse_id",
    "mother_name": "mother_name", "father_name": "father_name",
    **{name: f"source || '|' || {column}" for name, column in WITHIN_SOURCE.items()},
}  # fmt: skip
FINDABLE = f"""
    obs_id, role, sex, birth_date AS born, {", ".join(f"code({sql}) AS {name}" for name, sql in CODED.items())},
    id_number AS right_number, CASE WHEN {WRONG} THEN id_text END AS wrong_number"""

KEYS: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "old_number"),
    "wrong": ("code(wrong_number)",),
    "reference": tuple(column for column, _ in REFERENCES.values()),
    "cited": ("record", "prior"),
    "ended": ("record",),
}
"""Kinds of keys that tiers 0 to 2 join on, and what of a touched observation is one. ``cited``: its own record, since one role's row may say
for all which record it ends, and the one it ends itself; ``ended``: its own record, which a later one may end."""

LOOKED_UP = {"number": "number", "old_number": "number", "code(wrong_number)": "wrong", **{column: "reference" for column, _ in REFERENCES.values()},
             "record": "cited", "prior": "ended"}  # fmt: skip
"""Which kind of key each column of an observation is looked up among."""


def put_findable(con: duckdb.DuckDBPyConnection, files: Mapping[str, Path], before: Mapping[str, Path]) -> None:
    """Make ``findable`` (`FINDABLE`): every observation of tonight; and ``news``: what those in ``touched`` say, and said in the parent vintage."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE findable AS SELECT {FINDABLE} FROM {scan(*files.values())}")
    con.execute("CREATE OR REPLACE TEMP TABLE news AS SELECT *, true AS tonight FROM findable SEMI JOIN touched USING (obs_id)")
    if before:
        con.execute(f"INSERT INTO news SELECT {FINDABLE}, false FROM {scan(*before.values())} SEMI JOIN touched USING (obs_id)")


def meets_sql() -> str:
    """``obs_id`` of who shares a key of tiers 0 to 2 with ``news``, or a number with what mends one of them (``repairs``)."""
    keys = [f"SELECT '{kind}' AS kind, {column} AS key FROM news" for kind, columns in KEYS.items() for column in columns]
    keys.append("SELECT 'number', code(candidate) FROM repairs")
    found = (f"SELECT obs_id FROM findable SEMI JOIN keys ON kind = '{kind}' AND key = {column}" for column, kind in LOOKED_UP.items())
    return f"WITH keys AS MATERIALIZED ({' UNION '.join(keys)}) {' UNION ALL '.join(found)}"


NEAR = """
    WITH near AS (SELECT name, wrong_number AS value FROM news WHERE wrong_number IS NOT NULL),
    right_now AS (SELECT name, right_number AS value FROM news WHERE right_number IS NOT NULL),
    met AS (
        SELECT obs_id, near.value AS a, right_number AS b FROM near JOIN findable USING (name)
        UNION ALL SELECT obs_id, value, wrong_number FROM right_now JOIN findable USING (name) WHERE wrong_number IS NOT NULL
    )
    SELECT obs_id FROM met WHERE (left(a, 8) = left(b, 8) OR right(a, 8) = right(b, 8)) AND damerau_levenshtein(a, b) <= 1"""
"""``obs_id`` of namesakes whose number is one edit from one of ``news``, one of the two being wrong.

One edit leaves the first or the last eight characters as they are."""
