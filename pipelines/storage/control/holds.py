"""Holds: a gate that stopped a delivery. One person asks for an override and says why, another approves it."""

import hashlib
from typing import Any

import pandas as pd
import sqlalchemy as sa

from pipelines.errors import UsageError
from pipelines.storage.control.rows import Row, to_rows
from pipelines.storage.control.schema import DELIVERIES, HOLDS
from pipelines.storage.control.transaction import Transaction, require, same_person, utc

HELD, REQUESTED, OVERRIDDEN, APPLIED, SUPERSEDED = "held", "requested", "overridden", "applied", "superseded"


def hold_id(delivery_id: str, gate: str) -> str:
    """``H`` and 12 characters of sha256 of the delivery and the gate: the same hold has the same id on every night."""
    return "H" + hashlib.sha256(f"{delivery_id}|{gate}".encode()).hexdigest()[:12]


def raise_holds(tx: Transaction, gates: pd.DataFrame, night: Any) -> int:
    """Keep each gate that holds tonight. A hold that stands already keeps what people did to it. Gives how many were given."""
    held = to_rows(gates[gates["outcome"] == "held"], ("source", "delivery_id", "gate", "observed", "allowed", "detail"))
    people = dict.fromkeys(("reason", "requested_by", "requested_at", "approved_by", "approved_at"))
    rows = [{"hold_id": hold_id(r["delivery_id"], r["gate"]), **r, "night": night, "status": HELD, **people} for r in held]
    tx.merge(HOLDS, rows, replace=False)
    return len(rows)


def settle_holds(tx: Transaction) -> None:
    """Close holds that matter no more: the delivery was applied after all, or its source has since been applied with a later one."""
    applied = DELIVERIES.alias("applied")
    ours = sa.select(DELIVERIES.c.business_date).where(DELIVERIES.c.delivery_id == HOLDS.c.delivery_id)
    same = sa.exists().where(applied.c.delivery_id == HOLDS.c.delivery_id, applied.c.status == "applied")
    later = sa.exists().where(applied.c.source == HOLDS.c.source, applied.c.status == "applied", applied.c.business_date > ours.scalar_subquery())
    waiting = HOLDS.c.status.in_((HELD, REQUESTED, OVERRIDDEN))
    tx.con.execute(sa.update(HOLDS).where(waiting, same).values(status=APPLIED))
    tx.con.execute(sa.update(HOLDS).where(waiting, later).values(status=SUPERSEDED))


def override_hold(tx: Transaction, hold: str, reason: str, by: str) -> Row:
    """First call: ask. Second call, by somebody else: approve; the next run then lets the delivery through.

    Raises:
        UsageError: no such hold, it waits no more, no reason, or the same person twice.
    """
    reason, by = require(reason, "a reason"), require(by, "a name")
    row = find_hold(tx, hold)
    if row["status"] == OVERRIDDEN and row["approved_by"] and same_person(row["approved_by"], by):
        return row
    if row["status"] not in {HELD, REQUESTED}:
        raise UsageError("RC-H02", f"hold is {row['status']}, not waiting", where=hold, todo="See 'rollcall hold list'")
    if row["status"] == HELD:
        change = {"status": REQUESTED, "reason": reason, "requested_by": by, "requested_at": utc(tx.at)}
        action = "hold.override_requested"
    elif same_person(row["requested_by"], by):
        raise UsageError("RC-H03", "the same person can't ask and approve", where=hold, todo="Somebody else has to approve the override")
    else:
        change = {"status": OVERRIDDEN, "approved_by": by, "approved_at": utc(tx.at)}
        action = "hold.override_approved"
    tx.con.execute(sa.update(HOLDS).where(HOLDS.c.hold_id == hold).values(**change))
    tx.audit(action, f"hold/{hold}", by, {"delivery_id": row["delivery_id"], "gate": row["gate"], "reason": reason})
    return row | change


def find_hold(tx: Transaction, hold: str) -> Row:
    """One hold.

    Raises:
        UsageError: there is none of that id.
    """
    found = tx.rows(sa.select(HOLDS).where(HOLDS.c.hold_id == hold))
    if not found:
        raise UsageError("RC-H01", "no such hold", where=hold, todo="See 'rollcall hold list'")
    return found[0]
