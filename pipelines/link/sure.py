"""Tiers 0 to 2: references between records, equal numbers, and numbers that one mended mistake makes equal. Each gives candidates to judge.

Observations that say the same of one number are one *signature*; the first of them stands for the others, and only signatures are
compared pairwise. So a person with forty rows costs forty-odd pairs, not eight hundred.
"""

from collections import Counter

import duckdb
import pandas as pd

from pipelines.link.index import REFERENCES, WRONG
from pipelines.link.judge import judge
from pipelines.locales import CountryPack

SIGNATURE_CAP = 40
"""A number (or reference) under which more different people-signatures stand than this is no evidence; it is counted and left out."""


def judge_sure(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> Counter[str]:
    """Judge all candidates of tiers 0 to 2 among table ``o``. Gives, per rule, how many values too many records bear to be evidence."""
    con.execute("CREATE OR REPLACE TEMP TABLE candidates (l BIGINT, r BIGINT, tier INTEGER, rule VARCHAR, cells VARCHAR)")
    shared = Counter(tier_0(con))
    shared["same_number"] = tier_1(con)
    tier_2(con, pack)
    judge(con, "candidates", pack)
    return shared


def tier_0(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """References: certificate numbers, school numbers, and earlier records that a record replaces or ends.

    Gives, per kind of reference, how many were left out because too many records bear them.
    """
    parts = [
        f"SELECT obs_id, trust, '{rule}' AS rule, {column} AS ref FROM o WHERE role IN {(*roles, '')} AND {column} IS NOT NULL"
        for rule, (column, roles) in REFERENCES.items()
    ]
    con.execute(f"CREATE OR REPLACE TEMP TABLE referred AS {' UNION ALL '.join(parts)}")
    _look_around_cap(con, "SELECT rule || ref AS value, obs_id FROM referred")
    con.execute(TIED)
    con.execute(f"""
        INSERT INTO candidates
        WITH first AS (SELECT rule, ref, arg_min(obs_id, trust) AS l, count(*) AS n FROM referred GROUP BY ALL HAVING n BETWEEN 2 AND {SIGNATURE_CAP})
        SELECT l, obs_id AS r, 0 AS tier, rule, 'reference' AS cells FROM first JOIN referred USING (rule, ref)
        UNION ALL
        SELECT later.obs_id, prior.obs_id, 0, 'prior_record', 'reference'
        FROM (SELECT DISTINCT source, record_key, ref_prior FROM o WHERE ref_prior IS NOT NULL) replaced
        JOIN o later USING (source, record_key)
        JOIN o prior ON prior.source = later.source AND prior.record_key = replaced.ref_prior AND prior.role = later.role
    """)
    hot = f"SELECT rule FROM referred GROUP BY rule, ref HAVING count(*) > {SIGNATURE_CAP}"
    return dict(con.execute(f"SELECT rule, count(*) FROM ({hot}) GROUP BY rule ORDER BY rule").fetchall())


def tier_1(con: duckdb.DuckDBPyConnection) -> int:
    """Equal valid numbers. Gives the number of values left out because too many different signatures stand under them."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE signed AS
        SELECT id_number, obs_id, min(obs_id) OVER signature AS first
        FROM o WHERE id_number IS NOT NULL
        WINDOW signature AS (PARTITION BY id_number, name, former_name_fold, sex, birth_date, birth_precision)
    """)
    _look_around_cap(con, "SELECT DISTINCT id_number AS value, first AS obs_id FROM signed")
    [(hot,)] = con.execute(f"""
        SELECT count(*) FROM (SELECT id_number FROM signed GROUP BY 1 HAVING count(DISTINCT first) > {SIGNATURE_CAP})
    """).fetchall()
    con.execute(f"""
        INSERT INTO candidates
        WITH signature AS (SELECT DISTINCT id_number, first FROM signed),
        cool AS (SELECT id_number FROM signature GROUP BY 1 HAVING count(*) <= {SIGNATURE_CAP})
        SELECT first AS l, obs_id AS r, 1 AS tier, 'same_number' AS rule, 'number' AS cells FROM signed WHERE first <> obs_id
        UNION ALL
        SELECT a.first, b.first, 1, 'same_number', 'number'
        FROM cool JOIN signature a USING (id_number) JOIN signature b USING (id_number) WHERE a.first < b.first
    """)
    return int(hot)


TIED = """
    INSERT INTO looked
    WITH replaced AS (SELECT DISTINCT source, record_key, ref_prior FROM o WHERE ref_prior IS NOT NULL),
    rows AS (SELECT source, r.record_key, obs_id FROM replaced r JOIN o USING (source, record_key)
             UNION ALL SELECT r.source, r.record_key, obs_id FROM replaced r JOIN o ON o.source = r.source AND o.record_key = r.ref_prior)
    SELECT first, obs_id, false FROM (SELECT obs_id, min(obs_id) OVER (PARTITION BY source, record_key) AS first FROM rows) WHERE first <> obs_id"""
"""All roles of a record and of the one it replaces or ends are looked at together, as one role's row may say for all which one that is."""


def _look_around_cap(con: duckdb.DuckDBPyConnection, standing: str) -> None:
    """Note as looked at together what stands under one value about as often as the cap allows, so that a night that crosses it sees all."""
    con.execute(f"""
        INSERT INTO looked
        SELECT first, obs_id, false FROM (SELECT obs_id, min(obs_id) OVER same AS first, count(*) OVER same AS n FROM ({standing})
                                          WINDOW same AS (PARTITION BY value))
        WHERE n BETWEEN {SIGNATURE_CAP // 2} AND {SIGNATURE_CAP * 2} AND first <> obs_id
    """)


def tier_2(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> None:
    """Numbers made equal by one mended mistake that the row itself supports, by an earlier number, or wrong in the same way."""
    put_repairs(con, pack, "SELECT * FROM o")
    con.execute(f"""
        INSERT INTO candidates
        WITH holder AS (SELECT id_number, arg_min(obs_id, trust) AS l FROM o WHERE own_number IS NOT NULL GROUP BY id_number, name_fold),
        broken AS (SELECT obs_id, trust, id_text, name_fold FROM o WHERE {WRONG})
        SELECT DISTINCT holder.l, repair.obs_id AS r, 2 AS tier, 'repaired_' || repair.edit AS rule, 'repaired' AS cells
        FROM repairs repair JOIN holder ON holder.id_number = repair.candidate
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


def put_repairs(con: duckdb.DuckDBPyConnection, pack: CountryPack, observations: str) -> None:
    """Make ``repairs`` (obs_id, candidate, edit): valid numbers one edit from a row's wrong one that its birth date and sex support."""
    broken = con.execute(f"""
        SELECT obs_id, id_text AS number, birth_date::TIMESTAMP_S AS birth_date, sex FROM ({observations})
        WHERE id_number IS NULL AND id_text IS NOT NULL AND birth_precision = 'day' AND id_kind NOT IN ('placeholder', 'blank') ORDER BY obs_id
    """).df()
    found = pack.numbers.repair(broken)
    con.register("found_repairs", pd.DataFrame({
        "obs_id": broken["obs_id"].to_numpy()[broken.index.get_indexer(pd.Index(found["index"]))] if len(found) else pd.Series(dtype="int64"),
        "candidate": found["candidate"].astype(object), "edit": found["edit"].astype(object),
    }))  # fmt: skip
    con.execute("CREATE OR REPLACE TEMP TABLE repairs AS SELECT obs_id, candidate::VARCHAR AS candidate, edit::VARCHAR AS edit FROM found_repairs")
    con.unregister("found_repairs")
