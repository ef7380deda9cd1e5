"""People's work between nights: holds, cases, decisions, answers, the audit chain. Each act carries a name, a reason and a time."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.cases.acts import Act, CaseDesk, Verdict
from pipelines.cases.answers import import_answers
from pipelines.cases.terms import load_terms
from pipelines.desk.paths import find_record
from pipelines.desk.vintages import Rows, vintage_path
from pipelines.errors import UsageError
from pipelines.flow import clock
from pipelines.identify.explain import person_of
from pipelines.night.workspace import Workspace
from pipelines.storage.control import ControlDatabase, NewDecision, RecordRef


@dataclass(frozen=True)
class Casework:
    """One person at the desk of one deployment."""

    workspace: Workspace
    by: str = ""
    reason: str = ""

    @property
    def control(self) -> ControlDatabase:
        """The control database."""
        return ControlDatabase(self.workspace.control_url)

    @property
    def _cases(self) -> CaseDesk:
        return CaseDesk(self.control, load_terms(self.workspace.deployment))

    @property
    def _act(self) -> Act:
        return Act(by=self.by, at=clock(), reason=self.reason)

    def holds(self, *, all_of_them: bool) -> Rows:
        """Holds that wait for somebody, or all."""
        return [dict(h) for h in self.control.holds(waiting_only=not all_of_them)]

    def override(self, hold_id: str) -> dict[str, Any]:
        """Ask for an override, or approve somebody else's."""
        return dict(self.control.override_hold(hold_id, self.reason, self.by, clock()))

    def cases(self, **equal: str) -> Rows:
        """Cases that fit, by due date."""
        return [dict(c) for c in self.control.list_cases(**{k: v for k, v in equal.items() if v})]

    def show(self, case_id: str) -> dict[str, Any]:
        """One case with its history, decisions and possible next moves."""
        return self._cases.show(case_id)

    def assign(self, case_id: str, to: str) -> dict[str, Any]:
        """Give a case to somebody."""
        return dict(self._cases.assign(case_id, to, self._act))

    def refer(self, case_id: str) -> dict[str, Any]:
        """Hand a case to its department."""
        return dict(self._cases.refer(case_id, self._act))

    def decide(self, case_id: str, outcome: str, register: str, records: list[str], second: str) -> dict[str, Any]:
        """Say what a case came to."""
        verdict = Verdict(outcome, register or None, tuple(record_ref(r) for r in records), second or None)
        return dict(self._cases.decide(case_id, verdict, self._act))

    def reopen(self, case_id: str) -> dict[str, Any]:
        """Take a case up again."""
        return dict(self._cases.reopen(case_id, self._act))

    def suppress(self, case_id: str, until: date) -> dict[str, Any]:
        """Let a case sleep."""
        return dict(self._cases.suppress(case_id, until, self._act))

    def decisions(self) -> Rows:
        """Every decision on links."""
        return [dict(d) for d in self.control.list_decisions()]

    def decide_link(self, kind: str, left: str, right: str, second: str) -> dict[str, Any]:
        """Two records are one person, or are not. A role may be left out where the record speaks of one person only.

        Returns:
            The decision's row, and ``persons``: whose the two records are tonight.

        Raises:
            UsageError: RC-U13 a side is no record; RC-U07, RC-M40 it isn't held, or needs a role: a slip of the pen would decide nothing.
        """
        folder = vintage_path(self.workspace)
        for text in (left, right):
            if "|" not in text:
                raise UsageError("RC-U13", "a record is given as source|key|role", where=text, todo="Copy it from 'rollcall explain'")
        sides = [find_record(self.workspace, folder, text) for text in (left, right)]
        with self.workspace.connect() as con:
            persons = [person_of(con, folder / "person_records.parquet", side) for side in sides]
        first, other = (RecordRef(side.source, side.record_key, side.role) for side in sides)
        new = NewDecision(kind, first, other, self.reason, self.by, second or None)
        return dict(self.control.decide_link(new, clock())) | {"persons": persons}

    def withdraw(self, decision_id: str) -> dict[str, Any]:
        """Take a decision on links back."""
        return dict(self._cases.withdraw(decision_id, self._act))

    def import_answers(self, path: Path, source: str) -> dict[str, Any]:
        """Take a department's filled work list back."""
        if source not in self.workspace.deployment.sources:
            raise UsageError("RC-U12", f"no source is called '{source}'", todo=f"Give one of {', '.join(self.workspace.deployment.sources)}")
        return import_answers(self._cases, path, self.workspace.deployment.sources[source], self._act).as_dict()

    def verify_audit(self, export: Path | None) -> dict[str, Any]:
        """Check the chain against the anchors of the published vintages; ``export`` writes it for the stand-alone verifier."""
        problems = [vars(p) for p in self.control.verify_audit(self.workspace.vintages)]
        head = self.control.audit_head()
        exported = self.control.export_chain(export) if export else None
        return {"entries": head["count"], "head": head["hash"], "problems": problems, "exported": exported}


def record_ref(text: str) -> RecordRef:
    """``source|key|role`` as a reference; the key itself may hold ``|``.

    Raises:
        UsageError: it has fewer than three parts.
    """
    source, _, rest = text.partition("|")
    key, _, role = rest.rpartition("|")
    if not (source and key and role):
        raise UsageError("RC-U13", "a record is given as source|key|role", todo="Copy it from 'rollcall explain'")
    return RecordRef(source, key, role)
