"""Tier 3: how alike the profiles of two groups are, by the reviewed model and the deployment's engine.

Only groups that changed since the parent vintage are scored against all; pairs of unchanged groups keep yesterday's score, which depends
on the two profiles and the model alone.
"""

from dataclasses import dataclass

import duckdb

from matching import LinkageModel
from matching.engines import Call, Scored, get_engine

TWIN_SUSPECT = "birth_date_level = {day} AND name_level BETWEEN 0 AND {near} AND name_level <> {part} AND (parents_level > 0 OR place_level = {home})"
"""Born on one day into one family or home, with names that differ: twins look like this, and so does a mistyped name. Tier 4 decides."""

CONFLICT = """
    coalesce(a.id_number <> b.id_number, false) OR (a.is_child AND b.is_child) OR coalesce(a.sex <> b.sex, false)
    OR coalesce(birth_agreement(a.birth_day, 'day', b.birth_day, 'day') IN ('differ', 'calendar'), false)"""
"""Two profiles that cannot both be the person that a third one is."""


@dataclass(frozen=True)
class Likeness:
    """What tier 3 did: pairs compared tonight, pairs carried over, and what hot blocks left out."""

    compared: int
    carried: int
    scored: Scored


def tier_3(con: duckdb.DuckDBPyConnection, engine: str, model: LinkageModel) -> Likeness:
    """Score profiles and add pairs from the review threshold on to ``judged``.

    Reads ``profile`` with ``is_new``, and ``carried`` (l, r, levels, weight) of unchanged pairs.
    """
    wanted = ", ".join(dict.fromkeys(["grp", "is_new", *model.columns]))
    profiles = con.sql(f"SELECT {wanted} FROM profile ORDER BY grp").to_arrow_table()
    scored = get_engine(engine).score_pairs(
        profiles, None, model, threshold=model.thresholds.review / 4, call=Call(id_column="grp", new_column="is_new")
    )
    con.register("scored_pairs", scored.pairs)
    levels = ", ';', ".join(f"'{c.name}=', {c.name}_level" for c in model.comparisons)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE alike AS
        SELECT a.grp AS g, b.grp AS h, concat({levels}) AS levels, weight
        FROM scored_pairs JOIN profile a ON a.grp = id_l JOIN profile b ON b.grp = id_r
        WHERE NOT ({_twins(model)}) AND NOT coalesce(a.id_number = b.id_number, false)
        UNION ALL
        SELECT least(a.grp, b.grp), greatest(a.grp, b.grp), levels, weight
        FROM carried JOIN profile a ON a.head = carried.l JOIN profile b ON b.head = carried.r
    """)
    con.unregister("scored_pairs")
    _share_odds(con, model)
    [(carried,)] = con.execute("SELECT count(*) FROM carried").fetchall()
    return Likeness(scored.compared, int(carried), scored)


def _twins(model: LinkageModel) -> str:
    def number(comparison: str, level: str) -> int:
        found = model.comparison(comparison)
        return dict(zip((each.name for each in found.levels), found.numbers, strict=True))[level]

    return TWIN_SUSPECT.format(
        day=number("birth_date", "day"), near=number("name", "one_character"), part=number("name", "part"), home=number("place", "home")
    )


def _share_odds(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Turn weights into probabilities; candidates that exclude each other share the odds, so that a tie joins nobody."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE odds AS
        SELECT g, h, levels, weight, {model.prior / (1 - model.prior)} * 2.0 ** least(weight, 200) AS odds FROM alike
    """)
    con.execute(f"""
        INSERT INTO judged
        WITH directed AS (SELECT g, h, odds FROM odds UNION ALL SELECT h, g, odds FROM odds),
        rivals AS (
            SELECT one.g, one.h, sum(other.odds) AS against
            FROM directed one JOIN directed other ON other.g = one.g AND other.h <> one.h
            JOIN profile a ON a.grp = one.h JOIN profile b ON b.grp = other.h
            WHERE {CONFLICT}
            GROUP BY ALL
        ), shared AS (
            SELECT odds.*, odds / (1 + odds + coalesce(greatest(x.against, y.against), x.against, y.against, 0)) AS probability
            FROM odds LEFT JOIN rivals x ON x.g = odds.g AND x.h = odds.h LEFT JOIN rivals y ON y.g = odds.h AND y.h = odds.g
        )
        SELECT least(a.head, b.head), greatest(a.head, b.head), 3, 'likeness', levels, weight, probability
        FROM shared JOIN profile a ON a.grp = g JOIN profile b ON b.grp = h
        WHERE odds / (1 + odds) >= {model.thresholds.review}
    """)
