"""Findings against the truth of a simulated world: precision, recall, innocents flagged, and whose fault a false finding is.

The truth folder holds ``anomalies`` (code, status, subject, persons, records as ``source|key|role``, first_night, fixed_night), ``innocents``
(code, kind, records) and ``records`` (source, record_key, role, person).
"""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from pipelines.storage.frames import connect, scan

COLUMNS = (
    "code", "truth", "found", "right", "false", "missed", "precision", "recall", "f1",
    "false_by_link", "innocents", "innocents_flagged", "in_review",
)  # fmt: skip


def evaluate_findings(findings: pd.DataFrame, truth_dir: Path, person_records: pd.DataFrame, night: date | None = None) -> pd.DataFrame:
    """Per-rule figures of one night.

    A finding is right when the truth holds the same code for a person (for A01: a division, for I04: a row) that its evidence speaks of.
    Rows that are information only (a lunar date, code I04) are left out. ``false_by_link``: the evidence mixes two true people, or a
    true person of it is spread over several person ids.

    Args:
        findings: columns of FINDINGS; ``subject_key`` (of FINDING_DETAILS) is used for divisions when it is there.
        truth_dir: folder with ``anomalies.parquet``, ``innocents.parquet``, ``records.parquet``.
        person_records: columns of PERSON_RECORDS.
        night: T; None = what holds after the last night.

    Returns:
        One row per code and a last one, ``all``: columns COLUMNS; shares are null where there is nothing to divide by.
    """
    con = connect()
    match_findings(con, findings, truth_dir, person_records, night)
    counted = con.execute(
        """WITH found AS (
               SELECT code, count(*) AS found, count(*) FILTER (WHERE hit) AS right_n, count(*) FILTER (WHERE NOT hit) AS false_n,
                   count(*) FILTER (WHERE NOT hit AND by_link) AS false_by_link, count(*) FILTER (WHERE status = 'review') AS in_review
               FROM matched GROUP BY code
           ),
           due AS (SELECT code, count(*) AS truth, count(*) FILTER (WHERE NOT hit) AS missed FROM due_truth GROUP BY code),
           spared AS (SELECT code, count(*) AS innocents, count(*) FILTER (WHERE flagged) AS innocents_flagged FROM innocent_row GROUP BY code)
           SELECT coalesce(d.code, f.code, s.code) AS code, coalesce(d.truth, 0) AS truth, coalesce(f.found, 0) AS found,
               coalesce(f.right_n, 0) AS "right", coalesce(f.false_n, 0) AS "false", coalesce(d.missed, 0) AS missed,
               coalesce(f.false_by_link, 0) AS false_by_link, coalesce(s.innocents, 0) AS innocents,
               coalesce(s.innocents_flagged, 0) AS innocents_flagged, coalesce(f.in_review, 0) AS in_review
           FROM due AS d FULL JOIN found AS f ON f.code = d.code FULL JOIN spared AS s ON s.code = coalesce(d.code, f.code) ORDER BY 1"""
    ).df()
    con.close()
    return shares(counted)


def match_findings(
    con: duckdb.DuckDBPyConnection, findings: pd.DataFrame, truth_dir: Path, person_records: pd.DataFrame, night: date | None
) -> pd.DataFrame:
    """Make ``matched`` (findings with ``hit`` and ``by_link``), ``due_truth`` and ``innocent_row``; gives ``matched``."""
    con.register("given", findings if "subject_key" in findings else findings.assign(subject_key=None))
    con.register("placed", person_records)
    con.execute("CREATE OR REPLACE TABLE finding_row AS SELECT * FROM given WHERE NOT (code = 'I04' AND severity = 'info')")
    con.execute(
        """CREATE OR REPLACE TABLE finding_record AS
           SELECT finding_id, concat_ws('|', r.source, r.record_key, r.role) AS record
           FROM (SELECT finding_id, unnest(records) AS r FROM finding_row)"""
    )
    con.execute(
        f"""CREATE OR REPLACE TABLE true_record AS SELECT concat_ws('|', source, record_key, role) AS record, person
            FROM {scan(truth_dir / "records.parquet")}"""
    )
    in_force = f"first_night <= DATE '{night}' AND (fixed_night IS NULL OR fixed_night > DATE '{night}')" if night else "fixed_night IS NULL"
    con.execute(
        f"""CREATE OR REPLACE TABLE truth_row AS SELECT row_number() OVER () AS truth_id, code, subject, persons, records
            FROM {scan(truth_dir / "anomalies.parquet")} WHERE {in_force}"""
    )
    con.execute(_HITS)
    con.execute("CREATE OR REPLACE TABLE due_truth AS SELECT t.*, t.truth_id IN (SELECT truth_id FROM hit) AS hit FROM truth_row AS t")
    con.execute(_MATCHED)
    con.execute(
        f"""CREATE OR REPLACE TABLE innocent_row AS
            WITH spared AS (SELECT row_number() OVER () AS n, code, kind, unnest(records) AS record FROM {scan(truth_dir / "innocents.parquet")})
            SELECT s.n, s.code, s.kind, bool_or(m.finding_id IS NOT NULL AND NOT m.hit AND m.status = 'open') AS flagged
            FROM spared AS s
            LEFT JOIN finding_record AS r ON r.record = s.record
            LEFT JOIN matched AS m ON m.finding_id = r.finding_id AND m.code = s.code
            GROUP BY s.n, s.code, s.kind"""
    )
    return con.execute("SELECT * FROM matched ORDER BY code, finding_id").df()


_HITS = """
CREATE OR REPLACE TABLE hit AS
WITH shown AS (
    SELECT DISTINCT f.finding_id, f.code, t.person
    FROM finding_row AS f
    INNER JOIN finding_record AS r ON r.finding_id = f.finding_id
    INNER JOIN true_record AS t ON t.record = r.record
),
wanted AS (SELECT truth_id, code, unnest(persons) AS person FROM truth_row WHERE code NOT IN ('A01', 'I04'))
SELECT DISTINCT s.finding_id, w.truth_id FROM shown AS s INNER JOIN wanted AS w ON w.code = s.code AND w.person = s.person
UNION
SELECT f.finding_id, t.truth_id
FROM finding_row AS f INNER JOIN truth_row AS t ON t.code = f.code AND f.code = 'I04'
INNER JOIN finding_record AS r ON r.finding_id = f.finding_id AND r.record = t.subject
UNION
SELECT f.finding_id, t.truth_id
FROM finding_row AS f INNER JOIN truth_row AS t ON t.code = f.code AND f.code = 'A01' AND starts_with(f.subject_key, t.subject)
"""

_MATCHED = """
CREATE OR REPLACE TABLE matched AS
WITH spread AS (
    SELECT t.person
    FROM placed AS p INNER JOIN true_record AS t ON t.record = concat_ws('|', p.source, p.record_key, p.role)
    GROUP BY t.person HAVING count(DISTINCT p.person_id) > 1
),
mixed AS (
    SELECT p.person_id
    FROM placed AS p INNER JOIN true_record AS t ON t.record = concat_ws('|', p.source, p.record_key, p.role)
    GROUP BY p.person_id HAVING count(DISTINCT t.person) > 1
),
blamed AS (
    SELECT r.finding_id, bool_or(s.person IS NOT NULL OR m.person_id IS NOT NULL) AS by_link
    FROM finding_record AS r
    LEFT JOIN true_record AS t ON t.record = r.record
    LEFT JOIN spread AS s ON s.person = t.person
    LEFT JOIN placed AS p ON concat_ws('|', p.source, p.record_key, p.role) = r.record
    LEFT JOIN mixed AS m ON m.person_id = p.person_id
    GROUP BY r.finding_id
)
SELECT f.*, f.finding_id IN (SELECT finding_id FROM hit) AS hit, coalesce(b.by_link, FALSE) AS by_link
FROM finding_row AS f LEFT JOIN blamed AS b ON b.finding_id = f.finding_id
"""


def shares(counted: pd.DataFrame) -> pd.DataFrame:
    """Add precision, recall and F1 to counts by code, and the row ``all``."""
    total = counted.drop(columns="code").sum(numeric_only=True).to_frame().T.assign(code="all")
    frame = pd.concat([counted, total], ignore_index=True)
    right = frame["right"].astype(float)
    frame["precision"] = right / frame["found"].replace(0, np.nan)
    frame["recall"] = (frame["truth"] - frame["missed"]) / frame["truth"].replace(0, np.nan)
    frame["f1"] = 2 * frame["precision"] * frame["recall"] / (frame["precision"] + frame["recall"])
    return frame[list(COLUMNS)]


def reliability(matched: pd.DataFrame, bins: int = 10) -> pd.DataFrame:
    """Calibration of ``confidence``: per bin the mean stated probability, the share that is real, and the count."""
    frame = matched.assign(hit=matched["hit"].astype(float), bin=np.minimum((matched["confidence"] * bins).astype(int), bins - 1))
    return frame.groupby("bin").agg(stated=("confidence", "mean"), real=("hit", "mean"), findings=("hit", "size")).reset_index(drop=True)


def brier(matched: pd.DataFrame) -> float:
    """Mean squared difference between ``confidence`` and the truth; null without findings."""
    return float(((matched["confidence"] - matched["hit"].astype(float)) ** 2).mean())
