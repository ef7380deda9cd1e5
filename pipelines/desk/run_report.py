"""What a night was: its deliveries, how the person index changed, what linking left out, and what each step took; from the vintage's run.json."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.desk.vintages import night_path
from pipelines.night.workspace import Workspace
from pipelines.settings import Text

CHANGES: Mapping[str, Text] = {
    "kept": Text(zh="沿用", en="kept"),
    "created": Text(zh="新建", en="created"),
    "split": Text(zh="拆分", en="split off"),
    "merged": Text(zh="合并", en="merged"),
    "retired": Text(zh="停用", en="retired"),
}
INDEX = Text(
    zh="人员标识 {before:,} → {after:,}：{changes}；改属他人的记录 {records_moved:,} 条",
    en="persons {before:,} -> {after:,}: {changes}; records moved: {records_moved:,}",
)
MEASURES: Mapping[str, Text] = {
    "hot_block": Text(zh="分组过大而未比较：{rule}，{count:,} 组", en="blocks too large to compare: {rule}, {count:,} blocks"),
    "shared_reference": Text(
        zh="证件或登记编号出现于过多记录而未采用：{rule}，{count:,} 个", en="references left out, as too many records bear them: {rule}, {count:,}"
    ),
    "shared_number": Text(
        zh="号码为过多不同人员使用而未采用：{count:,} 个", en="numbers left out, as too many different people hold them: {count:,}"
    ),
}


def run_report(workspace: Workspace, night: date | None = None) -> dict[str, Any]:
    """The run that published the vintage of a night (null: the current one).

    Returns:
        ``vintage``, ``night``, ``parent``, ``run_id``, ``verdict``, ``engine``, ``model_hashes``, ``identity`` (persons before, kept, created, split,
        merged, retired, after; records_moved), ``left_out`` (rows: measure, rule, count, records, largest), ``deliveries``, ``steps``, ``lines``.

    Raises:
        UsageError: RC-U02 nothing was published; RC-U36 not on that night. Retention leaves what is told here.
    """
    record = run_record(night_path(workspace, night, whole=False))
    wanted = ("vintage", "night", "parent", "run_id", "verdict", "engine", "model_hashes", "identity", "left_out", "deliveries")
    steps = [{k: s[k] for k in ("step", "source", "seconds", "peak_mb", "reused")} for s in record["steps"]]
    return {**{name: record[name] for name in wanted}, "steps": steps, "lines": index_lines(record, workspace.deployment.config.languages)}


def run_record(folder: Path) -> dict[str, Any]:
    """A vintage's run.json; what an older version of the code did not write is empty."""
    record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {"identity": {}, "left_out": [], **record}


def index_lines(record: Mapping[str, Any], languages: tuple[str, ...] | list[str]) -> list[str]:
    """Churn and what was left out, a line each, in the deployment's languages."""
    lines = []
    for language in languages:
        if identity := record["identity"]:
            changes = {"zh": "，", "en": ", "}.get(language, ", ").join(
                f"{getattr(text, language)} {identity[name]:,}" for name, text in CHANGES.items()
            )
            lines.append(getattr(INDEX, language).format(**identity, changes=changes))
        lines += [getattr(MEASURES[row["measure"]], language).format(**row) for row in record["left_out"] if row["measure"] in MEASURES]
    return lines
