"""What the parent vintage spares us: pairs of groups that have not changed are not compared again."""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matching.cluster import components
from pipelines.storage.frames import scan


def find_unchanged(con: duckdb.DuckDBPyConnection, obs: Iterable[Path], links: Path, *, least: float, model_hash: str) -> None:
    """Make ``same_group`` (grp: unchanged groups of table ``grouped``) and ``carried`` (l, r, levels, weight: their tier 3 pairs).

    Groups are cut from components of sure links. A component is unchanged when its observations are (content and liveness), and its
    sure links and decisions are, one by one: then so are its groups and their profiles. A pair is carried when both its groups are unchanged
    and the model is the same.
    """
    union = (
        " UNION ALL ".join(f"SELECT obs_id, obs_hash, live FROM {scan(path)}" for path in obs) or "SELECT obs_id, obs_hash, live FROM o WHERE false"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE earlier AS {union}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE earlier_links AS SELECT * FROM {scan(links)}")
    sure = f"tier <= 2 AND (probability >= {least} OR rule = 'cannot_link') AND model_hash = '{model_hash}'"
    before = _signatures(con, "earlier", f"SELECT obs_id_l AS l, obs_id_r AS r, tier, rule, probability FROM earlier_links WHERE {sure}")
    now = _signatures(
        con, "o", f"SELECT l, r, tier, rule, probability FROM judged_best WHERE tier <= 2 AND (probability >= {least} OR rule = 'cannot_link')"
    )
    same = now.merge(before, on=["component", "content"], suffixes=("", "_before"))
    con.register("same_frame", now[now["component"].isin(same["component"])][["obs_id"]] if len(same) else now.iloc[:0][["obs_id"]])
    con.execute("CREATE OR REPLACE TEMP TABLE same_group AS SELECT DISTINCT grp FROM same_frame JOIN grouped USING (obs_id)")
    con.unregister("same_frame")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE carried AS
        SELECT obs_id_l AS l, obs_id_r AS r, levels, weight FROM earlier_links
        WHERE tier = 3 AND model_hash = '{model_hash}'
          AND obs_id_l IN (SELECT obs_id FROM grouped SEMI JOIN same_group USING (grp))
          AND obs_id_r IN (SELECT obs_id FROM grouped SEMI JOIN same_group USING (grp))
    """)


def _signatures(con: duckdb.DuckDBPyConnection, observations: str, links: str) -> pd.DataFrame:
    """Columns obs_id, component, content: two nights' components with equal content are equal."""
    nodes = con.execute(f"SELECT obs_id, hash(obs_id, obs_hash, live) AS content FROM {observations} ORDER BY obs_id").df()
    edges = con.execute(f"SELECT l, r, hash(l, r, tier, rule, probability) AS content FROM ({links}) ORDER BY ALL").df()
    ids = nodes["obs_id"].to_numpy(np.int64)
    left = np.searchsorted(ids, edges["l"].to_numpy(np.int64))
    right = np.searchsorted(ids, edges["r"].to_numpy(np.int64))
    labels = components(len(ids), left, right)
    content = _sums(len(ids), labels, nodes["content"].to_numpy(np.uint64)) + _sums(len(ids), labels[left], edges["content"].to_numpy(np.uint64))
    return pd.DataFrame({"obs_id": ids, "component": ids[labels], "content": content[labels]})


def _sums(count: int, labels: NDArray[np.int64], values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Sums by label, modulo 2^64, so that order does not matter."""
    total = np.zeros(count, np.uint64)
    np.add.at(total, labels, values)
    return total
