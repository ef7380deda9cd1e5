"""How late events reach us, estimated from what has arrived, with right truncation taken into account.

A recent event is known only if it came quickly, so a plain average of known delays is too short. Delays are therefore read backwards in
time, from the longest to the shortest: the reverse-time product-limit estimate of Lagakos, Barraj and De Gruttola (Biometrika 75, 1988,
515-523), which is the chain ladder of reserving (Lawless, Canadian Journal of Statistics 22, 1994, 15-31). It says how late events are
*among those that arrive within the longest delay that can be seen*; what never comes is not in it, and is what the rules look for.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.reconcile.registers import insert_rows

WINDOW_DAYS = 730
FEWEST_AT_RISK = 20
"""A delay with fewer events at risk ends the range that can be seen: the estimate is worth nothing beyond."""

EVENTS = """
    SELECT p.source, 'birth' AS event, r.born_on AS happened_on, r.issued_on AS recorded_on, r.first_seen
    FROM rec_birth AS r INNER JOIN (SELECT source FROM known_source WHERE register = 'birth') AS p ON TRUE
    WHERE coalesce(r.issue_kind, 'first') = 'first'
    UNION ALL
    SELECT p.source, 'death', r.died_on, coalesce(r.reported_on, r.issued_on), r.first_seen
    FROM rec_death AS r INNER JOIN (SELECT source FROM known_source WHERE register = 'death') AS p ON TRUE
    WHERE coalesce(r.status, 'normal') = 'normal'
    UNION ALL
    SELECT p.source, 'cremation', r.died_on, r.cremated_on, r.first_seen
    FROM rec_cremation AS r INNER JOIN (SELECT source FROM known_source WHERE register = 'cremation') AS p ON TRUE
    UNION ALL
    SELECT p.source, r.kind, r.registered_on, r.registered_on, r.first_seen
    FROM rec_marriage AS r INNER JOIN (SELECT source FROM known_source WHERE register = 'marriage') AS p ON TRUE
    WHERE r.kind IN ('marriage', 'divorce')
    UNION ALL
    SELECT p.source, 'birth_registration', r.birth_date, r.registered_on, r.first_seen
    FROM rec_police AS r INNER JOIN (SELECT source FROM known_source WHERE register = 'police') AS p ON TRUE
    WHERE r.registration_kind = 'birth'
    UNION ALL
    SELECT p.source, 'death_cancellation', r.death_date, r.cancelled_on, r.changed_on
    FROM rec_police AS r INNER JOIN (SELECT source FROM known_source WHERE register = 'police') AS p ON TRUE
    WHERE r.cancellation_kind = 'death'
"""
"""Each register's events. What the first delivery brought is dated by the register's own date of record, the rest by delivery."""


@dataclass(frozen=True)
class LagEstimate:
    """Days by which half, nine in ten and 99 in a hundred events have arrived; None = too few events to say."""

    events: int
    median: int | None
    p90: int | None
    p99: int | None
    longest: int | None
    arrived: int
    to_come: float


def create_lags(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``lag`` (columns of LAGS) from the registers and the ledger."""
    counted = con.execute(
        f"""WITH event AS ({EVENTS}),
            first_delivery AS (SELECT source, min(business_date) AS first_on FROM ledger WHERE status = 'applied' GROUP BY source),
            dated AS (
                SELECT e.source, e.event, e.happened_on,
                    CASE WHEN e.first_seen > f.first_on THEN e.first_seen ELSE least(e.recorded_on, f.first_on) END AS arrived_on
                FROM event AS e INNER JOIN first_delivery AS f ON f.source = e.source
            )
            SELECT d.source, d.event, date_diff('day', d.happened_on, run.night) AS ago,
                date_diff('day', d.happened_on, d.arrived_on) AS delay, count(*) AS n
            FROM dated AS d CROSS JOIN run
            WHERE d.happened_on BETWEEN CAST(run.night - {WINDOW_DAYS} AS DATE) AND run.night AND d.arrived_on BETWEEN d.happened_on AND run.night
            GROUP BY ALL ORDER BY ALL"""
    ).df()
    rows = [
        (source, event, lag.events, lag.median, lag.p90, lag.p99, lag.longest, lag.arrived, lag.to_come)
        for (source, event), group in counted.groupby(["source", "event"], sort=True)
        for lag in (estimate_lag(group),)
    ]
    con.execute(
        """CREATE OR REPLACE TABLE lag (source VARCHAR, event VARCHAR, events BIGINT, median_days INTEGER, p90_days INTEGER,
               p99_days INTEGER, longest_days INTEGER, arrived BIGINT, to_come DOUBLE)"""
    )
    insert_rows(con, "lag", rows)


def estimate_lag(counted: pd.DataFrame) -> LagEstimate:
    """Estimate one delay distribution.

    Args:
        counted: columns ago (days from the event to T), delay (days from the event to its arrival, at most ago), n (events).
    """
    size = WINDOW_DAYS + 1
    ago, delay, n = (counted[c].to_numpy(dtype=np.int64) for c in ("ago", "delay", "n"))
    late = np.bincount(delay, weights=n, minlength=size).astype(np.float64)
    happened = np.bincount(ago, weights=n, minlength=size).astype(np.float64)
    at_risk = np.cumsum(late) - np.concatenate(([0.0], np.cumsum(happened)[:-1]))
    seen = np.flatnonzero(at_risk >= FEWEST_AT_RISK)
    events = int(n.sum())
    if len(seen) == 0:
        return LagEstimate(events, None, None, None, None, events, 0.0)
    longest = int(seen[-1])
    share = _reverse_time(late[: longest + 1], at_risk[: longest + 1])
    recent = happened[: longest + 1]
    known = np.where(share > 0, share, 1.0)
    median, p90, p99 = (int(np.searchsorted(share, q)) for q in (0.5, 0.9, 0.99))
    return LagEstimate(events, median, p90, p99, longest, int(recent.sum()), round(float((recent / known - recent).sum()), 3))


def _reverse_time(late: npt.NDArray[np.float64], at_risk: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """F(x) for x = 0..longest: the product over u > x of 1 - (events with delay u) / (events at risk of delay u)."""
    stays = np.ones_like(late)
    np.divide(at_risk - late, at_risk, out=stays, where=at_risk > 0)
    later = np.cumprod(stays[::-1])[::-1]
    return np.concatenate((later[1:], [1.0]))
