"""The registers that the catalogue speaks of, and the canonical columns that its views read.

A deployment's source may bear another name (``registers`` in ``rules.yml``), lack a column, or be missing: the view then finds nulls,
or no rows, and rules that need it stay silent.
"""

from collections.abc import Iterable, Mapping, Sequence

import duckdb

V, D, B, N, M = "VARCHAR", "DATE", "BOOLEAN", "BIGINT", "DECIMAL(14,2)"
BOOKKEEPING = {"row_key": V, "record_key": V, "delivery_id": V, "first_seen": D, "changed_on": D, "closed_on": D}

REGISTERS: Mapping[str, Mapping[str, str]] = {
    "police": {
        "entry_no": V, "household_no": V, "division": V, "birth_date": D, "marital_status": V, "spouse_id": V, "spouse_id_valid": B,
        "mother_id": V, "mother_id_valid": B, "father_id": V, "father_id_valid": B, "birth_cert_no": V,
        "registered_on": D, "registration_kind": V, "cancelled_on": D, "cancellation_kind": V, "death_date": D,
    },
    "birth": {
        "cert_no": V, "born_on": D, "multiple_no": N, "issue_kind": V, "prior_cert_no": V, "issued_on": D,
        "mother_address_division": V, "mother_id_kind": V,
    },
    "death": {"cert_no": V, "died_on": D, "issued_on": D, "reported_on": D, "status": V, "household_address_division": V},
    "cremation": {"died_on": D, "cremated_on": D, "unidentified": B, "death_cert_no": V, "household_address_division": V},
    "marriage": {"registration_no": V, "kind": V, "registered_on": D, "office": V, "prior_registration_no": V},
    "school": {
        "school_code": V, "student_no": V, "status": V, "status_on": D, "entered_on": D, "grade": V,
        "id_number_kind": V, "household_place_division": V,
    },
    "pension": {
        "account_no": V, "scheme": V, "division": V, "benefit_status": V, "benefit_from": D, "benefit_to": D,
        "paid_month": D, "amount": M, "verified_on": D,
    },
    "electricity": {"account_no": V, "status": V, "read_month": D},
}  # fmt: skip


def create_registers(con: duckdb.DuckDBPyConnection, held: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Create one view ``rec_<register>`` for each register of the catalogue.

    Args:
        con: connection of the step.
        held: each source's ``rec`` table as an SQL relation.
        names: register -> source, where the two differ.
    """
    for register, columns in REGISTERS.items():
        source = names.get(register, register)
        wanted = {**BOOKKEEPING, **columns}
        if source not in held:
            nulls = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in wanted.items())
            con.execute(f"CREATE OR REPLACE VIEW rec_{register} AS SELECT {nulls} WHERE false")
            continue
        present = columns_of(con, held[source])
        con.execute(f"CREATE OR REPLACE VIEW rec_{register} AS SELECT {_select(wanted, present)} FROM {held[source]}")


def insert_rows(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Insert a few rows in one statement: ``executemany`` costs a millisecond a row."""
    if rows:
        places = ", ".join("(" + ", ".join("?" for _ in row) + ")" for row in rows)
        con.execute(f"INSERT INTO {table} VALUES {places}", [cell for row in rows for cell in row])


def columns_of(con: duckdb.DuckDBPyConnection, relation: str) -> tuple[str, ...]:
    """Names of the columns of a relation."""
    return tuple(str(row[0]) for row in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall())


def _select(wanted: Mapping[str, str], present: Iterable[str]) -> str:
    names = set(present)
    return ", ".join(f'CAST({_quoted(name) if name in names else "NULL"} AS {kind}) AS "{name}"' for name, kind in wanted.items())


def _quoted(name: str) -> str:
    return f'"{name}"'
