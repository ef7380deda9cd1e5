"""The double entry: every delivered row in one bucket, every key opened or closed, counted twice."""

from collections.abc import Mapping

import duckdb
import pandas as pd

from pipelines.contracts.tables import LEDGER
from pipelines.errors import RollcallError
from pipelines.standardise.apply import Counts
from pipelines.step import StepContext
from pipelines.storage.frames import scan, write_frame

ROWS, KEYS = "RC-B01", "RC-B02"


def write(con: duckdb.DuckDBPyConnection, ctx: StepContext, applied: Mapping[str, Counts], live: int) -> None:
    """Write one line per delivery that was applied, held, refused, or delivered again under another number.

    All rows of a held or refused delivery count as kept out, so that each line balances.

    Raises:
        RollcallError: RC-B01 the reader's count differs from the buckets; RC-B02 the keys don't balance.
    """
    assert ctx.source is not None
    lines = []
    for row in _deliveries(con, ctx):
        counts = applied.get(str(row["delivery_id"]))
        line = {"source": ctx.source.source, "night": ctx.run.night, "owner": ctx.source.owner.zh, **row}
        lines.append(_applied(line, counts) if counts else _kept_out(line, live))
    write_frame(pd.DataFrame(lines, columns=list(LEDGER.names)), LEDGER, ctx.write("ledger"), con)


def _applied(line: dict[str, object], counts: Counts) -> dict[str, object]:
    rows = counts.rows + int(str(line["quarantined"]))
    if rows != line["rows_read"]:
        raise RollcallError(ROWS, f"{line['rows_read']} rows were read, {rows} are accounted for", where=str(line["delivery_id"]))
    if counts.live_before + counts.opened - counts.closed != counts.live_after:
        raise RollcallError(KEYS, "opened and closed keys don't lead from the live ones before to those after", where=str(line["delivery_id"]))
    return {**line, **vars(counts), "status": "applied", "code": None, "delivered": line["rows_read"]}


def _kept_out(line: dict[str, object], live: int) -> dict[str, object]:
    status = "held" if line["status"] == "accepted" else line["status"]
    rows = 0 if status == "repeated" else line["rows_read"] or line["rows_declared"] or 0
    nothing = dict.fromkeys(("new", "changed", "unchanged", "exact_duplicates", "opened", "closed"), 0)
    return {**line, **nothing, "status": status, "delivered": rows, "quarantined": rows, "live_before": live, "live_after": live}


def _deliveries(con: duckdb.DuckDBPyConnection, ctx: StepContext) -> list[dict[str, object]]:
    found = con.execute(
        f"""WITH out AS (SELECT delivery_id, count(DISTINCT (file, row_number)) AS n FROM {scan(ctx.read("quarantine"))}
                         WHERE severity = 'critical' GROUP BY 1),
                 held AS (SELECT delivery_id, min(gate) AS gate FROM {scan(ctx.read("gates"))} WHERE outcome = 'held' GROUP BY 1)
            SELECT delivery_id, business_date, sequence, mode, status, coalesce(code, CASE WHEN gate IS NOT NULL THEN 'RC-G01' END) AS code,
                   rows_read, rows_declared, coalesce(n, 0) AS quarantined
            FROM {scan(ctx.read("deliveries"))} LEFT JOIN out USING (delivery_id) LEFT JOIN held USING (delivery_id)
            WHERE status <> 'waiting' AND (status <> 'repeated' OR code IS NOT NULL) ORDER BY sequence, delivery_id"""
    )
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
