"""Whom tier 4 would ask about somebody in scope, or about whom it would ask somebody in scope.

A family's evidence always has three parties: a certificate's parent, the child, and the parent whom the child's other records name; a
person, the spouse, and whom that spouse names; two records of a child, and a parent of both. What follows finds more triples than
`pipelines.link.kinship` will make pairs of, and never fewer, from the narrow columns of all observations. Only triples that could
join something are kept: two ends that are not one person yet, or that only family may have made one. Of the latter, what the parent vintage
says (has a number, has an entry) may be the family's doing, and does not count.
"""

import duckdb
import numpy as np
import pandas as pd

from matching.cluster import components

COUPLE = "('husband', 'wife', 'mother', 'father')"


def find_relatives(con: duckdb.DuckDBPyConnection) -> str:
    """Of those whom triples tie to somebody in scope, directly or through others: a query of obs_id.

    What touched observations said yesterday counts, too: evidence may have been withdrawn. Reads ``findable``, ``news``, ``x``, ``state``,
    and what is known so far of those in scope: ``grouped`` and ``profile``.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE y AS {STANDING}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE holder AS {HOLDER}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE mention AS {MENTION}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE certificate AS {CERTIFICATE}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE triple AS {PARENTS} UNION {SPOUSES} UNION ({CHILDREN})")
    ties = con.execute("""
        WITH named AS (SELECT a AS who FROM triple UNION SELECT b FROM triple UNION SELECT c FROM triple)
        SELECT a AS l, b AS r FROM triple UNION SELECT b, c FROM triple
        UNION SELECT y.who, x.hood FROM y SEMI JOIN named USING (who) JOIN x USING (obs_id)
        UNION SELECT y.who, state.hood FROM y SEMI JOIN named USING (who) JOIN state USING (obs_id)
        UNION SELECT grp, x.hood FROM grouped JOIN x USING (obs_id) ORDER BY ALL
    """).df()
    inside = con.execute("SELECT DISTINCT grp FROM grouped ORDER BY 1").df()["grp"].to_numpy(np.int64)
    ids, places = np.unique(ties.to_numpy(np.int64), return_inverse=True)
    sides = places.reshape(-1, 2).astype(np.int64)
    labels = components(len(ids), sides[:, 0], sides[:, 1])
    con.register("concerned_frame", pd.DataFrame({"obs_id": ids[np.isin(labels, labels[np.isin(ids, inside)])]}))
    con.execute("CREATE OR REPLACE TEMP TABLE concerned AS SELECT obs_id FROM concerned_frame")
    con.unregister("concerned_frame")
    for table in ("triple", "certificate", "mention", "holder", "y"):
        con.execute(f"DROP TABLE {table}")
    return "SELECT obs_id FROM concerned"


STANDING = """
    SELECT every.*, coalesce(g.grp, s.grp) AS who, CASE WHEN g.grp IS NULL THEN s.numberless ELSE p.id_number IS NULL END AS numberless,
           coalesce(p.registered, s.registered) AS registered, coalesce(s.kin, false) AS kin
    FROM (FROM findable UNION ALL SELECT * EXCLUDE (tonight) FROM news WHERE NOT tonight) every
    LEFT JOIN grouped g USING (obs_id) LEFT JOIN profile p ON p.grp = g.grp LEFT JOIN state s ON s.obs_id = every.obs_id"""
"""Every observation, with the person (``who``) it belongs to, as known so far or as the parent vintage left it. To leave out those that tell of
no family would cost more than to take them along."""

HOLDER = """
    SELECT number, who, bool_or(kin) AS kin
    FROM (SELECT number, who, kin FROM y UNION ALL SELECT old_number, who, kin FROM y) WHERE number IS NOT NULL GROUP BY number, who"""

MENTION = """
    WITH told AS (
        SELECT who, 'mother' AS side, mother AS number FROM y WHERE mother IS NOT NULL
        UNION SELECT who, 'father', father FROM y WHERE father IS NOT NULL
    ), guarded AS (
        SELECT DISTINCT y.who AS child, h.who AS guardian, h.kin FROM y JOIN holder h ON h.number = y.guardian WHERE y.who <> h.who
    ), known AS (
        SELECT who AS guardian, list(DISTINCT CASE sex WHEN 'F' THEN 'mother' WHEN 'M' THEN 'father' END) FILTER (sex IN ('F', 'M')) AS sides
        FROM y WHERE who IN (SELECT guardian FROM guarded) GROUP BY who
    ), at_home AS (
        SELECT who, 'mother' AS side, 'F' AS sex, household, mother_name AS name FROM y WHERE household IS NOT NULL AND mother_name IS NOT NULL
        UNION SELECT who, 'father', 'M', household, father_name FROM y WHERE household IS NOT NULL AND father_name IS NOT NULL
    )
    SELECT told.who AS child, side, h.who AS parent, kin FROM told JOIN holder h USING (number) WHERE told.who <> h.who
    UNION
    SELECT child, unnest(coalesce(sides, ['mother', 'father'])), guardian, kin FROM guarded JOIN known USING (guardian)
    UNION
    SELECT child.who, side, h.who, kin FROM at_home child JOIN y h USING (household, sex, name) WHERE child.who <> h.who"""
"""Child, side (mother, father), and who may be meant: by number, or by name in one household. A guardian is on the side, or sides, of what its
records say of its sex, on both when they say nothing."""

CERTIFICATE = """
    SELECT c.who AS child, p.role AS side, p.who AS parent, bool_or(p.kin) AS kin
    FROM y c JOIN y p USING (record) WHERE c.role = 'child' AND p.role IN ('mother', 'father') GROUP BY ALL"""

PARENTS = """
    SELECT c.parent AS a, child AS b, m.parent AS c FROM certificate c JOIN mention m USING (child, side)
    WHERE c.parent <> m.parent OR c.kin OR m.kin"""

SPOUSES = f"""
    SELECT wed.one, wed.other, named.holder
    FROM (SELECT one.who AS one, other.who AS other, bool_or(one.kin) AS kin FROM y one JOIN y other USING (record)
          WHERE one.role IN {COUPLE} AND other.role IN {COUPLE} AND one.role <> other.role AND (one.numberless OR one.kin) GROUP BY ALL) wed
    JOIN (SELECT y.who AS other, h.who AS holder, y.kin OR h.kin AS kin FROM y JOIN holder h ON h.number = y.spouse
          UNION SELECT h.who, y.who, y.kin OR h.kin FROM y JOIN holder h ON h.number = y.spouse) named USING (other)
    WHERE wed.one <> named.holder OR wed.kin OR named.kin"""

CHILDREN = """
    WITH told AS (
        SELECT who, bool_or(role = 'child') AS is_child, bool_or(registered) AS registered, bool_or(kin) AS kin FROM y GROUP BY who
    ), family AS (
        SELECT child AS who, hash(side, parent) AS key, parent AS via FROM certificate
        UNION SELECT child, hash(side, parent), parent FROM mention
        UNION SELECT who, hash(mother_name, father_name), who FROM y WHERE mother_name IS NOT NULL AND father_name IS NOT NULL
    ), born AS (
        SELECT DISTINCT who, born FROM y WHERE born IS NOT NULL
    ), certified AS (
        SELECT family.*, born, kin FROM family JOIN told USING (who) JOIN born USING (who) WHERE is_child AND (NOT registered OR kin)
    ), others AS (
        SELECT family.who, key, born, kin FROM family SEMI JOIN certified USING (key) JOIN told USING (who) JOIN born USING (who)
        WHERE NOT is_child OR kin
    )
    SELECT DISTINCT a.who, a.via, b.who FROM certified a JOIN others b USING (key)
    WHERE (a.who <> b.who OR a.kin OR b.kin)
      AND (year(a.born) = year(b.born) OR strftime(a.born, '%m%d') = strftime(b.born, '%m%d') OR abs(date_diff('day', a.born, b.born)) <= 1)"""
"""A child whom certificates know and no population register, a parent, and a child of that parent (or of parents of the same names) who was
born about when; the two birth dates may be a slip apart in the year or in month and day, not in both."""
