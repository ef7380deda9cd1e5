"""The spot check of one engine by another: the same profiles, the same model, and whatever differs."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from matching import LinkageModel
from matching.engines import ENGINES, Engine, MissingEngineError, get_engine
from matching.evaluate import challenge
from pipelines.desk.profiles import BY_GROUP, deployed_model, profile_table, put_profiles
from pipelines.desk.vintages import vintage_path
from pipelines.errors import ConfigError, UsageError
from pipelines.link.engines import require_engine
from pipelines.night.workspace import Workspace
from pipelines.storage.frames import scan

OTHER = {"recordlinkage": "duckdb", "duckdb": "recordlinkage"}
"""Whom an engine is held against when it is the deployment's own."""
SHOWN = 20
"""So many differing pairs are named."""

CHOSEN = """
WITH pairs AS (
    SELECT a.grp AS l, b.grp AS r FROM {links} k JOIN profile a ON a.head = k.obs_id_l JOIN profile b ON b.head = k.obs_id_r
    WHERE k.tier = 3 ORDER BY md5(concat_ws('|', k.obs_id_l, k.obs_id_r, ?)) LIMIT ?
)
SELECT l AS grp FROM pairs UNION SELECT r FROM pairs
UNION (SELECT grp FROM profile ORDER BY md5(concat_ws('|', grp, ?)) LIMIT ?)
"""
"""The profiles of so many judged pairs, and as many profiles at random."""


def challenge_engine(workspace: Workspace, name: str, pairs: int, seed: int = 1) -> dict[str, Any]:
    """Score a sample of the current vintage's profiles with the deployment's engine and with ``name``.

    Returns:
        ``first``, ``second`` (engines), ``profiles``, ``pairs`` (found by both), ``only_first``, ``only_second``, ``levels_differ``,
        ``largest_difference`` (bits), ``agree``, ``differences`` (rows: left, right, what; the first twenty).

    Raises:
        UsageError: RC-M31 there is no such engine.
        ConfigError: RC-C32 an engine's package or Java isn't installed.
    """
    if name not in ENGINES:
        raise UsageError("RC-M31", f"there is no engine '{name}'", todo=f"Give one of {', '.join(ENGINES)}")
    own = workspace.deployment.config.engine
    first, second = (own, name) if own != name else (OTHER.get(own, "recordlinkage"), name)
    folder, model = vintage_path(workspace), deployed_model(workspace.deployment)
    try:
        engines = _ready(first), _ready(second)
    except MissingEngineError as error:
        raise ConfigError("RC-C32", "an engine can't run here", why=str(error)) from error
    with workspace.connect() as con:
        put_profiles(con, workspace, folder)
        table = _sampled(con, folder, model, pairs, seed)
        found = challenge(*engines, (table, None), model, call=BY_GROUP)
        con.register("differing", found.differing.head(SHOWN))
        named = con.execute("""
            SELECT concat_ws('|', a.source, a.record_key, a.role) AS "left", concat_ws('|', b.source, b.record_key, b.role) AS "right", d.what
            FROM differing d JOIN o a ON a.obs_id = d.id_l JOIN o b ON b.obs_id = d.id_r ORDER BY ALL
        """).fetchall()
    counts = {name: getattr(found, name) for name in ("pairs", "only_first", "only_second", "levels_differ", "largest_difference", "agree")}
    differences = [dict(zip(("left", "right", "what"), row, strict=True)) for row in named]
    return {"first": first, "second": second, "profiles": table.num_rows, **counts, "differences": differences}


def _ready(name: str) -> Engine:
    require_engine(name)
    return get_engine(name)


def _sampled(con: duckdb.DuckDBPyConnection, folder: Path, model: LinkageModel, pairs: int, seed: int) -> pa.Table:
    chosen = con.execute(CHOSEN.format(links=scan(folder / "links.parquet")), [str(seed), pairs, str(seed), pairs]).df()
    con.register("chosen", chosen)
    con.execute("DELETE FROM profile WHERE grp NOT IN (SELECT grp FROM chosen)")
    con.unregister("chosen")
    return profile_table(con, model)
