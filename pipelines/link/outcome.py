"""What a night of linking leaves: its links, and for the next night where everybody stood. All out of scope stays as it was."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from matching import LinkageModel
from matching.cluster import components
from pipelines.contracts.tables import LINK_ALIKE, LINK_STATE, LINKS
from pipelines.link.cascade import BEST
from pipelines.link.kept_profiles import Kept, write_profiles
from pipelines.link.scope import Scope
from pipelines.step import StepContext
from pipelines.storage.frames import scan, write_table


def write_outcome(con: duckdb.DuckDBPyConnection, ctx: StepContext, model: LinkageModel, scope: Scope) -> None:
    """Write all that the step writes but ``link_report``; reads ``judged``, ``grouped``, ``profile`` and the like."""
    parent = scope.parent
    _put_hoods(con)
    con.execute("CREATE OR REPLACE TEMP TABLE stays AS SELECT obs_id FROM x ANTI JOIN scope USING (obs_id)")
    write_table(con, f"{_links_sql(model)} UNION ALL BY NAME {_kept(parent.links, 'obs_id_l')}", LINKS, ctx.write("links"))
    state = f"{_state_sql(parent.linker)} UNION ALL BY NAME SELECT * FROM state SEMI JOIN stays USING (obs_id)"
    write_table(con, state, LINK_STATE, ctx.write("link_state"))
    con.execute("""
        CREATE OR REPLACE TEMP TABLE standing AS SELECT grp, content FROM all_profile
        UNION ALL SELECT obs_id, profile FROM state SEMI JOIN stays USING (obs_id) WHERE profile IS NOT NULL
    """)
    after = Kept(ctx.write("link_profiles"), ctx.write("link_profiles_since"))
    write_profiles(con, model, None if scope.whole else parent.profiles, after)
    write_table(con, f"SELECT * FROM alike UNION ALL BY NAME {_kept(parent.alike, 'g')}", LINK_ALIKE, ctx.write("link_alike"))


def _kept(pairs: Path, side: str) -> str:
    """The parent vintage's pairs that were not judged tonight; both sides are of one neighbourhood, so that one tells for both."""
    return f"SELECT * FROM {scan(pairs)} SEMI JOIN stays ON stays.obs_id = {side}"


def _links_sql(model: LinkageModel) -> str:
    return f"""
        SELECT l AS obs_id_l, r AS obs_id_r, tier, rule, levels, weight, probability, '{model.hash}' AS model_hash, a.grp = b.grp AS accepted
        FROM ({BEST}) JOIN grouped a ON a.obs_id = l JOIN grouped b ON b.obs_id = r
        WHERE a.grp = b.grp OR probability >= {model.thresholds.review} OR rule = 'cannot_link'
    """


def _put_hoods(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``hood_now`` (obs_id, hood): components of all that was looked at together."""
    ids = con.execute("SELECT obs_id FROM o ORDER BY obs_id").df()["obs_id"].to_numpy(np.int64)
    pairs = con.execute("SELECT l, r FROM looked UNION SELECT l, r FROM judged UNION SELECT obs_id, grp FROM grouped").df()
    sides = (np.searchsorted(ids, pairs[side].to_numpy(np.int64)) for side in ("l", "r"))
    con.register("hood_frame", pd.DataFrame({"obs_id": ids, "hood": ids[components(len(ids), *sides)]}))
    con.execute("CREATE OR REPLACE TEMP TABLE hood_now AS SELECT * FROM hood_frame")
    con.unregister("hood_frame")


def _state_sql(linker: str) -> str:
    return f"""
        WITH kin AS (SELECT DISTINCT hood FROM looked JOIN hood_now ON obs_id = l WHERE kin),
        wanted AS (SELECT obs_id, list(DISTINCT code(candidate) ORDER BY code(candidate)) AS sought FROM all_repairs GROUP BY obs_id)
        SELECT o.obs_id, x.content, grouped.grp, hood_now.hood, kin.hood IS NOT NULL AS kin, p.id_number IS NULL AS numberless, p.registered,
               own.content AS profile, sought,
               '{linker}' AS linker
        FROM o JOIN x USING (obs_id) JOIN grouped USING (obs_id) JOIN hood_now USING (obs_id) JOIN profile p ON p.grp = grouped.grp
        LEFT JOIN all_profile own ON own.grp = o.obs_id LEFT JOIN kin ON kin.hood = hood_now.hood LEFT JOIN wanted ON wanted.obs_id = o.obs_id
    """
