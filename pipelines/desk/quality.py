"""How right is the person index, and each rule, where the truth is known (simulated worlds)."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from matching.evaluate import Intervals
from matching.evaluate import evaluate as figures_of
from pipelines.desk.rehearsal import aside, rehearse
from pipelines.desk.thresholds import threshold_table
from pipelines.desk.vintages import Rows, ask, vintage_path
from pipelines.errors import UsageError
from pipelines.night.workspace import Workspace
from pipelines.reconcile.evaluate import evaluate_findings
from pipelines.storage.frames import scan

SUBGROUPS = ("source", "number", "sex", "age", "division", "name_kind", "twin")

JUDGED = """
SELECT t.person AS truth, p.person_id AS found, t.source,
       CASE WHEN o.id_valid THEN 'valid' ELSE 'none' END AS number,
       coalesce(o.sex, 'unknown') AS sex,
       CASE WHEN o.birth_date IS NULL THEN 'unknown'
            ELSE CAST(20 * (date_diff('year', o.birth_date, CAST(? AS DATE)) // 20) AS VARCHAR) || '+' END AS age,
       coalesce(o.division, 'unknown') AS division,
       CASE WHEN contains(o.name, '·') THEN 'minority' ELSE coalesce(o.name_kind, 'unknown') END AS name_kind,
       CASE WHEN w.twin_group IS NULL THEN 'single' ELSE 'twin' END AS twin
FROM {truth} t
JOIN {person_records} p ON p.source = t.source AND p.record_key = t.record_key AND p.role = t.role
JOIN {observations} o ON o.source = t.source AND o.record_key = t.record_key AND o.role = t.role
LEFT JOIN {people} w ON w.person = t.person
WHERE t.person IS NOT NULL
ORDER BY t.source, t.record_key, t.role
"""


def evaluate(
    workspace: Workspace, truth: Path, known_on: Any = None, *, subgroups: bool = False, repeats: int = 0, thresholds: bool = False
) -> dict[str, Any]:
    """Person index and findings of a vintage against a simulated world's truth.

    Returns:
        ``headline`` (pairwise and B-cubed of all, of records without a valid number, of twins), ``false_merges``,
        ``subgroups`` when asked for (with precision and recall), ``thresholds`` of tier 3 when asked for, ``rules`` (per code: due, found,
        precision, recall), ``innocents_flagged``.

    Raises:
        UsageError: the folder holds no truth.
    """
    _must_be_there(truth)
    folder = vintage_path(workspace, known_on)
    records = _judged(workspace, folder, truth)
    figures = figures_of(records, by=SUBGROUPS if subgroups else ("number", "twin"), intervals=Intervals(repeats=repeats))
    rules = _rules(workspace, folder, truth)
    return {
        "vintage": folder.name,
        "headline": _headline(figures),
        "false_merges": _false_merges(records),
        "subgroups": _subgroups(figures) if subgroups else [],
        "thresholds": threshold_table(workspace, folder, truth) if thresholds else [],
        **rules,
    }


def compare_models(workspace: Workspace, truth: Path, model: Path) -> Rows:
    """The person index of the current vintage against the truth, under the deployed model and under another, each rehearsed for a night."""
    _must_be_there(truth)
    rows: Rows = []
    with aside(workspace) as place:
        for name, path in (("deployed", None), ("candidate", model)):
            records = _judged(workspace, vintage_path(workspace), truth, rehearse(workspace, place / name, path).table("person_records"))
            figures = _headline(figures_of(records, by=("number", "twin"), intervals=Intervals(repeats=0)))
            rows += [{"model": name, **row} for row in figures if row["measure"] == "b_cubed"]
    return rows


def _must_be_there(truth: Path) -> None:
    if not (truth / "records.parquet").is_file():
        raise UsageError("RC-U11", "no truth is there", where=str(truth), todo="Give the truth folder that 'rollcall simulate' made")


def _judged(workspace: Workspace, folder: Path, truth: Path, person_records: Path | None = None) -> pd.DataFrame:
    [night] = ask(workspace, folder, "SELECT max(night) AS night FROM {ledger}")
    tables = {name: scan(folder / f"{name}.parquet") for name in ("person_records", "observations")}
    tables |= {"person_records": scan(person_records)} if person_records else {}
    tables |= {"truth": scan(truth / "records.parquet"), "people": scan(truth / "persons.parquet")}
    with workspace.connect() as con:
        return con.execute(JUDGED.format_map(tables), [night["night"]]).df()


def _headline(figures: pd.DataFrame) -> Rows:
    groups = {"all records": ("all", "all"), "without a valid number": ("number", "none"), "twins": ("twin", "twin")}
    rows = []
    for title, (column, group) in groups.items():
        part = figures[(figures["column"] == column) & (figures["group"] == group)]
        for measure in ("pairwise", "b_cubed"):
            values = part[part["measure"] == measure].set_index("figure")["value"]
            if len(values):
                row: dict[str, Any] = {"of": title, "records": int(part["records"].iloc[0]), "measure": measure}
                rows.append(row | {figure: round(float(values[figure]), 5) for figure in ("precision", "recall", "f1")})
    return rows


def _subgroups(figures: pd.DataFrame) -> Rows:
    b_cubed = figures[figures["measure"] == "b_cubed"]
    keys = zip(b_cubed["column"], b_cubed["group"], b_cubed["figure"], strict=True)
    sides = dict(zip(keys, b_cubed["value"].astype(float), strict=True))
    part = b_cubed[b_cubed["figure"] == "f1"]
    ordered = part.sort_values(["value", "column", "group"])
    return [
        {
            "subgroup": f"{r['column']} {r['group']}",
            "records": r["records"],
            "b_cubed_f1": round(r["value"], 5),
            **{name: None if pd.isna(r[name]) else round(float(r[name]), 5) for name in ("low", "high")},
            **{name: round(sides[r["column"], r["group"], name], 5) for name in ("precision", "recall")},
        }
        for r in ordered.to_dict(orient="records")
    ]


def _rules(workspace: Workspace, folder: Path, truth: Path) -> dict[str, Any]:
    findings, details, records = (scan(folder / f"{n}.parquet") for n in ("findings", "finding_details", "person_records"))
    with workspace.connect() as con:
        found = con.execute(f"SELECT f.*, d.subject_key FROM {findings} f LEFT JOIN {details} d USING (finding_id)").df()
        people = con.execute(f"SELECT * FROM {records}").df()
        [(night,)] = con.execute(f"SELECT max(night) FROM {scan(folder / 'ledger.parquet')}").fetchall()
    figures = evaluate_findings(found, truth, people, night)
    rows: Rows = json.loads(figures.to_json(orient="records"))
    return {"rules": rows, "innocents_flagged": next(r["innocents_flagged"] for r in rows if r["code"] == "all")}


def _false_merges(records: pd.DataFrame) -> dict[str, int]:
    """Persons of ours that hold records of more than one true person; among them those that hold two twins."""
    mixed = records.groupby("found")["truth"].nunique()
    twins = records[records["twin"] == "twin"].groupby("found")["truth"].nunique()
    return {"persons": int((mixed > 1).sum()), "of_twins": int((twins > 1).sum())}
