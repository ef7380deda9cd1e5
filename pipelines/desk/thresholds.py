"""Where to put the thresholds, and who can't be linked at all."""

from pathlib import Path
from typing import Any

import pandas as pd

from matching.charts import threshold_svg
from matching.engines import get_engine
from matching.evaluate import self_probability, threshold_figures, unlinkable_share
from pipelines.desk.pictures import write_picture
from pipelines.desk.profiles import BY_GROUP, judging_model, profile_table, put_profiles
from pipelines.desk.vintages import Rows, vintage_path
from pipelines.night.workspace import Workspace
from pipelines.settings import Text
from pipelines.storage.frames import scan

GRID = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.97, 0.98, 0.99, 0.995, 0.999)
TITLE = Text(zh="第三层链接：不同阈值下的精确率与召回率", en="Links of tier 3: precision and recall by threshold")

TRUE_PERSON = """
SELECT p.head AS id, t.person FROM profile p JOIN o ON o.obs_id = p.head
JOIN {truth} t ON t.source = o.source AND t.record_key = o.record_key AND t.role = o.role WHERE t.person IS NOT NULL ORDER BY id
"""


def threshold_table(workspace: Workspace, folder: Path, truth: Path) -> Rows:
    """Precision, recall and F1 of tier 3 by itself at each threshold, competition included: rows threshold, links, precision, recall, f1.

    Recall is among the pairs of profiles that tiers 0 to 2 left apart; kinship (tier 4) may join some of them later.
    """
    model = judging_model(workspace, folder)
    with workspace.connect() as con:
        put_profiles(con, workspace, folder)
        known = con.execute(TRUE_PERSON.format(truth=scan(truth / "records.parquet"))).df().set_index("id")["person"]
        judged = f"SELECT obs_id_l AS id_l, obs_id_r AS id_r, probability FROM {scan(folder / 'links.parquet')} WHERE tier = 3 ORDER BY ALL"
        pairs = con.sql(judged).to_arrow_table()
    codes = pd.Series(pd.factorize(known, sort=True)[0], index=known.index)
    some = [threshold for threshold in GRID if threshold >= model.thresholds.review]
    rows: Rows = [{str(k): v for k, v in row.items()} for row in threshold_figures(pairs, codes, some).round(5).to_dict("records")]
    return [{name: None if pd.isna(value) else value for name, value in row.items()} for row in rows]


def threshold_chart(workspace: Workspace, rows: Rows, out: Path) -> Path:
    """The same as a picture, with the deployed thresholds marked."""
    limits, config = judging_model(workspace, vintage_path(workspace)).thresholds, workspace.deployment.config
    marks = {"join": limits.join, "break": limits.break_, "review": limits.review}
    language = config.languages[0]
    svg = threshold_svg(pd.DataFrame(rows).astype(float), marks, language)
    title = getattr(TITLE, language)
    return write_picture(out, title, [("", svg)], language, "SYNTHETIC" if config.synthetic else "")


def unlinkable(workspace: Workspace) -> Rows:
    """What share of profiles says too little to be linked to anything by tier 3: of all, with and without a valid number, by source.

    Of the current vintage, without a truth.
    """
    folder = vintage_path(workspace)
    model = judging_model(workspace, folder)
    with workspace.connect() as con:
        put_profiles(con, workspace, folder)
        table = profile_table(con, model)
        about = con.execute(
            "SELECT p.grp, p.id_number IS NOT NULL AS numbered, o.source FROM profile p JOIN o ON o.obs_id = p.head ORDER BY grp"
        ).df()
    reached = self_probability(get_engine(workspace.deployment.config.engine), table, model, call=BY_GROUP)
    about["probability"] = reached.reindex(about["grp"]).to_numpy()
    groups: list[tuple[str, Any]] = [("all", about)]
    groups += [("with a valid number" if numbered else "without a valid number", some) for numbered, some in about.groupby("numbered")]
    groups += [(f"source {source}", some) for source, some in about.groupby("source")]
    return [{"of": name, "profiles": len(some), "unlinkable": round(unlinkable_share(some["probability"], model), 5)} for name, some in groups]
