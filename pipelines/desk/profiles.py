"""The profiles of a published night, as tier 3 compares them: what training, samples and charts look at."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from matching import LinkageModel
from matching.cluster import components
from matching.engines import Call
from pipelines.errors import ConfigError
from pipelines.link.observations import load_observations
from pipelines.link.profiles import make_profiles
from pipelines.locales import load_pack
from pipelines.night.workspace import Workspace
from pipelines.publish.pinned import CONFIGURATION
from pipelines.settings import Deployment, plain_tree
from pipelines.storage.frames import scan

BY_GROUP = Call(id_column="grp")
"""How an engine reads profiles."""


def deployed_model(deployment: Deployment, path: Path | None = None) -> LinkageModel:
    """The deployment's model, or the one of another file.

    Raises:
        ConfigError: RC-C30 the file is missing or wrong.
    """
    chosen = path or deployment.file(deployment.config.model)
    try:
        return LinkageModel.from_yaml(chosen)
    except (OSError, ValueError) as error:
        raise ConfigError("RC-C30", "the linkage model is wrong", where=str(chosen), why=str(error)) from error


def judging_model(workspace: Workspace, folder: Path) -> LinkageModel:
    """The model that judged a vintage, from the configuration kept beside it; of a vintage that keeps none, the deployed one.

    Raises:
        ConfigError: RC-C30 the file is wrong.
    """
    kept = folder / CONFIGURATION
    told = plain_tree((kept / "deployment.yml").read_text(encoding="utf-8")) if (kept / "deployment.yml").is_file() else {}
    path = kept / str(told.get("model", workspace.deployment.config.model))
    return deployed_model(workspace.deployment, path if path.is_file() else None)


def put_profiles(con: duckdb.DuckDBPyConnection, workspace: Workspace, folder: Path) -> None:
    """Make tables ``o`` (observations), ``grouped`` (obs_id, grp) and ``profile`` (docs/linking.md) of the vintage in ``folder``.

    Groups are what tiers 0 to 2 joined. What people decided does not join here: it is what a model is held against.
    """
    deployment = workspace.deployment
    config = deployment.config
    files = {source: path for source in deployment.sources if (path := folder / f"obs_{source}.parquet").is_file()}
    load_observations(con, files, deployment.sources, load_pack(config.country, config.country_options))
    ids = con.execute("SELECT obs_id FROM o ORDER BY obs_id").df()["obs_id"].to_numpy(np.int64)
    links = con.execute(f"""
        SELECT obs_id_l AS l, obs_id_r AS r FROM {scan(folder / "links.parquet")} WHERE accepted AND tier <= 2 AND rule <> 'must_link' ORDER BY l, r
    """).df()
    left, right = (np.searchsorted(ids, links[side].to_numpy(np.int64)) for side in ("l", "r"))
    con.register("group_frame", pd.DataFrame({"obs_id": ids, "grp": ids[components(len(ids), left, right)]}))
    con.execute("CREATE OR REPLACE TEMP TABLE grouped AS SELECT * FROM group_frame")
    con.unregister("group_frame")
    make_profiles(con, "grouped")


def profile_table(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> pa.Table:
    """The columns of ``profile`` that a model reads, by group."""
    wanted = ", ".join(dict.fromkeys(["grp", *model.columns]))
    return con.sql(f"SELECT {wanted} FROM profile ORDER BY grp").to_arrow_table()
