"""Tier 3: how alike the profiles of two groups are, by the reviewed model and the deployment's engine.

Only groups that changed since the parent vintage are scored against all; pairs of unchanged groups keep yesterday's score, which depends
on the two profiles and the model alone.
"""

from dataclasses import dataclass

import duckdb

from matching import LinkageModel
from matching.engines import Call, Scored, get_engine

TWO_PEOPLE = """
    (parents_level > 0 OR place_level = {home})
        AND (name_level BETWEEN 0 AND {part} AND name_level <> {given} OR birth_date_level BETWEEN 0 AND {year})
    OR id_number_level = 0 AND (name_level BETWEEN 0 AND {sound} OR spouse_level = 0)"""
"""One family or home, and names or birth dates that differ: siblings, twins above all, and fathers and sons of one name look like this far more
often than one person written wrong. Their family says nothing about which of them a record is of; tier 4 decides where it can.
And nobody has two valid numbers under two names, or with two spouses."""

CONFLICT = """
    coalesce(a.id_number <> b.id_number, false) OR (a.is_child AND b.is_child) OR coalesce(a.sex <> b.sex, false)
    OR coalesce(birth_agreement(a.birth_day, 'day', b.birth_day, 'day') IN ('differ', 'calendar'), false)
    OR coalesce(abs(date_diff('day', a.died_on, b.died_on)) > 30, false)
    OR (a.registered AND b.registered) OR coalesce(a.registers = b.registers, false)"""
"""Two people who cannot both be the person that a third record is of, unless they are one themselves."""


@dataclass(frozen=True)
class Likeness:
    """What tier 3 did: pairs compared tonight, pairs carried over, and what hot blocks left out."""

    compared: int
    carried: int
    scored: Scored


def tier_3(con: duckdb.DuckDBPyConnection, engine: str, model: LinkageModel) -> Likeness:
    """Score profiles: make ``alike`` (g, h, levels, weight).

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
        WHERE NOT ({_two_people(model)}) AND NOT coalesce(a.id_number = b.id_number, false)
        UNION ALL
        SELECT least(a.grp, b.grp), greatest(a.grp, b.grp), levels, weight
        FROM carried JOIN profile a ON a.head = carried.l JOIN profile b ON b.head = carried.r
    """)
    con.unregister("scored_pairs")
    [(carried,)] = con.execute("SELECT count(*) FROM carried").fetchall()
    return Likeness(scored.compared, int(carried), scored)


def _two_people(model: LinkageModel) -> str:
    def number(comparison: str, level: str) -> int:
        found = model.comparison(comparison)
        return dict(zip((each.name for each in found.levels), found.numbers, strict=True))[level]

    names = {level: number("name", level) for level in ("part", "given", "sound")}
    return TWO_PEOPLE.format(home=number("place", "home"), year=number("birth_date", "year"), **names)


def share_odds(con: duckdb.DuckDBPyConnection, model: LinkageModel, people: str, profiles: str) -> None:
    """Make ``shared`` (l, r, levels, weight, probability): weights of ``alike`` as probabilities.

    Candidates that exclude each other share the odds, so that a tie joins nobody. ``people`` (grp, person) says which groups are one
    person so far, for candidates that are one do not compete; ``profiles`` describes each person so far.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE odds AS
        SELECT g, h, a.person AS one, b.person AS other, {model.prior / (1 - model.prior)} * 2.0 ** least(weight, 200) AS odds
        FROM alike JOIN {people} a ON a.grp = g JOIN {people} b ON b.grp = h
    """)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE shared AS
        WITH best AS (SELECT one, other, max(odds) AS odds FROM odds WHERE one <> other GROUP BY ALL),
        directed AS (SELECT one, other, max(odds) AS odds FROM (SELECT * FROM best UNION ALL SELECT other, one, odds FROM best) GROUP BY ALL),
        rivals AS (
            SELECT x.one, x.other, list_sum(list(y.odds ORDER BY y.odds)) AS against
            FROM directed x JOIN directed y ON y.one = x.one AND y.other <> x.other
            JOIN {profiles} a ON a.grp = x.other JOIN {profiles} b ON b.grp = y.other
            WHERE {CONFLICT}
            GROUP BY ALL
        )
        SELECT least(a.head, b.head) AS l, greatest(a.head, b.head) AS r, levels, weight,
               odds / (1 + odds + greatest(coalesce(x.against, 0), coalesce(y.against, 0))) AS probability
        FROM odds JOIN alike USING (g, h)
        LEFT JOIN rivals x ON x.one = odds.one AND x.other = odds.other LEFT JOIN rivals y ON y.one = odds.other AND y.other = odds.one
        JOIN profile a ON a.grp = g JOIN profile b ON b.grp = h
        WHERE odds / (1 + odds) >= {model.thresholds.review}
    """)


def keep_shared(con: duckdb.DuckDBPyConnection) -> None:
    """Add ``shared`` to ``judged``."""
    con.execute("INSERT INTO judged SELECT l, r, 3, 'likeness', levels, weight, probability FROM shared")
