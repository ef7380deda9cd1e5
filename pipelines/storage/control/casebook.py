"""Cases as the control database keeps them: find, list, change. What may be done to a case is decided in ``pipelines.cases``, not here."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from pipelines.errors import TemporaryError, UsageError
from pipelines.storage.control.rows import Row
from pipelines.storage.control.schema import AUDIT, CASE_EVENTS, CASES
from pipelines.storage.control.transaction import SEAL, Transaction


def find_case(con: sa.Connection, case_id: str) -> Row:
    """One case with all its columns; ``person_ids`` and ``records`` are lists.

    Raises:
        UsageError: there is none of that id.
    """
    found = list_cases(con, CASES.c.case_id == case_id)
    if not found:
        raise UsageError("RC-K01", "no such case", where=case_id, todo="See 'rollcall cases list'")
    return found[0]


def list_cases(con: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Row]:
    """Cases, ordered by due date and id; those without a due date last."""
    query = sa.select(CASES).where(*where).order_by(CASES.c.due_on.is_(None), CASES.c.due_on, CASES.c.case_id)
    return [{**row, "person_ids": json.loads(row["person_ids"]), "records": json.loads(row["records"])} for row in con.execute(query).mappings()]


def case_history(con: sa.Connection, case_id: str) -> list[Row]:
    """Everything that happened to a case, oldest first."""
    query = sa.select(CASE_EVENTS).where(CASE_EVENTS.c.case_id == case_id).order_by(CASE_EVENTS.c.version)
    return [dict(row) for row in con.execute(query).mappings()]


def acts_of(con: sa.Connection, case_id: str, event: str, version: int | None = None) -> list[Row]:
    """People's acts of one kind on a case, or only the one that made ``version``: the audit payload, and the ``actor``."""
    query = (
        sa.select(CASE_EVENTS.c.actor, AUDIT.c.payload)
        .join(AUDIT, AUDIT.c.seq == CASE_EVENTS.c.audit_seq)
        .where(CASE_EVENTS.c.case_id == case_id, CASE_EVENTS.c.event == event, CASE_EVENTS.c.vintage_id.is_(None))
        .where(*([] if version is None else [CASE_EVENTS.c.version == version]))
        .order_by(CASE_EVENTS.c.version)
    )
    return [{"actor": actor, **{k: v for k, v in json.loads(payload).items() if k not in SEAL}} for actor, payload in con.execute(query)]


def change_case(tx: Transaction, case: Row, event: Row, changes: Mapping[str, Any], payload: Mapping[str, Any]) -> Row:
    """Apply one person's act: the new values, the event, and its audit entry.

    ``event`` names event, state_after, actor and reason. The version that was read must still stand.

    Raises:
        TemporaryError: somebody else changed the case in between.
    """
    version = case["version"] + 1
    state = {"state": event["state_after"], "version": version, **changes}
    done = tx.con.execute(sa.update(CASES).where(CASES.c.case_id == case["case_id"], CASES.c.version == case["version"]).values(**state))
    if done.rowcount != 1:
        raise TemporaryError("RC-K03", "somebody else changed the case meanwhile", where=case["case_id"], todo="Look at it again, then decide")
    due = changes.get("due_on", case["due_on"])
    facts = {
        "case_id": case["case_id"], "version": version, "night": tx.today, "state_before": case["state"], "finding_id": case["finding_id"],
        "due_on": due,
    }  # fmt: skip
    tx.audit(f"case.{event['event']}", f"case/{case['case_id']}", event["actor"], payload, [{**facts, **event}])
    return {**case, **state}
