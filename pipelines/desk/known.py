"""As at D, as known on K: who a person was and which records were theirs in the vintage of K, and what stood in those records on D."""

from datetime import date
from pathlib import Path
from typing import Any

from pipelines.desk.paths import find_record
from pipelines.desk.values import mask_of, without_numbers
from pipelines.desk.vintages import Rows, ask, night_of, vintage_path
from pipelines.errors import UsageError
from pipelines.night.workspace import Workspace
from pipelines.storage.frames import scan

ENDS = ("cancelled_on", "benefit_to", "closed_date")
"""Canonical columns by which registers themselves say that an entry ended."""
STARTS = ("registered_on", "opened_on", "entered_on", "benefit_from")
"""... and that it began; a record is never younger than its event or its first delivery."""

STATE = """
WITH mine AS (SELECT source, record_key, role, tier, probability FROM {person_records} WHERE person_id = ? AND source = ?),
held AS (
    SELECT record_key, min(first_seen) AS first_seen, max(changed_on) AS changed_on,
           CASE WHEN bool_and(closed_on IS NOT NULL) THEN max(closed_on) END AS closed_on, {ended} AS ended_on, {started} AS started_on
    FROM {rec} SEMI JOIN mine USING (record_key) GROUP BY record_key
)
SELECT m.source, m.record_key, m.role, m.tier, round(m.probability, 6) AS probability,
       least(o.event_date, h.first_seen, h.started_on) AS since, least(h.closed_on, h.ended_on) AS until, h.changed_on
FROM mine m JOIN {observations} o USING (source, record_key, role) LEFT JOIN held h USING (record_key) ORDER BY m.record_key, m.role
"""


def as_known(workspace: Workspace, subject: str, as_at: date | None, known_on: date | None) -> dict[str, Any]:
    """A person, or a record's person, as the index knew them on K, with the state of their records on D.

    K null = now; D null = the night of K's vintage. An id that K did not know yet is looked up by the records that it holds now.

    Returns:
        ``headline``, ``as_at``, ``known_on``, ``vintage``, ``persons`` (ids on K), ``tables``: ``records`` (with ``state`` on D: stands, ended, not
        yet; ``changed_later`` says that the content known is younger than D) and ``history`` of those ids up to K; ``sentences``.

    Raises:
        UsageError: RC-U02 nothing was published by K; RC-U07, RC-U09 nobody was known then; RC-M42 D lies after K (or after the
            last night).
    """
    folder = vintage_path(workspace, known_on)
    night = night_of(folder)
    day, known = as_at or known_on or night, known_on or night
    if day > known:
        raise UsageError("RC-M42", f"{day} lies after {known}", todo="What will be isn't known: give --as-at on or before --known-on")
    persons = _persons(workspace, folder, subject)
    records = [row for person in persons for row in _records(workspace, folder, person, day)]
    history = ask(workspace, folder, "SELECT * FROM {person_history} WHERE list_contains(?, person_id) ORDER BY night, person_id, event", [persons])
    standing = sum(row["state"] == "stands" for row in records)
    return {
        "headline": f"{', '.join(persons)} as known in {folder.name} ({night}): {len(records)} records, {standing} standing on {day}",
        "as_at": day,
        "known_on": known,
        "vintage": folder.name,
        "persons": persons,
        "tables": {"records": without_numbers(records, mask_of(workspace)), "history": history},
        "sentences": _since(workspace, persons, folder),
    }


def _persons(workspace: Workspace, folder: Path, subject: str) -> list[str]:
    """The ids that stood on K for a person of today or of then, or for a record."""
    if "|" in subject:
        record = find_record(workspace, folder, subject)
        sql, values = (
            "SELECT person_id FROM {person_records} WHERE source = ? AND record_key = ? AND role = ?",
            [record.source, record.record_key, record.role],
        )
        return [row["person_id"] for row in ask(workspace, folder, sql, list(values))]
    if ask(workspace, folder, "SELECT 1 FROM {person_records} WHERE person_id = ? LIMIT 1", [subject]):
        return [subject]
    now = scan(vintage_path(workspace) / "person_records.parquet")
    theirs = f"SELECT source, record_key, role FROM {now} WHERE person_id = ?"
    sql = f"SELECT DISTINCT p.person_id FROM {{person_records}} p SEMI JOIN ({theirs}) n USING (source, record_key, role) ORDER BY 1"
    found = [row["person_id"] for row in ask(workspace, folder, sql, [subject])]
    if found:
        return found
    ended = ask(
        workspace,
        folder,
        "SELECT successor FROM {person_history} WHERE person_id = ? AND successor IS NOT NULL ORDER BY night DESC LIMIT 1",
        [subject],
    )
    if ended:
        return _persons(workspace, folder, ended[0]["successor"])
    raise UsageError(
        "RC-U09", "nobody of that id was known then", where=f"{subject} in {folder.name}", todo="Give a later --known-on, or a record: source|key"
    )


def _records(workspace: Workspace, folder: Path, person: str, day: date) -> Rows:
    rows: Rows = []
    for source in workspace.deployment.sources:
        rec = folder / f"rec_{source}.parquet"
        if not rec.is_file():
            continue
        columns = {row["column_name"] for row in ask(workspace, folder, f"DESCRIBE SELECT * FROM {scan(rec)}")}
        started = [f"min({name})" for name in STARTS if name in columns]
        ended = [f"CASE WHEN bool_and({name} IS NOT NULL) THEN max({name}) END" for name in ENDS if name in columns]
        parts = {"{started}": started, "{ended}": ended}
        sql = STATE.replace("{rec}", scan(rec))
        for place, found in parts.items():
            sql = sql.replace(place, found[0] if found else "CAST(NULL AS DATE)")
        rows += ask(workspace, folder, sql, [person, source])
    return [_stood(row, day) for row in rows]


def _stood(row: dict[str, Any], day: date) -> dict[str, Any]:
    """A record with its state on a day."""
    changed = row.pop("changed_on")
    state = "not yet" if row["since"] and row["since"] > day else "ended" if row["until"] and row["until"] <= day else "stands"
    return {**row, "state": state, "changed_later": bool(changed and changed > day)}


def _since(workspace: Workspace, persons: list[str], folder: Path) -> list[str]:
    """What became of the ids after K."""
    current = vintage_path(workspace)
    if current == folder:
        return []
    sql = "SELECT person_id, night, event, successor FROM {person_history} WHERE list_contains(?, person_id) AND night > ? ORDER BY ALL"
    later = ask(workspace, current, sql, [persons, night_of(folder)])
    return [f"{r['person_id']}: {r['event']} on {r['night']}" + (f", now {r['successor']}" if r["successor"] else "") for r in later]
