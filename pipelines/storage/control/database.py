"""The control database as the rest of Rollcall sees it. One method, one transaction; every write takes the caller's time stamp ``at``."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Self

import pandas as pd
import sqlalchemy as sa

from pipelines.contracts import tables
from pipelines.errors import AuditError
from pipelines.step import RunPin
from pipelines.storage.control import casebook, decisions, holds, replay, runs, verify, vintages
from pipelines.storage.control.chain import GENESIS, Anchor, Problem, read_anchors
from pipelines.storage.control.decisions import NewDecision
from pipelines.storage.control.engine import migrate, open_engine, reading, writing
from pipelines.storage.control.rows import Row, to_frame
from pipelines.storage.control.schema import CASES, DECISIONS, DELIVERIES, HOLDS, LEDGER, RUNS
from pipelines.storage.control.transaction import Transaction, last_entry


class ControlDatabase:
    """Deliveries, runs, ledger, holds, vintages, decisions, cases, audit chain; in SQLite or PostgreSQL, made and migrated when opened.

    Raises (all methods):
        TemporaryError: the database can't be reached.
    """

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        migrate(self.engine)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def write(self, at: str) -> Iterator[Transaction]:
        """A writing transaction for acts that belong together."""
        with writing(self.engine) as connection:
            yield Transaction(connection, at)

    def _rows(self, query: sa.Select[Any]) -> list[Row]:
        with reading(self.engine) as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    # What a night is pinned to: frames of the ``inputs.*`` contracts.

    def known_deliveries(self) -> pd.DataFrame:
        """``inputs.deliveries``: deliveries dealt with on earlier nights."""
        return to_frame(self._rows(sa.select(DELIVERIES).order_by(DELIVERIES.c.delivery_id)), tables.KNOWN_DELIVERIES)

    def overrides(self) -> pd.DataFrame:
        """``inputs.overrides``: holds that two people have overridden, applied or not, so that a replay lets them through again."""
        query = sa.select(HOLDS).where(HOLDS.c.approved_by.is_not(None)).order_by(HOLDS.c.delivery_id, HOLDS.c.gate)
        return to_frame(self._rows(query), tables.OVERRIDES)

    def decisions(self) -> pd.DataFrame:
        """``inputs.decisions``: decisions on links in force."""
        query = sa.select(DECISIONS).where(DECISIONS.c.status == decisions.IN_FORCE).order_by(DECISIONS.c.decision_id)
        return to_frame(self._rows(query), tables.DECISIONS)

    def cases(self) -> pd.DataFrame:
        """``inputs.cases``: every case, open or not."""
        return to_frame(self._rows(sa.select(CASES).order_by(CASES.c.case_id)), tables.INPUT_CASES)

    def cases_version(self) -> int:
        """Counts up with each act of a person on a case; ``publish`` compares it."""
        with reading(self.engine) as connection:
            return vintages.cases_version(connection)

    # Runs and vintages.

    def start_run(self, pin: RunPin, at: str) -> None:
        """Note that a run began."""
        with self.write(at) as tx:
            runs.start_run(tx, pin)

    def finish_run(self, run_id: str, status: str, exit_code: int, code: str, at: str, timings: Mapping[str, Any] | None = None) -> None:
        """Note how a run ended."""
        with self.write(at) as tx:
            runs.finish_run(tx, run_id, status, exit_code, code, timings or {})

    def runs(self) -> list[Row]:
        """Every run, oldest first."""
        return self._rows(sa.select(RUNS).order_by(RUNS.c.started_at, RUNS.c.run_id))

    def publish(
        self,
        *,
        vintage_id: str,
        night: date,
        parent: str | None,
        path: str,
        content_hash: str,
        run_id: str,
        deliveries: pd.DataFrame,
        ledger: pd.DataFrame,
        gates: pd.DataFrame,
        cases: pd.DataFrame,
        case_events: pd.DataFrame,
        cases_version: int,
        at: str,
    ) -> bool:
        """Publish a vintage in one transaction, its row as current vintage last. False: it was published before, nothing happened.

        Raises:
            TemporaryError: another vintage was published, or people acted on cases, since the night was pinned (RC-S07, RC-S08): run it again.
        """
        new = vintages.Publication(
            vintage_id, night, parent, path, content_hash, run_id, deliveries, ledger, gates, cases, case_events, cases_version
        )
        with self.write(at) as tx:
            return vintages.publish(tx, new)

    def current_vintage(self) -> vintages.VintageRow | None:
        """The vintage that readers see; None before the first night."""
        with reading(self.engine) as connection:
            return vintages.current_vintage(connection)

    def vintages(self) -> list[vintages.VintageRow]:
        """Every published vintage, oldest first."""
        with reading(self.engine) as connection:
            return vintages.vintages(connection)

    def ledger(self) -> pd.DataFrame:
        """Every delivery's double entry, over all nights (contract ``ledger``)."""
        return to_frame(self._rows(sa.select(LEDGER).order_by(LEDGER.c.night, LEDGER.c.delivery_id)), tables.LEDGER)

    # Holds and decisions on links.

    def holds(self, *, waiting_only: bool = False) -> list[Row]:
        """Holds, newest first. ``waiting_only``: those that still stop a delivery."""
        waiting = [HOLDS.c.status.in_((holds.HELD, holds.REQUESTED))] if waiting_only else []
        return self._rows(sa.select(HOLDS).where(*waiting).order_by(HOLDS.c.night.desc(), HOLDS.c.hold_id))

    def override_hold(self, hold_id: str, reason: str, by: str, at: str) -> Row:
        """Ask for an override, or, as somebody else, approve it. See ``holds.override_hold`` for the errors."""
        with self.write(at) as tx:
            return holds.override_hold(tx, hold_id, reason, by)

    def decide_link(self, new: NewDecision, at: str) -> Row:
        """Take a must-link or cannot-link decision. See ``decisions.decide_link`` for the errors."""
        with self.write(at) as tx:
            return decisions.decide_link(tx, new)

    def list_decisions(self) -> list[Row]:
        """Every decision, pending, in force or withdrawn, newest first."""
        return self._rows(sa.select(DECISIONS).order_by(DECISIONS.c.decided_at.desc(), DECISIONS.c.decision_id))

    # Cases, for reading. People act on them through ``pipelines.cases.desk``.

    def case(self, case_id: str) -> Row:
        """One case. Raises UsageError when there is none."""
        with reading(self.engine) as connection:
            return casebook.find_case(connection, case_id)

    def list_cases(self, **equal: str) -> list[Row]:
        """Cases whose columns equal what is given (``state=``, ``owner=``, ``code=``, ``assignee=``, ``division=``), by due date."""
        with reading(self.engine) as connection:
            return casebook.list_cases(connection, *(CASES.c[column] == value for column, value in equal.items()))

    def case_history(self, case_id: str) -> list[Row]:
        """Everything that happened to a case, oldest first."""
        with reading(self.engine) as connection:
            return casebook.case_history(connection, case_id)

    def take_over(self, stands: "ControlDatabase", vintage_id: str) -> int:
        """In a rebuilt database, before the night of ``vintage_id``: repeat what people had done in ``stands`` since the night before, up to the
        moment that vintage was pinned. Gives the number of acts."""
        with reading(stands.engine) as connection:
            acts = replay.acts_before(connection, vintage_id)
            stored = replay.stored_rows(connection, acts)
        for act in acts:
            with self.write(act["at"]) as tx:
                replay.repeat(tx, act, stored)
        return len(acts)

    # The audit chain.

    def audit_head(self) -> dict[str, int | str]:
        """``{"count", "hash"}`` of the chain now: the anchor that a vintage's run.json keeps."""
        with reading(self.engine) as connection:
            last = last_entry(connection)
        return Anchor(last.seq, last.hash).as_dict() if last else Anchor(0, GENESIS).as_dict()

    def note(self, action: str, obj: str, actor: str, payload: Mapping[str, Any], at: str) -> int:
        """Audit something that isn't a write of this database: an export, a look behind a mask. ``payload`` holds no personal value."""
        with self.write(at) as tx:
            return tx.audit(action, obj, actor, payload)

    def verify_audit(self, vintages_folder: Path | None = None) -> list[Problem]:
        """Everything that is wrong with the chain, the case history and the cases, against the anchors of published vintages."""
        anchors = read_anchors(vintages_folder) if vintages_folder else []
        with reading(self.engine) as connection:
            return verify.verify(connection, anchors)

    def require_audit(self, vintages_folder: Path | None = None) -> None:
        """Stop when the chain doesn't verify.

        Raises:
            AuditError: names the first problem and how many there are.
        """
        problems = self.verify_audit(vintages_folder)
        if problems:
            first = problems[0]
            where = f"audit entry {first.seq}"
            raise AuditError(first.code, f"{len(problems)} problems; first: {first.what}", where=where, todo="Keep both copies, call the auditors")

    def export_chain(self, path: Path) -> int:
        """Write the chain as JSON lines for the stand-alone verifier; gives the number of entries."""
        with reading(self.engine) as connection:
            return verify.export_chain(connection, path)
