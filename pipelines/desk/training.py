"""Training the person model on the last vintage: a new model file for review, and what it would change. The deployed model stays as it is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from matching import Block, LinkageModel, PredicateError, parse_key
from matching.engines import MissingEngineError, get_engine
from matching.score import score
from matching.train import Plan, train, train_on_decisions
from pipelines.desk.profiles import BY_GROUP, deployed_model, profile_table, put_profiles
from pipelines.desk.rehearsal import aside, changes, rehearse
from pipelines.desk.training_report import as_markdown, told, weights_of
from pipelines.desk.vintages import Rows, vintage_path
from pipelines.errors import UsageError
from pipelines.night.workspace import Workspace
from pipelines.step import Progress, silent
from pipelines.storage.control import ControlDatabase

EM_BLOCKS = ("name_fold", "birth_day, sex")
"""Two looks at the same people: in one, everything but names is learnt, in the other everything but birth dates and sex."""
SURE = ("name_fold, birth_day",)
KEEP = ("id_number", "register")
"""Tier 1 has joined equal numbers, and the cascade what one register says twice, so the profiles can't show how often they occur."""

RULES = "Write columns whose values are equal, joined by commas: 'name_fold', 'birth_day, sex', 'prefix(name_fold, 2)'"
METHOD = "m by counting what people decided to be one person; u as before"

DECIDED = """
WITH d AS (
    SELECT kind, obs_id(left_source, left_record_key, left_role) AS l, obs_id(right_source, right_record_key, right_role) AS r FROM decisions_frame
)
SELECT DISTINCT kind, least(a.grp, b.grp) AS id_l, greatest(a.grp, b.grp) AS id_r
FROM d JOIN grouped a ON a.obs_id = d.l JOIN grouped b ON b.obs_id = d.r ORDER BY ALL
"""


@dataclass(frozen=True)
class Training:
    """How to train. ``em_blocks`` and ``sure``: rules as in model.yml, keys joined by commas, on columns of a profile (docs/linking.md).

    ``recall``: the share of all true pairs that the sure rules find, a guess. ``keep``: comparisons that keep their figures.
    ``decisions``: learn m from what people decided instead, the model's own figures counting as ``strength`` pairs. ``day``: for the record.
    """

    day: date
    em_blocks: Sequence[str] = EM_BLOCKS
    sure: Sequence[str] = SURE
    keep: Sequence[str] = KEEP
    recall: float = 0.7
    u_pairs: float = 1e6
    seed: int = 20_260_101
    decisions: bool = False
    strength: float = 50.0

    def plan(self) -> Plan:
        """The same for the library.

        Raises:
            UsageError: RC-M02 a rule can't be read.
        """
        try:
            blocks, sure = (tuple(_block(rule) for rule in rules) for rules in (self.em_blocks, self.sure))
        except PredicateError as error:
            raise UsageError("RC-M02", "a blocking rule can't be read", why=str(error), todo=RULES) from error
        several = [block.name for block in (*blocks, *sure) if block.exploding]
        if several:
            raise UsageError("RC-M02", f"training can't follow {'; '.join(several)}", why="tokens(...) is no equality of two values", todo=RULES)
        return Plan(em_blocks=blocks, sure=sure, keep=tuple(self.keep), recall=self.recall, u_pairs=self.u_pairs, seed=self.seed)


def train_model(workspace: Workspace, how: Training, out: Path | None, progress: Progress = silent) -> dict[str, Any]:
    """Train on the current vintage, rehearse a night with the old and the new model, and write the new one to ``out`` (None: write nothing).

    Beside ``out`` a report in Chinese and English is written, ``<out>.report.md``.

    Returns:
        ``before`` and ``after`` (name, version, hash, prior), ``about`` (the vintage that was learnt from), ``training`` (as in the model's file),
        ``untaught`` (comparisons that no rule could teach), ``weights`` (each level's m, u and weight, before and after), ``changes`` (links and
        persons), ``decisions`` (how many of people's decisions each model agrees with), ``sentences`` by language, ``files``.

    Raises:
        UsageError: RC-M01 ``out`` exists; RC-M02 a rule or a comparison is wrong; RC-M03 there is nothing to learn from; RC-M06 the folder
            of ``out`` can't be made; RC-U02 nothing was published.
    """
    report_file = out.with_suffix(".report.md") if out else None
    for path in (out, report_file):
        if path is not None and path.exists():
            raise UsageError("RC-M01", "the file exists; a model is never written over", where=str(path), todo="Give another --out")
    if out:
        _make_room(out)
    folder = vintage_path(workspace)
    before = deployed_model(workspace.deployment)
    with workspace.connect() as con:
        progress(0, 3, "profiles")
        put_profiles(con, workspace, folder)
        decided = _decided(con, workspace)
        about = _about(workspace, folder, con)
        progress(1, 3, "training")
        after = _trained(con, before, how, decided, _describe(about, how, before))
        judged = _judged(con, decided, before, after)
    progress(2, 3, "rehearsal")
    with aside(workspace) as place:
        candidate = place / "model.yml"
        candidate.write_text(after.to_yaml(), encoding="utf-8")
        found = changes(workspace, rehearse(workspace, place / "before"), rehearse(workspace, place / "after", candidate))
    report: dict[str, Any] = {
        "before": _named(before), "after": _named(after), "about": about, "training": dict(after.training),
        "untaught": _untaught(before, how), "weights": weights_of(before, after), "changes": found, "decisions": judged,
    }  # fmt: skip
    report["sentences"] = {language: told(report, language) for language in ("zh", "en")}
    return report | {"files": _written(out, report_file, after, report)}


def _make_room(out: Path) -> None:
    """Make the folder of ``out``: a place that can't be written is told before the work, not after it."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError("RC-M06", "the folder can't be made", where=str(out.parent), why=type(error).__name__, todo="Give another --out") from error


def _block(rule: str) -> Block:
    return Block(tuple(parse_key(key.strip()) for key in rule.split(",")))


def _named(model: LinkageModel) -> dict[str, Any]:
    return {"name": model.name, "version": model.version, "hash": model.hash, "prior": model.prior}


def _about(workspace: Workspace, folder: Path, con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What is learnt from."""
    [(profiles, records)] = con.execute("SELECT (SELECT count(*) FROM profile), (SELECT count(*) FROM o)").fetchall()
    night = json.loads((folder / "run.json").read_text(encoding="utf-8"))["night"]
    return {"vintage": folder.name, "deployment": workspace.deployment.config.name, "night": night, "profiles": profiles, "records": records}


def _describe(about: Mapping[str, Any], how: Training, before: LinkageModel) -> dict[str, str]:
    """The same for the model's own file, where it stands in one language."""
    data = "vintage {vintage} of {deployment}, night {night}: {profiles} profiles of {records} records".format_map(about)
    return {"data": data, "trained_on": how.day.isoformat(), "from_model": before.hash}


def _decided(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> pd.DataFrame:
    """People's decisions in force between two profiles: kind, id_l, id_r; those inside one profile have both ids equal."""
    frame = ControlDatabase(workspace.control_url).decisions()
    con.register("decisions_frame", frame.astype({c: "string" for c in frame.columns if c != "decided_on"}))
    found = con.execute(DECIDED).df()
    con.unregister("decisions_frame")
    return found


def _trained(con: duckdb.DuckDBPyConnection, before: LinkageModel, how: Training, decided: pd.DataFrame, describe: Mapping[str, str]) -> LinkageModel:
    if how.decisions:
        told_apart = decided[(decided["kind"] == "must_link") & (decided["id_l"] != decided["id_r"])]
        if told_apart.empty:
            todo = "Decide links first (rollcall decisions link), or train without --decisions"
            raise UsageError("RC-M03", "no decision in force joins two profiles", todo=todo)
        return train_on_decisions(_levels(con, told_apart, before), before, strength=how.strength, describe={"method": METHOD, **describe})
    plan = _fitting(before, how.plan())
    try:
        return train(profile_table(con, before), None, before, plan, call=BY_GROUP, describe=describe)
    except MissingEngineError as error:
        raise UsageError("RC-M04", str(error)) from error
    except ValueError as error:
        todo = "Give --block rules that bring more pairs of one person together"
        raise UsageError("RC-M03", "these rules give nothing to learn from", why=str(error), todo=todo) from error


def _fitting(model: LinkageModel, plan: Plan) -> Plan:
    """The plan, when it names only what the model has."""
    comparisons = [each.name for each in model.comparisons]
    columns = {key.column for block in (*plan.em_blocks, *plan.sure) for key in block.keys}
    for what, wrong, known in (
        ("comparison", set(plan.keep) - set(comparisons), comparisons),
        ("column", columns - set(model.columns), model.columns),
    ):
        if wrong:
            todo = f"Give one of {', '.join(known)}"
            raise UsageError("RC-M02", f"the model has no {what} {', '.join(sorted(wrong))}", todo=todo)
    return plan


def _untaught(model: LinkageModel, how: Training) -> list[str]:
    """Comparisons that no rule can teach anything about, as a rule says nothing of its own columns: they keep their m."""
    used = [{key.column for key in block.keys} for block in how.plan().em_blocks]
    taught = (c.name for c in model.comparisons if any(not rule & set(c.columns) for rule in used))
    known = {*taught, *how.keep}
    return [] if how.decisions else [c.name for c in model.comparisons if c.name not in known]


def _levels(con: duckdb.DuckDBPyConnection, pairs: pd.DataFrame, model: LinkageModel) -> pa.Table:
    given = pa.Table.from_pandas(pairs[["id_l", "id_r"]].astype("int64"), preserve_index=False)
    return get_engine("duckdb").compare(given, profile_table(con, model), None, model, call=BY_GROUP)


def _judged(con: duckdb.DuckDBPyConnection, decided: pd.DataFrame, before: LinkageModel, after: LinkageModel) -> Rows:
    """For each kind of decision: how many, how many that the sure tiers had joined anyway, how many each model would link by itself."""
    rows: Rows = []
    for kind, some in decided.groupby("kind"):
        apart = some[some["id_l"] != some["id_r"]]
        row: dict[str, Any] = {"kind": kind, "decisions": len(some), "joined_by_sure_tiers": len(some) - len(apart)}
        for when, model in (("before", before), ("after", after)):
            reached = score(_levels(con, apart, model), model)["probability"].to_numpy() if len(apart) else pd.Series(dtype=float).to_numpy()
            row[f"linked_{when}"] = int((reached >= model.thresholds.join).sum())
        rows.append(row)
    return rows


def _written(out: Path | None, report_file: Path | None, model: LinkageModel, report: Mapping[str, Any]) -> list[str]:
    if out is None or report_file is None:
        return []
    head = f"# Trained from model {report['before']['hash']}. Review {report_file.name} before this replaces model.yml.\n"
    out.write_text(head + model.to_yaml(), encoding="utf-8")
    report_file.write_text(as_markdown(report), encoding="utf-8")
    return [str(out), str(report_file)]
