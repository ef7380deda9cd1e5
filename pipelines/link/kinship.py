"""Tier 4: who somebody is by their family. Newborns named 某某之子, parents and spouses without a number have no other way.

Works on groups (tables ``grouped`` and ``profile``), and judges pairs of groups; a link stands between their most trusted observations.
"""

import duckdb

from pipelines.link.certainty import NAME_CLASSES, case_of
from pipelines.link.judge import LEVEL, compare_names
from pipelines.locales import CountryPack

PARENT = {"agree": 0.997, "near": 0.99, "unknown": 0.96}
"""The mother (father) on a certificate and the mother (father) whom the linked child's other records name; by agreement of names."""
SPOUSE = {"agree": 0.997, "near": 0.99}
CHILD = {
    ("named", "agree", "same"): 0.998, ("named", "agree", "coarse"): 0.98, ("named", "agree", "typo"): 0.985,
    ("left", "agree", "same"): 0.998, ("left", "near", "same"): 0.99, ("left", "unknown", "same"): 0.99, ("left", "differ", "same"): 0.96,
    ("order", "unknown", "same"): 0.95, ("order", "near", "same"): 0.95,
}  # fmt: skip
"""A certificate's child and a child of the same parents, day and sex elsewhere, by how they were paired (see `children`)."""


def parents(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> None:
    """A certificate's mother or father is the mother or father whom other records of the linked child name."""
    _mentions(con)
    _judge_people(con, pack, "parent_of_child", PARENT, """
        SELECT DISTINCT p.grp AS g, m.parent AS h
        FROM o JOIN grouped p USING (obs_id)
        JOIN o c ON c.source = o.source AND c.record_key = o.record_key AND c.role = 'child'
        JOIN grouped cg ON cg.obs_id = c.obs_id
        JOIN mention m ON m.grp = cg.grp AND m.side = o.role
        WHERE o.role IN ('mother', 'father')
    """)  # fmt: skip


def spouses(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> None:
    """Someone married to, or parent with, a known person is the spouse whom that person's other records name, or who names that person."""
    _holders(con)
    _judge_people(con, pack, "spouse_of_person", SPOUSE, """
        WITH wed AS (
            SELECT DISTINCT one.grp AS g, other.grp AS spouse FROM o JOIN grouped one USING (obs_id)
            JOIN o o2 ON o2.source = o.source AND o2.record_key = o.record_key AND o2.role <> o.role
            JOIN grouped other ON other.obs_id = o2.obs_id
            WHERE o.role IN ('husband', 'wife', 'mother', 'father') AND o2.role IN ('husband', 'wife', 'mother', 'father')
        ), named AS (
            SELECT DISTINCT grouped.grp AS spouse, holder.grp AS h FROM o JOIN grouped USING (obs_id) JOIN holder ON holder.number = o.spouse_id
            UNION SELECT DISTINCT holder.grp, grouped.grp FROM o JOIN grouped USING (obs_id) JOIN holder ON holder.number = o.spouse_id
        )
        SELECT DISTINCT wed.g, named.h FROM wed JOIN named USING (spouse) JOIN profile p ON p.grp = wed.g WHERE p.id_number IS NULL
    """)  # fmt: skip


def _holders(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``holder`` (number, grp): numbers that one group alone holds, today or earlier."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE holder AS
        SELECT number, any_value(grp) AS grp
        FROM (SELECT own_number AS number, grp FROM o JOIN grouped USING (obs_id) WHERE own_number IS NOT NULL
              UNION SELECT old_id_number, grp FROM o JOIN grouped USING (obs_id) WHERE old_id_number IS NOT NULL)
        GROUP BY number HAVING count(DISTINCT grp) = 1
    """)


def _mentions(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``mention`` (grp, side, parent): the groups that records of a group name as mother or father, by number or in the household."""
    _holders(con)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE mention AS
        WITH told AS (
            SELECT grp, 'mother' AS side, mother_id AS number, mother_name AS name, source, household FROM o JOIN grouped USING (obs_id)
            UNION SELECT grp, 'father', father_id, father_name, source, household FROM o JOIN grouped USING (obs_id)
        ), guarded AS (
            SELECT DISTINCT child.grp, CASE p.sex WHEN 'F' THEN 'mother' WHEN 'M' THEN 'father' END AS side, holder.grp AS parent
            FROM o JOIN grouped child USING (obs_id) JOIN holder ON holder.number = o.guardian_id JOIN profile p ON p.grp = holder.grp
        ), housemate AS (
            SELECT source, household, name_fold, sex, any_value(grp) AS parent FROM o JOIN grouped USING (obs_id)
            WHERE household IS NOT NULL AND name_fold IS NOT NULL AND sex IS NOT NULL AND birth_date IS NOT NULL
            GROUP BY ALL HAVING count(DISTINCT grp) = 1
        ), found AS (
            SELECT told.grp, side, holder.grp AS parent FROM told JOIN holder USING (number)
            UNION SELECT grp, side, parent FROM guarded WHERE side IS NOT NULL
            UNION SELECT told.grp, side, parent FROM told JOIN housemate h
                  ON h.source = told.source AND h.household = told.household AND h.name_fold = told.name
                 AND h.sex = CASE side WHEN 'mother' THEN 'F' ELSE 'M' END
        )
        SELECT DISTINCT found.grp, side, parent FROM found JOIN profile c ON c.grp = found.grp JOIN profile p ON p.grp = parent
        WHERE found.grp <> parent AND coalesce(p.birth_about < c.birth_about - INTERVAL 10 YEAR, true)
    """)


def _judge_people(con: duckdb.DuckDBPyConnection, pack: CountryPack, rule: str, certainty: dict[str, float], candidates: str) -> None:
    """Judge pairs of groups (g, h) by names; numbers, sexes and birth dates must not contradict each other."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE kin AS {_sided(candidates)} WHERE g <> h")
    con.execute(LOOK)
    compare_names(con, "(SELECT name_l, name_r FROM kin WHERE name_fold_l IS DISTINCT FROM name_fold_r)", pack)
    arms = " ".join(f"WHEN '{names}' THEN {p}" for names, p in certainty.items())
    con.execute(f"""
        INSERT INTO judged
        WITH named AS (SELECT DISTINCT kin.*, {case_of(NAME_CLASSES, LEVEL, "unknown")} AS names, {LEVEL} AS name_level FROM kin {NAME_JOIN}),
        sure AS (SELECT *, CASE names {arms} END AS probability FROM named
                 WHERE coalesce(number_l = number_r, true) AND coalesce(sex_l = sex_r, true)
                   AND coalesce(birth_level IN ('same', 'coarse', 'typo'), true)),
        alone AS (SELECT * FROM sure WHERE probability IS NOT NULL
                  QUALIFY count(DISTINCT h) OVER (PARTITION BY g) = 1)
        SELECT DISTINCT least(head_l, head_r), greatest(head_l, head_r), 4, '{rule}',
               concat('kin=same;name=', name_level, ';birth_date=', coalesce(birth_level, 'missing')), log_odds(probability), probability
        FROM alone
    """)


LOOK = "INSERT INTO looked SELECT DISTINCT g, h, true FROM kin"
"""Groups compared for their family's sake were looked at together; a group is called by one of its observations."""

NAME_JOIN = "LEFT JOIN name_pairs n ON n.a = least(name_l, name_r) AND n.b = greatest(name_l, name_r)"


def _sided(pairs: str) -> str:
    columns = ", ".join(
        f"{side}.{column} AS {name}_{side}"
        for side in ("l", "r")
        for name, column in {
            "head": "head", "name": "name", "name_fold": "any_fold", "name_kind": "name_kind", "former_name_fold": "former_name_fold",
            "sex": "sex", "number": "id_number", "order": "birth_order", "entry": "entry",
        }.items()
    )  # fmt: skip
    return f"""
        SELECT DISTINCT g, h, {columns}, birth_agreement(l.birth_date, l.birth_precision, r.birth_date, r.birth_precision) AS birth_level
        FROM ({pairs}) JOIN profile l ON l.grp = g JOIN profile r ON r.grp = h"""


def children(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> None:
    """A certificate's child is the child of the same parents, born the same day, of the same sex; twins are told apart.

    ``named``: the names agree, and with no other child of the pair's families. ``left``: what then is left is one on each side, so that
    the names may differ. ``order``: as many unnamed certificates as registered children are left; they pair by order of birth and of number.
    Registered children come first, then children whom only other sources know.
    """
    _mentions(con)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE family AS
        WITH certified AS (
            SELECT c.grp, p.role AS side, pg.grp AS parent
            FROM o JOIN grouped c USING (obs_id)
            JOIN o p ON p.source = o.source AND p.record_key = o.record_key AND p.role IN ('mother', 'father')
            JOIN grouped pg ON pg.obs_id = p.obs_id
            WHERE o.role = 'child'
        ), everybody AS (
            SELECT grp, side || parent AS key FROM certified UNION SELECT grp, side || parent FROM mention
            UNION SELECT grp, 'names ' || mother_name || ' ' || father_name FROM o JOIN grouped USING (obs_id)
        )
        SELECT DISTINCT grp, key, is_child, registered FROM everybody JOIN profile USING (grp) WHERE key IS NOT NULL
    """)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE kin AS
        {
        _sided('''SELECT DISTINCT a.grp AS g, b.grp AS h FROM family a JOIN family b USING (key)
                   WHERE a.is_child AND NOT a.registered AND NOT b.is_child''')
    }
        WHERE coalesce(l.sex = r.sex, true) AND birth_level IN ('same', 'coarse', 'typo')
    """)
    con.execute(LOOK)
    compare_names(con, "(SELECT name_l, name_r FROM kin WHERE name_fold_l IS DISTINCT FROM name_fold_r)", pack)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE kin AS
        SELECT kin.*, {case_of(NAME_CLASSES, LEVEL, "unknown")} AS names, {LEVEL} AS name_level, p.registered AS registered_r,
               count(DISTINCT g) OVER (PARTITION BY h) AS twins
        FROM kin {NAME_JOIN} JOIN profile p ON p.grp = h
    """)
    con.execute("CREATE OR REPLACE TEMP TABLE paired (g BIGINT, h BIGINT, how VARCHAR)")
    for registered in ("registered_r", "true"):
        for how, chosen in CHOICES.items():
            con.execute(f"INSERT INTO paired {chosen.format(rest=_rest(registered), how=how)}")
    _keep_children(con)


CHOICES = {
    "named": """SELECT g, h, '{how}' FROM (SELECT * FROM ({rest}) WHERE names = 'agree')
                QUALIFY count(*) OVER (PARTITION BY g) = 1 AND count(*) OVER (PARTITION BY h) = 1""",
    "left": """SELECT g, h, '{how}' FROM ({rest})
               QUALIFY count(*) OVER (PARTITION BY g) = 1 AND count(*) OVER (PARTITION BY h) = 1
                   AND (names <> 'differ' OR order_l IS NULL OR twins > 1)""",
    "order": """SELECT a.g, b.h, '{how}'
                FROM (SELECT DISTINCT g, team, order_l, row_number() OVER (PARTITION BY team ORDER BY order_l, g) AS place FROM
                      (SELECT g, order_l, min(h) AS team, count(*) AS n FROM ({rest}) GROUP BY g, order_l)
                      QUALIFY count(*) OVER (PARTITION BY team) = n AND min(order_l) OVER (PARTITION BY team) IS NOT NULL) a
                JOIN (SELECT h, team, row_number() OVER (PARTITION BY team ORDER BY number_r, entry_r) AS place FROM
                      (SELECT h, number_r, entry_r, min(min(h)) OVER (PARTITION BY list(g ORDER BY g)) AS team FROM ({rest})
                       GROUP BY h, number_r, entry_r)) b
                USING (team, place)""",
}


def _rest(registered: str) -> str:
    return f"SELECT * FROM kin WHERE {registered} AND g NOT IN (SELECT g FROM paired) AND h NOT IN (SELECT h FROM paired)"


def _keep_children(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE OR REPLACE TEMP TABLE child_certainty (how VARCHAR, names VARCHAR, birth_level VARCHAR, probability DOUBLE)")
    con.executemany("INSERT INTO child_certainty VALUES (?, ?, ?, ?)", [(*key, p) for key, p in CHILD.items()])
    con.execute("""
        INSERT INTO judged
        SELECT least(head_l, head_r), greatest(head_l, head_r), 4, 'child_' || how,
               concat('kin=same;name=', name_level, ';birth_date=', birth_level, ';sex=', CASE WHEN sex_l = sex_r THEN 'same' ELSE 'missing' END),
               log_odds(probability), probability
        FROM kin JOIN paired USING (g, h) JOIN child_certainty USING (how, names, birth_level)
    """)
