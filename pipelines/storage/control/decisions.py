"""People's decisions on links: two records are one person (``must_link``) or are not (``cannot_link``), until withdrawn.

A must-link merges persons, so it needs a second person; a cannot-link only takes our own claim back and stands at once.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipelines.errors import UsageError
from pipelines.storage.control.rows import Row
from pipelines.storage.control.schema import DECISIONS
from pipelines.storage.control.transaction import Transaction, require, same_person, utc

MUST_LINK, CANNOT_LINK = "must_link", "cannot_link"
PENDING, IN_FORCE, WITHDRAWN = "pending", "in_force", "withdrawn"


@dataclass(frozen=True, order=True)
class RecordRef:
    """One record in one role: what an observation is made of."""

    source: str
    record_key: str
    role: str


@dataclass(frozen=True)
class NewDecision:
    """A decision to be taken. ``second`` approves a must-link; without it the decision waits for somebody else to take it too."""

    kind: str
    left: RecordRef
    right: RecordRef
    reason: str
    by: str
    second: str | None = None
    case_id: str | None = None


def decide_link(tx: Transaction, new: NewDecision) -> Row:
    """Take a decision; the same decision again has no effect, a pending one is approved when somebody else takes it too.

    Raises:
        UsageError: unknown kind, one record twice, no reason or name, the same person twice, or the opposite stands.
    """
    reason, by = require(new.reason, "a reason"), require(new.by, "a name")
    if new.kind not in {MUST_LINK, CANNOT_LINK}:
        raise UsageError("RC-K40", f"no decision of kind '{new.kind}'", todo="Say must_link or cannot_link")
    left, right = sorted((new.left, new.right))
    if left == right:
        raise UsageError("RC-K41", "a decision is about two records, not one twice")
    if new.second is not None and same_person(new.second, by):
        raise UsageError("RC-H03", "the second person is the first one", todo="Somebody else has to approve")
    standing = _standing(tx, left, right)
    opposite = [d for d in standing if d["kind"] != new.kind]
    if opposite:
        raise UsageError("RC-K42", "the opposite was decided", where=opposite[0]["decision_id"], todo="Withdraw that decision first")
    if standing:
        return _again(tx, standing[0], by, new.second)
    return _record(tx, new.kind, (left, right), reason, by, new.second, new.case_id)


def _standing(tx: Transaction, left: RecordRef, right: RecordRef) -> list[Row]:
    same = [DECISIONS.c[f"{side}_{k}"] == v for side, record in (("left", left), ("right", right)) for k, v in vars(record).items()]
    return tx.rows(sa.select(DECISIONS).where(DECISIONS.c.status != WITHDRAWN, *same).order_by(DECISIONS.c.decision_id))


def _again(tx: Transaction, row: Row, by: str, second: str | None) -> Row:
    approver = next((p for p in (by, second) if p and not same_person(p, row["decided_by"])), None)
    if row["status"] == IN_FORCE or approver is None:
        return row
    change = {"status": IN_FORCE, "second": approver}
    tx.con.execute(sa.update(DECISIONS).where(DECISIONS.c.decision_id == row["decision_id"]).values(**change))
    tx.audit("decision.approved", f"decision/{row['decision_id']}", approver, {"kind": row["kind"]})
    return row | change


def _record(tx: Transaction, kind: str, pair: tuple[RecordRef, RecordRef], reason: str, by: str, second: str | None, case_id: str | None) -> Row:
    records: dict[str, Any] = {f"{side}_{k}": v for side, record in zip(("left", "right"), pair, strict=True) for k, v in vars(record).items()}
    key = "|".join((kind, *records.values(), utc(tx.at)))
    row = {
        "decision_id": "L" + hashlib.sha256(key.encode()).hexdigest()[:12],
        "kind": kind,
        **records,
        "decided_on": tx.today,
        "status": IN_FORCE if kind == CANNOT_LINK or second else PENDING,
        "reason": reason,
        "decided_by": by,
        "decided_at": utc(tx.at),
        "second": second,
        "case_id": case_id,
    }
    tx.insert(DECISIONS, [row])
    tx.audit(
        "decision.taken", f"decision/{row['decision_id']}", by, {"kind": kind, **records, "reason": reason, "second": second, "case_id": case_id}
    )
    return {**dict.fromkeys(("withdrawn_by", "withdrawn_at", "withdrawn_reason")), **row}


def withdraw_decision(tx: Transaction, decision: str, reason: str, by: str) -> Row:
    """Take a decision back: from the next night on the model speaks again. Withdrawing twice has no effect.

    Raises:
        UsageError: no such decision, no reason or no name.
    """
    reason, by = require(reason, "a reason"), require(by, "a name")
    found = tx.rows(sa.select(DECISIONS).where(DECISIONS.c.decision_id == decision))
    if not found:
        raise UsageError("RC-K43", "no such decision", where=decision, todo="See 'rollcall decisions list'")
    if found[0]["status"] == WITHDRAWN:
        return found[0]
    change = {"status": WITHDRAWN, "withdrawn_by": by, "withdrawn_at": utc(tx.at), "withdrawn_reason": reason}
    tx.con.execute(sa.update(DECISIONS).where(DECISIONS.c.decision_id == decision).values(**change))
    tx.audit("decision.withdrawn", f"decision/{decision}", by, {"reason": reason})
    return found[0] | change


def withdraw_case_decisions(tx: Transaction, case_id: str, reason: str, by: str) -> None:
    """Take back every decision that a case led to."""
    query = sa.select(DECISIONS.c.decision_id).where(DECISIONS.c.case_id == case_id, DECISIONS.c.status != WITHDRAWN)
    for row in tx.rows(query.order_by(DECISIONS.c.decision_id)):
        withdraw_decision(tx, row["decision_id"], reason, by)
