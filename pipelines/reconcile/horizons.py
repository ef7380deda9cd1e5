"""How far each source has reported: not yet due comes before missing."""

from collections.abc import Mapping

import duckdb

from pipelines.reconcile.registers import insert_rows
from pipelines.settings import SourceConfig


def create_horizons(con: duckdb.DuckDBPyConnection, sources: Mapping[str, SourceConfig]) -> None:
    """Make ``horizon`` from ``ledger``, ``known_source`` and the sources' declared lags.

    ``horizon`` = last applied business date less the lag; null = nothing applied yet. ``stale_days`` = days since the next delivery
    was due, 0 when none is due.
    """
    con.execute("CREATE OR REPLACE TABLE declared (source VARCHAR, began DATE, reporting_lag_days INTEGER, cadence_days INTEGER)")
    insert_rows(con, "declared", [(name, s.began, s.reporting_lag_days, s.cadence_days) for name, s in sources.items()])
    con.execute(
        """CREATE OR REPLACE TABLE horizon AS
           SELECT
               k.register, d.source, d.began, l.delivered_through, d.reporting_lag_days,
               CAST(l.delivered_through - d.reporting_lag_days AS DATE) AS horizon,
               CAST(greatest(0, date_diff('day', CAST(l.delivered_through + d.cadence_days AS DATE), run.night)) AS INTEGER) AS stale_days
           FROM declared AS d
           INNER JOIN known_source AS k ON k.source = d.source
           LEFT JOIN (
               SELECT l.source, max(l.business_date) AS delivered_through
               FROM ledger AS l CROSS JOIN run
               WHERE l.status = 'applied' AND l.business_date <= run.night
               GROUP BY l.source
           ) AS l ON l.source = d.source
           CROSS JOIN run"""
    )
