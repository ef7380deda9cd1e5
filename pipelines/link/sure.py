"""Tiers 0 to 2: references between records, equal numbers, and numbers that one mended mistake makes equal. Each gives candidates to judge.

Observations that say the same of one number are one *signature*; the first of them stands for the others, and only signatures are
compared pairwise. So a person with forty rows costs forty-odd pairs, not eight hundred.
"""

import duckdb
import pandas as pd

from pipelines.link.judge import judge
from pipelines.locales import CountryPack

SIGNATURE_CAP = 40
"""A number (or reference) under which more different people-signatures stand than this is no evidence; it is counted and left out."""


def tier_0(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> None:
    """References: certificate numbers, school numbers, and earlier records that a record replaces or ends."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE candidates AS
        WITH referred AS (
            SELECT obs_id, trust, 'birth_certificate' AS rule, ref_birth_cert AS ref FROM o WHERE role IN ('child', 'self')
            UNION ALL SELECT obs_id, trust, 'death_certificate', ref_death_cert FROM o WHERE role = 'deceased'
            UNION ALL SELECT obs_id, trust, 'school_number', ref_student FROM o WHERE role = 'pupil'
        ), first AS (
            SELECT rule, ref, arg_min(obs_id, trust) AS l, count(*) AS n FROM referred WHERE ref IS NOT NULL GROUP BY ALL HAVING n BETWEEN 2 AND 40
        )
        SELECT l, obs_id AS r, 0 AS tier, rule, 'reference' AS cells FROM first JOIN referred USING (rule, ref)
        UNION ALL
        SELECT later.obs_id, prior.obs_id, 0, 'prior_record', 'reference'
        FROM (SELECT DISTINCT source, record_key, ref_prior FROM o WHERE ref_prior IS NOT NULL) replaced
        JOIN o later USING (source, record_key)
        JOIN o prior ON prior.source = later.source AND prior.record_key = replaced.ref_prior AND prior.role = later.role
    """)
    judge(con, "candidates", pack)


def tier_1(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> int:
    """Equal valid numbers. Gives the number of values left out because too many different signatures stand under them."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE signed AS
        SELECT id_number, obs_id, min(obs_id) OVER signature AS first
        FROM o WHERE id_number IS NOT NULL
        WINDOW signature AS (PARTITION BY id_number, name, former_name_fold, sex, birth_date, birth_precision)
    """)
    [(hot,)] = con.execute(f"""
        SELECT count(*) FROM (SELECT id_number FROM signed GROUP BY 1 HAVING count(DISTINCT first) > {SIGNATURE_CAP})
    """).fetchall()
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE candidates AS
        WITH signature AS (SELECT DISTINCT id_number, first FROM signed),
        cool AS (SELECT id_number FROM signature GROUP BY 1 HAVING count(*) <= {SIGNATURE_CAP})
        SELECT first AS l, obs_id AS r, 1 AS tier, 'same_number' AS rule, 'number' AS cells FROM signed WHERE first <> obs_id
        UNION ALL
        SELECT a.first, b.first, 1, 'same_number', 'number'
        FROM cool JOIN signature a USING (id_number) JOIN signature b USING (id_number) WHERE a.first < b.first
    """)
    judge(con, "candidates", pack)
    return int(hot)


def tier_2(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> None:
    """Numbers made equal by one mended mistake that the row itself supports, by an earlier number, or wrong in the same way."""
    con.register("repairs_frame", _repairs(con, pack))
    con.execute("""
        CREATE OR REPLACE TEMP TABLE candidates AS
        WITH holder AS (SELECT id_number, arg_min(obs_id, trust) AS l FROM o WHERE own_number IS NOT NULL GROUP BY id_number, name_fold),
        broken AS (
            SELECT obs_id, trust, id_text, name_fold FROM o
            WHERE id_number IS NULL AND length(id_text) BETWEEN 15 AND 19 AND id_kind NOT IN ('placeholder', 'blank')
        )
        SELECT DISTINCT holder.l, repair.obs_id AS r, 2 AS tier, 'repaired_' || repair.edit AS rule, 'repaired' AS cells
        FROM repairs_frame repair JOIN holder ON holder.id_number = repair.candidate
        UNION
        SELECT holder.l, broken.obs_id, 2, 'repaired_name', 'repaired'
        FROM broken JOIN (SELECT name_fold, id_number, obs_id AS l FROM o WHERE own_number IS NOT NULL AND name_fold IS NOT NULL) holder
             USING (name_fold)
        WHERE damerau_levenshtein(broken.id_text, holder.id_number) <= 1
        UNION
        SELECT min(obs_id) OVER (PARTITION BY id_text), obs_id, 2, 'same_wrong_number', 'repaired' FROM broken WHERE name_fold IS NOT NULL
        UNION
        SELECT holder.l, o.obs_id, 2, 'earlier_number', 'earlier' FROM o JOIN holder ON holder.id_number = o.old_id_number
    """)
    con.unregister("repairs_frame")
    judge(con, "candidates", pack)


def _repairs(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> pd.DataFrame:
    """Columns obs_id, candidate, edit: valid numbers one edit from a row's wrong one that its birth date and sex support."""
    broken = con.execute("""
        SELECT obs_id, id_text AS number, birth_date::TIMESTAMP_S AS birth_date, sex FROM o
        WHERE id_number IS NULL AND id_text IS NOT NULL AND birth_precision = 'day' AND id_kind NOT IN ('placeholder', 'blank') ORDER BY obs_id
    """).df()
    found = pack.numbers.repair(broken)
    return pd.DataFrame({
        "obs_id": broken["obs_id"].to_numpy()[broken.index.get_indexer(pd.Index(found["index"]))] if len(found) else pd.Series(dtype="int64"),
        "candidate": found["candidate"].astype(object), "edit": found["edit"].astype(object),
    })  # fmt: skip
