"""Publishing: deliveries, ledger, holds, cases and their events, one audit entry, and last of all the current-vintage row, in one transaction."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from pipelines.contracts import tables
from pipelines.errors import RollcallError, TemporaryError
from pipelines.storage.control.holds import raise_holds, settle_holds
from pipelines.storage.control.rows import Row, to_rows
from pipelines.storage.control.runs import NIGHT
from pipelines.storage.control.schema import CASE_EVENTS, CASES, CURRENT, DELIVERIES, LEDGER, VINTAGES
from pipelines.storage.control.transaction import Transaction, utc

OVER = ("closed", "auto_cleared", "merged")


@dataclass(frozen=True)
class VintageRow:
    """A published vintage. ``path`` is its folder, ``audit_seq`` the audit entry of its publication."""

    vintage_id: str
    night: date
    parent: str | None
    path: Path
    content_hash: str
    run_id: str
    published_at: str
    audit_seq: int


@dataclass(frozen=True)
class Publication:
    """What a good night hands over: the vintage, and the frames of the contracts ``deliveries``, ``ledger``, ``gates``, ``cases``, ``case_events``.

    ``cases_version`` is what people had done to cases when the night pinned them.
    """

    vintage_id: str
    night: date
    parent: str | None
    path: str
    content_hash: str
    run_id: str
    deliveries: pd.DataFrame
    ledger: pd.DataFrame
    gates: pd.DataFrame
    cases: pd.DataFrame
    case_events: pd.DataFrame
    cases_version: int


def publish(tx: Transaction, new: Publication) -> bool:
    """Publish; False when this vintage stands already, so that doing it twice has the effect of doing it once.

    Raises:
        TemporaryError: another vintage was published, or people acted on cases, since the night was pinned.
    """
    if tx.rows(sa.select(VINTAGES.c.vintage_id).where(VINTAGES.c.vintage_id == new.vintage_id)):
        return False
    _still_as_pinned(tx, new)
    tx.merge(LEDGER, to_rows(new.ledger, tables.LEDGER.names), replace=False)
    delivered = _deliveries(tx, new)
    held = raise_holds(tx, new.gates, new.night)
    settle_holds(tx)
    changed = _cases(tx, new.cases)
    events: list[Row] = [{**e, "vintage_id": new.vintage_id} for e in to_rows(new.case_events, tables.CASE_EVENTS.names)]
    about = {"night": str(new.night), "parent": new.parent, "content_hash": new.content_hash, "run_id": new.run_id}
    counts = {"deliveries": delivered, "holds": held, "cases": changed}
    seq = tx.audit("vintage.published", f"vintage/{new.vintage_id}", NIGHT, about | counts, events)
    row = {"vintage_id": new.vintage_id, **about, "night": new.night, "path": new.path, "published_at": utc(tx.at), "audit_seq": seq}
    tx.insert(VINTAGES, [row])
    tx.merge(CURRENT, [{"one": 1, "vintage_id": new.vintage_id}])
    return True


def _still_as_pinned(tx: Transaction, new: Publication) -> None:
    current = current_vintage(tx.con)
    if (current.vintage_id if current else None) != new.parent:
        raise TemporaryError("RC-S07", "another vintage was published meanwhile", where=new.vintage_id, todo="Run the night again")
    if cases_version(tx.con) != new.cases_version:
        raise TemporaryError("RC-S08", "people acted on cases meanwhile", where=new.vintage_id, todo="Run the night again; finished steps are kept")


def cases_version(con: sa.Connection) -> int:
    """Counts up with each act of a person on a case; the night's own acts don't count."""
    newest = sa.func.coalesce(sa.func.max(CASE_EVENTS.c.audit_seq), 0)
    return int(con.execute(sa.select(newest).where(CASE_EVENTS.c.vintage_id.is_(None))).scalar_one())


def current_vintage(con: sa.Connection) -> VintageRow | None:
    """The vintage that readers see."""
    found = vintages(con, sa.select(VINTAGES).join(CURRENT, CURRENT.c.vintage_id == VINTAGES.c.vintage_id))
    return found[0] if found else None


def vintages(con: sa.Connection, query: sa.Select[tuple[object, ...]] | None = None) -> list[VintageRow]:
    """Every vintage, in the order of publication."""
    chosen = query if query is not None else sa.select(VINTAGES).order_by(VINTAGES.c.audit_seq)
    return [VintageRow(**{**row, "path": Path(row["path"])}) for row in con.execute(chosen).mappings()]


def _deliveries(tx: Transaction, new: Publication) -> int:
    """Note how each delivery ended. One that was applied stays applied when it is delivered again."""
    ended = {r["delivery_id"]: r["status"] for r in to_rows(new.ledger, ("delivery_id", "status", "night")) if r["night"] == new.night}
    seen = [r for r in to_rows(new.deliveries, (*tables.KNOWN_DELIVERIES.names, "code", "detail")) if r["status"] != "waiting"]
    missing = [r["delivery_id"] for r in seen if r["status"] == "accepted" and r["delivery_id"] not in ended]
    if missing:
        raise RollcallError(
            "RC-S09", f"{len(missing)} accepted deliveries have no ledger row", where=missing[0], why="Rows would go missing in silence"
        )
    applied = {r["delivery_id"] for r in tx.rows(sa.select(DELIVERIES.c.delivery_id).where(DELIVERIES.c.status == "applied"))}
    rows = [{**r, "status": ended.get(r["delivery_id"], r["status"]), "night": new.night} for r in seen if r["delivery_id"] not in applied]
    tx.merge(DELIVERIES, rows)
    return len(rows)


def _cases(tx: Transaction, frame: pd.DataFrame) -> int:
    """Store the cases whose version moved tonight."""
    stored = dict(tx.con.execute(sa.select(CASES.c.case_id, CASES.c.version)).all())
    moved = frame[[stored.get(case) != version for case, version in zip(frame["case_id"], frame["version"], strict=True)]]
    tx.merge(CASES, to_rows(moved, tables.CASES.names))
    over = CASES.c.state.in_(OVER) & CASES.c.proposed_by.is_not(None)
    tx.con.execute(sa.update(CASES).where(over).values(proposed_outcome=None, proposed_by=None))
    return len(moved)
