"""Repeat, in a rebuilt control database, what people had done by the time a vintage was pinned: overrides, decisions on links, acts on cases.

The audit chain of the database that stands tells what was done, in order; a rebuilt vintage then comes out as the one that was published.
"""

import json
from datetime import date
from typing import Any

import sqlalchemy as sa

from pipelines.storage.control.rows import Row
from pipelines.storage.control.schema import AUDIT, CASE_EVENTS, CASES, DECISIONS, HOLDS, VINTAGES
from pipelines.storage.control.transaction import Transaction

PEOPLE = ("case.", "decision.", "hold.")
COLUMN_DATES = ("due_on", "closed_on", "suppressed_until")


def acts_before(con: sa.Connection, vintage_id: str) -> list[Row]:
    """People's audited acts between the start of the run before and that of the run that published ``vintage_id``, in order.

    Each with its case event (``event``) where it has one. The run's pin was made just before its last ``run.started``.
    """
    upto = _pinned_at(con, vintage_id)
    parent = con.execute(sa.select(VINTAGES.c.parent).where(VINTAGES.c.vintage_id == vintage_id)).scalar_one()
    since = _pinned_at(con, parent) if parent else 0
    within = AUDIT.c.seq.between(since + 1, upto) & sa.or_(*(AUDIT.c.action.startswith(kind) for kind in PEOPLE))
    acts = [dict(r) for r in con.execute(sa.select(AUDIT).where(within).order_by(AUDIT.c.seq)).mappings()]
    numbers = [a["seq"] for a in acts]
    told = con.execute(sa.select(CASE_EVENTS).where(CASE_EVENTS.c.audit_seq.in_(numbers))).mappings()
    events = {row["audit_seq"]: dict(row) for row in told}
    return [{**a, "payload": json.loads(a["payload"]), "event": events.get(a["seq"])} for a in acts]


def _pinned_at(con: sa.Connection, vintage_id: str) -> int:
    published = sa.select(VINTAGES.c.audit_seq, VINTAGES.c.run_id).where(VINTAGES.c.vintage_id == vintage_id).subquery()
    started = sa.select(sa.func.max(AUDIT.c.seq)).where(
        AUDIT.c.action == "run.started", AUDIT.c.object == "run/" + published.c.run_id, AUDIT.c.seq < published.c.audit_seq
    )
    return int(con.execute(started).scalar() or 0)


def stored_rows(con: sa.Connection, acts: list[Row]) -> dict[str, Row]:
    """The rows of decisions and holds that the acts are about, as they stand, by id."""
    ids = sorted({a["object"].partition("/")[2] for a in acts})
    found: dict[str, Row] = {}
    for table, key in ((DECISIONS, "decision_id"), (HOLDS, "hold_id")):
        found |= {r[key]: dict(r) for r in con.execute(sa.select(table).where(table.c[key].in_(ids))).mappings()}
    return found


def repeat(tx: Transaction, act: Row, stored: dict[str, Row]) -> None:
    """Do one act again, with its own actor; ``tx.at`` is its own time."""
    kind, _, what = act["action"].partition(".")
    thing = act["object"].partition("/")[2]
    events = [{k: v for k, v in act["event"].items() if k not in {"at", "audit_seq"}}] if act["event"] else []
    if kind == "case" and act["event"]:
        changes = {k: _date(k, v) for k, v in act["payload"]["changes"].items()}
        state = {"state": act["event"]["state_after"], "version": act["event"]["version"]}
        tx.con.execute(sa.update(CASES).where(CASES.c.case_id == thing).values(**changes, **state))
    elif kind == "decision":
        _repeat_decision(tx, what, act, stored[thing])
    elif kind == "hold":
        _repeat_override(tx, what, act, stored[thing])
    payload: dict[str, Any] = {k: v for k, v in act["payload"].items() if k not in {"events", "events_sha256"}}
    tx.audit(act["action"], act["object"], act["actor"], payload, events)


def _date(column: str, value: Any) -> Any:
    return date.fromisoformat(value) if column in COLUMN_DATES and value else value


def _repeat_decision(tx: Transaction, what: str, act: Row, row: Row) -> None:
    if what == "taken":
        second = act["payload"]["second"]
        status = "in_force" if row["kind"] == "cannot_link" or second else "pending"
        nobody = dict.fromkeys(("withdrawn_by", "withdrawn_at", "withdrawn_reason"))
        tx.insert(DECISIONS, [row | nobody | {"status": status, "second": second}])
        return
    change = {"status": "in_force", "second": act["actor"]} if what == "approved" else {"status": "withdrawn", "withdrawn_by": act["actor"]}
    if what == "withdrawn":
        change |= {"withdrawn_at": act["at"], "withdrawn_reason": act["payload"]["reason"]}
    tx.con.execute(sa.update(DECISIONS).where(DECISIONS.c.decision_id == row["decision_id"]).values(**change))


def _repeat_override(tx: Transaction, what: str, act: Row, row: Row) -> None:
    """The rebuilt night that held the delivery made the hold again; its people's part is set as it was then."""
    if what == "override_requested":
        change = {"status": "requested", "reason": act["payload"]["reason"], "requested_by": act["actor"], "requested_at": act["at"]}
    else:
        change = {"status": "overridden", "approved_by": act["actor"], "approved_at": act["at"]}
    tx.con.execute(sa.update(HOLDS).where(HOLDS.c.hold_id == row["hold_id"]).values(**change))
