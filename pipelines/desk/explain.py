"""Why a person, a finding, a case or a record is what it is. Shows keys, dates and reasons; personal values masked or not at all."""

from pathlib import Path
from typing import Any

from pipelines.desk.decided import decisions_about
from pipelines.desk.persons import standing
from pipelines.desk.profiles import judging_model
from pipelines.desk.values import mask_of, without_numbers
from pipelines.desk.vintages import Rows, ask, vintage_path
from pipelines.errors import UsageError
from pipelines.identify.explain import explain_person
from pipelines.night.workspace import Workspace


def explain(workspace: Workspace, subject: str) -> dict[str, Any]:
    """Explain ``P...``, ``F...``, ``C...`` or ``source|key[|role]``; identity numbers inside record keys are masked.

    Raises:
        UsageError: nothing is known under that name.
    """
    document: dict[str, Any] = without_numbers(_explained(workspace, subject), mask_of(workspace))
    return document


def _explained(workspace: Workspace, subject: str) -> dict[str, Any]:
    folder = vintage_path(workspace)
    if "|" in subject:
        source, _, rest = subject.partition("|")
        found = ask(
            workspace,
            folder,
            "SELECT DISTINCT person_id FROM {person_records} WHERE source = ? AND (record_key = ? OR record_key || '|' || role = ?)",
            [source, rest, rest],
        )
        if not found:
            raise UsageError("RC-U07", "no record of that key is held", where=source, todo="Give source|key, as person_records has them")
        documents = [_person(workspace, row["person_id"]) for row in found]
        return _joined(f"Record {subject} speaks of {len(documents)} person(s)", documents)
    kinds = {"P": _person, "F": _finding, "C": _case}
    if subject[:1] not in kinds:
        raise UsageError("RC-U08", f"'{subject}' is no person, finding, case or record", todo="Give P..., F..., C... or source|key")
    return kinds[subject[:1]](workspace, subject)


def _joined(headline: str, documents: list[dict[str, Any]]) -> dict[str, Any]:
    tables: dict[str, Rows] = {}
    for document in documents:
        for title, rows in document["tables"].items():
            tables.setdefault(title, []).extend(rows)
    return {"headline": headline, "tables": tables, "sentences": [s for d in documents for s in d["sentences"]]}


def _person(workspace: Workspace, person_id: str) -> dict[str, Any]:
    folder = vintage_path(workspace)
    history = ask(
        workspace, folder, "SELECT * FROM {person_history} WHERE person_id = ? OR successor = ? ORDER BY night, event", [person_id, person_id]
    )
    records = ask(
        workspace,
        folder,
        "SELECT source, record_key, role, tier, round(probability, 6) AS probability FROM {person_records} WHERE person_id = ? ORDER BY ALL",
        [person_id],
    )
    if not records and not history:
        raise UsageError("RC-U09", "that person was never known", where=person_id, todo="Look the id up in persons or person_history")
    links = ask(
        workspace,
        folder,
        """WITH mine AS (SELECT obs_id(source, record_key, role) AS id, source || '|' || record_key || '|' || role AS record
                        FROM {person_records} WHERE person_id = ?)
           SELECT l.record AS record_l, r.record AS record_r, k.tier, k.rule, k.levels,
                  round(k.weight, 3) AS weight, round(k.probability, 6) AS probability
           FROM {links} k JOIN mine l ON l.id = k.obs_id_l JOIN mine r ON r.id = k.obs_id_r WHERE k.accepted ORDER BY k.tier, 1, 2""",
        [person_id],
    )
    findings = ask(
        workspace,
        folder,
        """SELECT finding_id, code, status, severity, since, days_overdue, confidence, case_id
           FROM {findings} WHERE list_contains(person_ids, ?) ORDER BY code""",
        [person_id],
    )
    if not records:
        return _redirected(workspace, person_id, history)
    return {
        "headline": f"{person_id}: {len(records)} record{'' if len(records) == 1 else 's'}",
        "tables": {"records": records, "links": links, "decisions": _decided(workspace, records), "history": history, "findings": findings},
        "sentences": _why(workspace, folder, person_id),
    }


def _decided(workspace: Workspace, records: Rows) -> Rows:
    return decisions_about(workspace, [f"{row['source']}|{row['record_key']}|{row['role']}" for row in records])


def _redirected(workspace: Workspace, person_id: str, history: Rows) -> dict[str, Any]:
    """An id that holds no records any more: the person it led to, the way there told."""
    now = standing(workspace, vintage_path(workspace), person_id)
    document = _person(workspace, now)
    own = [row for row in history if row["person_id"] == person_id]
    night = own[-1]["night"]
    known = {(row["person_id"], row["night"], row["event"]) for row in own}
    rest = [row for row in document["tables"]["history"] if (row["person_id"], row["night"], row["event"]) not in known]
    tables = document["tables"] | {"history": [*own, *rest]}
    return document | {"headline": f"{person_id} was merged on {night}; now {document['headline']}", "tables": tables}


def _why(workspace: Workspace, folder: Path, person_id: str) -> list[str]:
    """The strongest links that hold a person together, each in one sentence, by the model that judged them."""
    config = workspace.deployment.config
    model = judging_model(workspace, folder)
    links, person_records = (folder / f"{name}.parquet" for name in ("links", "person_records"))
    if ask(workspace, folder, "SELECT 1 FROM {links} WHERE model_hash <> ? LIMIT 1", [model.hash]):
        return [f"The links can't be put into words: they were judged by another model than the {model.hash} that is kept beside the vintage."]
    with workspace.connect() as con:
        hops = explain_person(con, links, person_records, person_id, model)
    return [f"{hop.left} = {hop.right}: {getattr(hop.sentence, language)}" for hop in hops for language in config.languages]


def _finding(workspace: Workspace, finding_id: str) -> dict[str, Any]:
    folder = vintage_path(workspace)
    found = ask(
        workspace,
        folder,
        "SELECT f.*, d.* EXCLUDE (finding_id, code) FROM {findings} f JOIN {finding_details} d USING (finding_id) WHERE finding_id = ?",
        [finding_id],
    )
    if not found:
        raise UsageError(
            "RC-U09", "no finding of that id stands tonight", where=finding_id, todo="Look at older vintages with 'rollcall vintage list'"
        )
    [row] = found
    records = row.pop("records")
    return {
        "headline": f"{finding_id} {row['code']} {row['status']}: {row['reason']}",
        "tables": {"finding": [{"field": k, "value": v} for k, v in row.items() if k not in {"reason", "reason_zh"}], "records": records},
        "sentences": [row["reason_zh"], row["reason"]],
    }


def _case(workspace: Workspace, case_id: str) -> dict[str, Any]:
    folder = vintage_path(workspace)
    found = ask(workspace, folder, "SELECT * FROM {cases} WHERE case_id = ?", [case_id])
    if not found:
        raise UsageError("RC-U09", "no case has that id", where=case_id, todo="Look with 'rollcall cases list'")
    [row] = found
    records = row.pop("records")
    return {
        "headline": f"{case_id} {row['code']} {row['state']}",
        "tables": {"case": [{"field": k, "value": v} for k, v in row.items()], "records": records},
        "sentences": [],
    }
