"""Tier 3: how alike the profiles of two groups are, by the reviewed model and the deployment's engine.

Only profiles that are new since the parent vintage are scored against all; pairs of others keep yesterday's score, which depends on the
two profiles and the model alone.
"""

import duckdb

from matching import LinkageModel
from matching.block import Capped
from matching.engines import Call, get_engine

KEYED = """
    a.id_number IS NULL AND contains(a.entry, b.id_number) OR b.id_number IS NULL AND contains(b.entry, a.id_number)"""
"""A record whose own key was made from the other's number. School numbers are, for life (Ministry of Education, 2013), whatever the row lacks."""

SHORTER = """
    birth_date_level = {day} AND (starts_with(a.name, concat(b.name, '·')) OR starts_with(b.name, concat(a.name, '·')))"""
"""A given name that stands without the father's name behind it."""

SAME_AGE = "name_level = {same} AND abs(date_diff('day', a.birth_about, b.birth_about)) < 2 * 365"
"""Fathers and sons may bear one name, brothers hardly ever: less than two years apart under one name is a mistake more often than a brother."""

TWO_PEOPLE = f"""
    (parents_level > 0 OR place_level = {{home}})
        AND (name_level BETWEEN 0 AND {{part}} AND name_level <> {{given}} AND NOT coalesce({SHORTER}, false)
            OR birth_date_level BETWEEN 0 AND {{year}} AND NOT coalesce({SAME_AGE}, false))
        AND NOT coalesce({KEYED}, false)
    OR id_number_level = 0 AND (name_level BETWEEN 0 AND {{sound}} OR spouse_level = 0 OR register_level = {{both}})"""
"""One family or home, and names or birth dates that differ: siblings, twins above all, and fathers and sons of one name look like this far more
often than one person written wrong. Their family says nothing about which of them a record is of; tier 4 decides where it can.
And nobody has two valid numbers under two names, with two spouses, or side by side in two registers that hold each person once (twins of
one name do)."""

CONFLICT = """
    coalesce(a.id_number <> b.id_number, false) OR (a.is_child AND b.is_child)
    OR coalesce(a.sex <> b.sex, false) AND NOT coalesce(a.name_fold = b.name_fold
        AND birth_agreement(a.birth_date, a.birth_precision, b.birth_date, b.birth_precision) IN ('same', 'coarse'), false)
    OR coalesce(birth_agreement(a.birth_day, 'day', b.birth_day, 'day') IN ('differ', 'calendar'), false)
    OR coalesce(abs(date_diff('day', a.died_on, b.died_on)) > 30, false)
    OR (a.registered AND b.registered) OR coalesce(a.registers = b.registers, false)"""
"""Two people who cannot both be the person that a third record is of, unless they are one themselves. Of two records with one name and birth date
a contradicting sex is a slip of the pen, and no other person."""


def score_new(con: duckdb.DuckDBPyConnection, engine: str, model: LinkageModel) -> tuple[Capped, ...]:
    """Score new profiles against all: make ``scored`` (id_l, id_r, a level of each comparison, weight). Gives what hot blocks left out.

    Reads ``profile`` with ``is_new``, and ``partner``: profiles outside of ``profile`` that share a block with a new one.
    """
    wanted = ", ".join(dict.fromkeys(["grp", "is_new", *model.columns]))
    profiles = con.sql(f"""
        SELECT {wanted} FROM (FROM profile UNION ALL BY NAME SELECT *, false AS is_new FROM partner) ORDER BY grp
    """).to_arrow_table()
    scored = get_engine(engine).score_pairs(
        profiles, None, model, threshold=model.thresholds.review / 4, call=Call(id_column="grp", new_column="is_new")
    )
    con.register("scored_pairs", scored.pairs)
    con.execute("CREATE OR REPLACE TEMP TABLE scored AS SELECT * FROM scored_pairs")
    con.unregister("scored_pairs")
    return scored.capped


def tier_3(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Move ``scored``, without pairs that look like two people of one family, and ``carried`` into ``alike`` (g, h, levels, weight)."""
    levels = ", ';', ".join(f"'{c.name}=', {c.name}_level" for c in model.comparisons)
    con.execute(f"""
        INSERT INTO alike
        SELECT a.grp AS g, b.grp AS h, concat({levels}) AS levels, weight
        FROM scored JOIN profile a ON a.grp = id_l JOIN profile b ON b.grp = id_r
        WHERE NOT ({_two_people(model)}) AND NOT coalesce(a.id_number = b.id_number, false)
        UNION ALL SELECT g, h, levels, weight FROM carried
    """)
    con.execute("DELETE FROM scored; INSERT INTO looked SELECT g, h, false FROM alike")


def _two_people(model: LinkageModel) -> str:
    def number(comparison: str, level: str) -> int:
        found = model.comparison(comparison)
        return dict(zip((each.name for each in found.levels), found.numbers, strict=True))[level]

    names = {level: number("name", level) for level in ("part", "given", "sound", "same")}
    births = {level: number("birth_date", level) for level in ("day", "year")}
    return TWO_PEOPLE.format(home=number("place", "home"), both=number("register", "both"), **births, **names)


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
