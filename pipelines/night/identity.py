"""What a night did to the person index, and what linking left out: figures for run.json, never a key or a value."""

import json
from collections.abc import Mapping
from typing import Any

import duckdb

from pipelines.night.execute import Artefact
from pipelines.storage.frames import scan

CHANGES = """
WITH b AS (SELECT * FROM {person_records_before}), a AS (SELECT * FROM {person_records}),
tonight AS (
    SELECT event FROM {person_history} h WHERE NOT EXISTS (
        SELECT 1 FROM {person_history_before} p
        WHERE (p.person_id, p.night, p.event) = (h.person_id, h.night, h.event) AND p.successor IS NOT DISTINCT FROM h.successor)
), counted AS (
    SELECT (SELECT count(DISTINCT person_id) FROM b) AS before, count(*) FILTER (event = 'created') AS created,
           count(*) FILTER (event = 'split') AS split, count(*) FILTER (event = 'merged') AS merged, count(*) FILTER (event = 'retired') AS retired,
           (SELECT count(DISTINCT person_id) FROM a) AS after
    FROM tonight
)
SELECT before, before - merged - retired AS kept, created, split, merged, retired, after,
       (SELECT count(*) FROM b JOIN a USING (source, record_key, role) WHERE b.person_id <> a.person_id) AS records_moved
FROM counted
"""


def index_changes(con: duckdb.DuckDBPyConnection, tables: Mapping[str, Artefact], before: Mapping[str, Artefact]) -> dict[str, int]:
    """Persons before, kept, created, split, merged, retired and after; and records that speak of another person than in the parent vintage.

    All changes are 0 when nothing was delivered and nobody decided. Empty when the night has no person index.
    """
    names = ("person_records", "person_history")
    if any(name not in tables or f"previous.{name}" not in before for name in names):
        return {}
    files = {name: scan(tables[name].path) for name in names} | {f"{name}_before": scan(before[f"previous.{name}"].path) for name in names}
    cursor = con.execute(CHANGES.format_map(files))
    columns = [column[0] for column in cursor.description]
    [row] = cursor.fetchall()
    return dict(zip(columns, row, strict=True))


def left_out(con: duckdb.DuckDBPyConnection, tables: Mapping[str, Artefact]) -> list[dict[str, Any]]:
    """What linking left out tonight (table ``link_report``): hot blocks, and numbers that too many different people hold."""
    if "link_report" not in tables:
        return []
    rows = con.execute(f"SELECT * FROM {scan(tables['link_report'].path)} ORDER BY ALL").df()
    found: list[dict[str, Any]] = json.loads(rows.to_json(orient="records"))
    return found
