"""A night's tables many times over, each copy with its own keys, numbers and persons: a big register from a small one, for speed only."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.storage.frames import scan, write_query

KEYS = {
    "row_key", "record_key", "registration_no", "prior_registration_no", "household_no", "household", "cert_no", "prior_cert_no", "entry_no",
    "account_no", "student_no", "birth_cert_no", "death_cert_no", "ref_birth_cert", "ref_death_cert", "ref_prior", "ref_student",
    "person_id", "name_fold",
}  # fmt: skip
"""Columns that get the copy's number at their end."""
NUMBERS = {"id_number", "id_text", "old_id_number", "mother_id", "father_id", "guardian_id", "spouse_id", "husband_id", "wife_id"}
"""Columns whose first three digits become the copy's number, so that no number is shared between copies."""


def replicate(con: duckdb.DuckDBPyConnection, vintage: Path, sources: Sequence[str], copies: int, out: Path) -> Mapping[str, Path]:
    """Write ``rec_<source>``, ``obs_<source>``, ``person_records`` and ``links`` of a vintage, ``copies`` times over; gives the files by name."""
    out.mkdir(parents=True, exist_ok=True)
    con.execute(f"CREATE OR REPLACE TABLE copy AS SELECT range AS k FROM range({copies})")
    tables = [*(f"{table}_{source}" for source in sources for table in ("rec", "obs")), "person_records"]
    for table in tables:
        path = vintage / f"{table}.parquet"
        write_query(con, f"SELECT {_columns(con, path)} FROM {scan(path)} AS x, copy", out / f"{table}.parquet")
    members = " UNION ALL ".join(f"SELECT obs_id, source, record_key, role FROM {scan(vintage / f'obs_{s}.parquet')}" for s in sources)
    write_query(
        con,
        f"""WITH o AS ({members})
            SELECT obs_id(a.source, a.record_key || '-' || k, a.role) AS obs_id_l, obs_id(b.source, b.record_key || '-' || k, b.role) AS obs_id_r,
                x.* EXCLUDE (obs_id_l, obs_id_r)
            FROM {scan(vintage / "links.parquet")} AS x
            INNER JOIN o AS a ON a.obs_id = x.obs_id_l INNER JOIN o AS b ON b.obs_id = x.obs_id_r, copy""",
        out / "links.parquet",
    )
    return {table: out / f"{table}.parquet" for table in (*tables, "links")}


def _columns(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    return ", ".join(_column(str(row[0])) for row in con.execute(f"DESCRIBE SELECT * FROM {scan(path)}").fetchall())


def _column(name: str) -> str:
    if name == "obs_id":
        return "obs_id(x.source, x.record_key || '-' || k, x.role) AS obs_id"
    if name in KEYS:
        return f'x."{name}" || \'-\' || k AS "{name}"'
    if name in NUMBERS:
        return f'lpad(CAST(k AS VARCHAR), 3, \'0\') || substr(x."{name}", 4) AS "{name}"'
    return f'x."{name}"'
