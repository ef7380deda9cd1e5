"""How right is the person index, and each rule, where the truth is known (simulated worlds)."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from matching.evaluate import Intervals
from matching.evaluate import evaluate as figures_of
from pipelines.desk.profiles import deployed_model
from pipelines.desk.rehearsal import aside, rehearse
from pipelines.desk.thresholds import threshold_table
from pipelines.desk.vintages import Rows, night_of, vintage_path
from pipelines.errors import UsageError
from pipelines.night.workspace import Workspace
from pipelines.reconcile.evaluate import evaluate_findings
from pipelines.storage.frames import scan

SUBGROUPS = ("source", "number", "sex", "age", "division", "name_kind", "twin")

LEAST_KNOWN = 0.5
"""A truth that knows a smaller share of the records is another world's."""
MISTAKES = 20
"""So many mixed persons and persons held apart are named."""

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
        ``headline`` (pairwise, B-cubed and whole clusters; of all, of records without a valid number, of twins; f1_low and f1_high where
        ``repeats`` are drawn), ``false_merges`` (persons, of_twins, held_apart), ``mistakes`` (the first of them, by id), ``subgroups`` when asked
        for (with precision and recall), ``thresholds`` of tier 3 when asked for, ``rules`` (per code: due, found, precision, recall),
        ``innocents_flagged``.

    Raises:
        UsageError: RC-U11 the folder holds no truth; RC-U38 it is another world's.
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
        "mistakes": _mistakes(records),
        "subgroups": _subgroups(figures) if subgroups else [],
        "thresholds": threshold_table(workspace, folder, truth) if thresholds else [],
        **rules,
    }


def compare_models(workspace: Workspace, truth: Path, model: Path) -> Rows:
    """The person index of the current vintage against the truth, under the deployed model and under another, each rehearsed for a night.

    Raises:
        ConfigError: RC-C30 the other model is missing or wrong.
    """
    _must_be_there(truth)
    deployed_model(workspace.deployment, model)
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
    tables = {name: scan(folder / f"{name}.parquet") for name in ("person_records", "observations")}
    tables |= {"person_records": scan(person_records)} if person_records else {}
    tables |= {"truth": scan(truth / "records.parquet"), "people": scan(truth / "persons.parquet")}
    with workspace.connect() as con:
        records = con.execute(JUDGED.format_map(tables), [night_of(folder)]).df()
        [(held,)] = con.execute(f"SELECT count(*) FROM {tables['person_records']}").fetchall()
    if len(records) < LEAST_KNOWN * held:
        why = f"it knows {len(records):,} of {held:,} records"
        raise UsageError("RC-U38", "the truth is another world's", where=str(truth), why=why, todo="Give the truth of the world that was delivered")
    return records


def _headline(figures: pd.DataFrame) -> Rows:
    groups = {"all records": ("all", "all"), "without a valid number": ("number", "none"), "twins": ("twin", "twin")}
    rows = []
    for title, (column, group) in groups.items():
        part = figures[(figures["column"] == column) & (figures["group"] == group)]
        for measure in ("pairwise", "b_cubed", "cluster"):
            found = part[part["measure"] == measure].set_index("figure")
            if len(found):
                row: dict[str, Any] = {"of": title, "records": int(part["records"].iloc[0]), "measure": measure}
                row |= {figure: _told(found["value"][figure]) for figure in ("precision", "recall", "f1")}
                rows.append(row | {f"f1_{end}": _told(found[end]["f1"]) for end in ("low", "high")})
    with_intervals = any(row["f1_low"] is not None for row in rows)
    return rows if with_intervals else [{name: value for name, value in row.items() if name not in {"f1_low", "f1_high"}} for row in rows]


def _told(value: float) -> float | None:
    """Five digits; null where there is nothing to tell."""
    return None if pd.isna(value) else round(float(value), 5)


def _subgroups(figures: pd.DataFrame) -> Rows:
    b_cubed = figures[figures["measure"] == "b_cubed"]
    keys = zip(b_cubed["column"], b_cubed["group"], b_cubed["figure"], strict=True)
    sides = dict(zip(keys, b_cubed["value"].astype(float), strict=True))
    part = b_cubed[b_cubed["figure"] == "f1"]
    ordered = part.sort_values(["value", "column", "group"])
    return [
        {
            "subgroup": "all records" if r["column"] == "all" else f"{r['column']} {r['group']}",
            "records": r["records"],
            "b_cubed_f1": _told(r["value"]),
            **{name: _told(r[name]) for name in ("low", "high")},
            **{name: _told(sides[r["column"], r["group"], name]) for name in ("precision", "recall")},
        }
        for r in ordered.to_dict(orient="records")
    ]


def _rules(workspace: Workspace, folder: Path, truth: Path) -> dict[str, Any]:
    findings, details, records = (scan(folder / f"{n}.parquet") for n in ("findings", "finding_details", "person_records"))
    with workspace.connect() as con:
        found = con.execute(f"SELECT f.*, d.subject_key FROM {findings} f LEFT JOIN {details} d USING (finding_id)").df()
        people = con.execute(f"SELECT * FROM {records}").df()
    figures = evaluate_findings(found, truth, people, night_of(folder))
    rows: Rows = json.loads(figures.to_json(orient="records"))
    return {"rules": rows, "innocents_flagged": next(r["innocents_flagged"] for r in rows if r["code"] == "all")}


def _false_merges(records: pd.DataFrame) -> dict[str, int]:
    """Persons of ours that hold records of more than one true person; among them those that hold two twins. And true persons whom we hold apart."""
    mixed = records.groupby("found")["truth"].nunique()
    twins = records[records["twin"] == "twin"].groupby("found")["truth"].nunique()
    apart = records.groupby("truth")["found"].nunique()
    return {"persons": int((mixed > 1).sum()), "of_twins": int((twins > 1).sum()), "held_apart": int((apart > 1).sum())}


def _mistakes(records: pd.DataFrame) -> Rows:
    """The first mixed persons and persons held apart, most records first: what, persons (ids for ``rollcall explain``), records, true_persons."""
    rows: Rows = []
    for what, by, other in (("mixed", "found", "truth"), ("held apart", "truth", "found")):
        wrong = records[records.groupby(by)[other].transform("nunique") > 1]
        for _, some in wrong.groupby(by):
            persons = some["found"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
            rows.append({"what": what, "persons": " ".join(persons.index), "records": len(some), "true_persons": some["truth"].nunique()})
    return sorted(rows, key=lambda row: (row["what"] != "mixed", -row["records"], row["persons"]))[:MISTAKES]
