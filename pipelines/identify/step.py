"""The step: accepted links become persons, who keep their ids from night to night."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd

from matching.cluster import components
from matching.identity import Continuation, balance, continue_ids
from pipelines.contracts.tables import PERSON_HISTORY, PERSON_RECORDS
from pipelines.errors import RollcallError
from pipelines.step import StepContext
from pipelines.storage.frames import scan, write_table


def run(ctx: StepContext) -> None:
    """Write ``person_records`` and ``person_history``."""
    con = ctx.connect()
    union = " UNION ALL ".join(f"SELECT obs_id, source, record_key, role, changed_on FROM {scan(path)}" for path in ctx.family("obs").values())
    con.execute(f"CREATE TEMP TABLE o AS SELECT * FROM ({union}) ORDER BY obs_id")
    con.execute(f"CREATE TEMP TABLE links AS SELECT * FROM {scan(ctx.read('links'))} WHERE accepted ORDER BY obs_id_l, obs_id_r")
    con.execute(f"""
        CREATE TEMP TABLE before AS
        SELECT obs_id(source, record_key, role) AS obs_id, person_id FROM {scan(ctx.read("previous.person_records"))}
    """)
    con.execute(f"CREATE TEMP TABLE history AS SELECT * FROM {scan(ctx.read('previous.person_history'))}")
    _clusters(con)
    found = _continue(con)
    _name(con, found, ctx.run.night)
    _check(con, found)
    write_table(con, RECORDS_SQL, PERSON_RECORDS, ctx.write("person_records"))
    write_table(con, _history_sql(ctx.run.night), PERSON_HISTORY, ctx.write("person_history"))
    con.close()


def _clusters(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``member`` (obs_id, cluster): components of the accepted links, which `pipelines.link` has cut to be one person each."""
    ids = con.execute("SELECT obs_id FROM o ORDER BY obs_id").df()["obs_id"].to_numpy(np.int64)
    if len(np.unique(ids)) != len(ids):
        raise RollcallError("RC-I01", "two observations share an id", why="the 60-bit ids collided", todo="Report it; the run changed nothing")
    links = con.execute("SELECT obs_id_l, obs_id_r FROM links").df()
    sides = (np.searchsorted(ids, links[side].to_numpy(np.int64)) for side in ("obs_id_l", "obs_id_r"))
    con.register("member_frame", pd.DataFrame({"obs_id": ids, "cluster": components(len(ids), *sides)}))
    con.execute("CREATE TEMP TABLE member AS SELECT * FROM member_frame")
    con.unregister("member_frame")


def _continue(con: duckdb.DuckDBPyConnection) -> Continuation:
    """Decide which cluster keeps which id."""
    overlaps = con.execute("""
        SELECT person_id, cluster, count(*) AS records FROM before JOIN member USING (obs_id) GROUP BY ALL ORDER BY ALL
    """).df()
    persons = con.execute("""
        SELECT person_id, coalesce(since, DATE '1900-01-01')::TIMESTAMP_S AS since FROM (SELECT DISTINCT person_id FROM before)
        LEFT JOIN (SELECT person_id, min(night) AS since FROM history WHERE event IN ('created', 'split') GROUP BY ALL) USING (person_id)
        ORDER BY person_id
    """).df()
    clusters = con.execute("SELECT DISTINCT cluster FROM member ORDER BY 1").df()["cluster"]
    return continue_ids(overlaps, clusters, persons)


def _name(con: duckdb.DuckDBPyConnection, found: Continuation, night: date) -> None:
    """Make ``named`` (cluster, person_id), minting ids for fresh clusters, and ``fresh`` and ``ended``."""
    con.register("kept_frame", found.kept.rename("person_id").rename_axis("cluster").reset_index())
    con.register("fresh_frame", found.fresh)
    con.register("ended_frame", found.ended)
    con.execute(_person_id_macro())
    con.execute(f"""
        CREATE TEMP TABLE fresh AS
        SELECT cluster, event, parent, person_id(origin, DATE '{night}') AS person_id
        FROM fresh_frame JOIN (
            SELECT cluster, concat_ws('|', o.source, record_key, role) AS origin FROM member JOIN o USING (obs_id)
            QUALIFY row_number() OVER (PARTITION BY cluster ORDER BY changed_on, source, record_key, role) = 1
        ) USING (cluster)
    """)
    con.execute("CREATE TEMP TABLE named AS SELECT cluster, person_id FROM kept_frame UNION ALL SELECT cluster, person_id FROM fresh")
    con.execute("""
        CREATE TEMP TABLE ended AS
        SELECT e.person_id, e.event, named.person_id AS successor, e.cluster FROM ended_frame e LEFT JOIN named USING (cluster)
    """)


def _person_id_macro() -> str:
    """``person_id(origin, night)``: P and 12 Crockford base-32 characters of the first 60 bits of sha256."""
    digits = ", ".join(f"substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', ((bits >> {shift}) & 31)::INTEGER + 1, 1)" for shift in range(55, -1, -5))
    return f"""
        CREATE OR REPLACE MACRO crockford(bits) AS (concat('P', {digits}));
        CREATE OR REPLACE MACRO person_id(origin, night) AS (
            crockford(CAST(('0x' || substr(sha256(concat_ws('|', origin, night)), 1, 15)) AS BIGINT)));
    """


def _check(con: duckdb.DuckDBPyConnection, found: Continuation) -> None:
    """Refuse to publish when the persons' books don't balance, or an id was minted twice or used before."""
    [(before, after, reused, twice)] = con.execute("""
        SELECT (SELECT count(DISTINCT person_id) FROM before), (SELECT count(*) FROM named),
               (SELECT count(*) FROM fresh WHERE person_id IN (SELECT person_id FROM history)),
               (SELECT count(*) - count(DISTINCT person_id) FROM named)
    """).fetchall()
    books = balance(before, found)
    if not books.holds or books.after != after:
        raise RollcallError("RC-I02", "the persons don't balance", why=str(books), todo="Report it; the run changed nothing")
    if reused or twice:
        raise RollcallError("RC-I03", f"{reused + twice} person ids would be used again", todo="Report it; the run changed nothing")


RECORDS_SQL = """
    WITH ends AS (
        SELECT obs_id_l AS obs_id, tier, probability FROM links UNION ALL SELECT obs_id_r, tier, probability FROM links
    ), strongest AS (
        SELECT * FROM ends QUALIFY row_number() OVER (PARTITION BY obs_id ORDER BY probability DESC, tier) = 1
    )
    SELECT person_id, source, record_key, role, tier, coalesce(probability, 1) AS probability
    FROM o JOIN member USING (obs_id) JOIN named USING (cluster) LEFT JOIN strongest USING (obs_id)
"""


def _history_sql(night: date) -> str:
    """History so far and tonight's events. The reason names the tier or decision of the link that joined, or what a split left."""
    return f"""
        WITH size AS (SELECT cluster, count(*) AS records FROM member GROUP BY ALL),
        lost AS (SELECT person_id, count(*) AS records FROM before GROUP BY ALL),
        joining AS (
            SELECT bl.person_id AS a, br.person_id AS b, arg_max('tier ' || tier || ': ' || rule, (probability, -tier)) AS reason
            FROM links JOIN before bl ON bl.obs_id = obs_id_l JOIN before br ON br.obs_id = obs_id_r
            WHERE bl.person_id <> br.person_id GROUP BY ALL
        ), either AS (SELECT a, b, reason FROM joining UNION ALL SELECT b, a, reason FROM joining)
        SELECT person_id, night, event, successor, reason, records FROM history
        UNION ALL
        SELECT fresh.person_id, DATE '{night}', fresh.event, NULL,
               CASE fresh.event WHEN 'split' THEN 'split from ' || parent ELSE 'new records' END, size.records
        FROM fresh JOIN size USING (cluster)
        UNION ALL
        SELECT ended.person_id, DATE '{night}', ended.event, ended.successor,
               CASE ended.event WHEN 'retired' THEN 'no records left' ELSE coalesce(min(either.reason), 'joined through new records') END,
               any_value(lost.records)
        FROM ended JOIN lost USING (person_id) LEFT JOIN either ON either.a = ended.person_id AND either.b = ended.successor
        GROUP BY ended.person_id, ended.event, ended.successor
    """
