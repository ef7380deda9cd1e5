"""Judging candidate pairs of tiers 0 to 2: how names and birth dates agree, and how sure the link is."""

import duckdb
import pandas as pd

from pipelines.link.certainty import BIRTH_CLASSES, CORROBORATED, CORROBORATED_CELLS, NAME_CLASSES, SEX_CLASH, case_of, rows
from pipelines.locales import CountryPack

SIDES = ("name", "name_fold", "name_kind", "former_name_fold", "sex", "birth_date", "birth_precision", "spouse_id",
         "mother_id", "mother_name", "father_name")  # fmt: skip


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``certainty`` and the (empty) cache ``name_pairs`` of compared names."""
    con.execute("CREATE TEMP TABLE certainty (cells VARCHAR, names VARCHAR, births VARCHAR, probability DOUBLE)")
    con.executemany("INSERT INTO certainty VALUES (?, ?, ?, ?)", rows())
    con.execute("CREATE TEMP TABLE name_pairs (a VARCHAR, b VARCHAR, level VARCHAR)")


def begin(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables ``judged``, ``alike`` and ``looked``: every pair that was compared, whatever came of it, and whether family was asked."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE judged
               (l BIGINT, r BIGINT, tier INTEGER, rule VARCHAR, levels VARCHAR, weight DOUBLE, probability DOUBLE);
        CREATE OR REPLACE TEMP TABLE alike (g BIGINT, h BIGINT, levels VARCHAR, weight DOUBLE);
        CREATE OR REPLACE TEMP TABLE looked (l BIGINT, r BIGINT, kin BOOLEAN)
    """)


def compare_names(con: duckdb.DuckDBPyConnection, pairs: str, pack: CountryPack) -> None:
    """Add to ``name_pairs`` the level of each distinct unequal pair of names in ``pairs`` (columns name_l, name_r, smaller first)."""
    todo = con.execute(f"""
        SELECT DISTINCT least(name_l, name_r) AS a, greatest(name_l, name_r) AS b FROM {pairs}
        WHERE name_l IS NOT NULL AND name_r IS NOT NULL AND name_l <> name_r
        EXCEPT SELECT a, b FROM name_pairs ORDER BY 1, 2
    """).df()
    if todo.empty:
        return
    found = pd.DataFrame({"a": todo["a"], "b": todo["b"], "level": pack.names.compare(todo["a"], todo["b"])})
    con.register("found_levels", found)
    con.execute("INSERT INTO name_pairs SELECT a, b, level FROM found_levels")
    con.unregister("found_levels")


def judge(con: duckdb.DuckDBPyConnection, candidates: str, pack: CountryPack) -> None:
    """Judge the candidates (l, r, tier, rule, cells) and add those with a probability to ``judged``.

    Names that differ need birth dates that don't; both different is never a link (the catalogue's I02). Contradicting sexes cap the
    probability. Names unlike with one number and birth date need one spouse in common: two people, twins above all, can hold one number.
    """
    columns = ", ".join(f"{side}.{c} AS {c}_{side}" for side in ("l", "r") for c in SIDES)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE sided AS
        SELECT DISTINCT least(c.l, c.r) AS l_id, greatest(c.l, c.r) AS r_id, c.tier, c.rule, c.cells, {columns}
        FROM {candidates} c JOIN o l ON l.obs_id = least(c.l, c.r) JOIN o r ON r.obs_id = greatest(c.l, c.r)
        WHERE c.l <> c.r
    """)
    compare_names(con, "(SELECT name_l, name_r FROM sided WHERE name_fold_l IS DISTINCT FROM name_fold_r)", pack)
    con.execute(f"INSERT INTO judged {JUDGE_SQL}")
    con.execute("INSERT INTO looked SELECT l_id, r_id, false FROM sided")
    con.execute("DROP TABLE sided")


LEVEL = """
    CASE WHEN name_fold_l IS NULL OR name_fold_r IS NULL THEN 'missing'
         WHEN name_fold_l = name_fold_r THEN CASE name_kind_l WHEN 'newborn' THEN 'partial' ELSE 'same' END
         WHEN former_name_fold_l = name_fold_r OR former_name_fold_r = name_fold_l THEN 'former'
         WHEN name_kind_l = 'newborn' OR name_kind_r = 'newborn' THEN 'missing'
         ELSE coalesce(n.level, 'missing') END"""

JUDGE_SQL = f"""
WITH levelled AS (
    SELECT s.*, {LEVEL} AS name_level,
           birth_agreement(birth_date_l, birth_precision_l, birth_date_r, birth_precision_r) AS birth_level,
           coalesce(sex_l <> sex_r, false) AS sex_clash,
           CASE cells WHEN 'number' THEN coalesce(spouse_id_l = spouse_id_r, false)
                      WHEN 'reference'
                      THEN coalesce(mother_id_l = mother_id_r OR (mother_name_l = mother_name_r AND father_name_l = father_name_r), false)
                      ELSE false END AS corroborated
    FROM sided s LEFT JOIN name_pairs n ON n.a = least(s.name_l, s.name_r) AND n.b = greatest(s.name_l, s.name_r)
), classed AS (
    SELECT *, {case_of(NAME_CLASSES, "name_level", "unknown")} AS names, {case_of(BIRTH_CLASSES, "birth_level", "unknown")} AS births
    FROM levelled
), sure AS (
    SELECT classed.*,
           least(CASE WHEN corroborated AND NOT sex_clash AND (cells, names, births) IN {CORROBORATED_CELLS}
                      THEN {CORROBORATED} ELSE certainty.probability END,
                 CASE WHEN NOT sex_clash THEN 1
                      WHEN names = 'agree' THEN {SEX_CLASH["agree"]} ELSE {SEX_CLASH["other"]} END) AS probability
    FROM classed JOIN certainty USING (cells, names, births)
)
SELECT l_id, r_id, tier, rule,
       concat('name=', name_level, ';birth_date=', coalesce(birth_level, 'missing'), ';sex=',
              CASE WHEN sex_l IS NULL OR sex_r IS NULL THEN 'missing' WHEN sex_clash THEN 'differ' ELSE 'same' END,
              CASE WHEN corroborated THEN CASE cells WHEN 'number' THEN ';spouse=same' ELSE ';parents=same' END ELSE '' END),
       log_odds(probability), probability
FROM sure
"""
