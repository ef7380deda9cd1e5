"""What people do to cases. Every act has a name, is checked against the machine, and stands in the audit chain with what it changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from pipelines.cases.machine import OUTCOMES, Event, Outcome, State, Who, move
from pipelines.cases.terms import DEFAULT, Terms
from pipelines.contracts.worklist import ANSWERS
from pipelines.errors import UsageError
from pipelines.storage.control import ControlDatabase, NewDecision, RecordRef
from pipelines.storage.control.casebook import acts_of, change_case, find_case
from pipelines.storage.control.decisions import MUST_LINK, decide_link, withdraw_case_decisions, withdraw_decision
from pipelines.storage.control.rows import Row, canonical
from pipelines.storage.control.transaction import Transaction, require, same_person


@dataclass(frozen=True)
class Act:
    """Who does it, when (ISO 8601, the caller's clock), why, and the version of the case that was looked at; None: whatever stands."""

    by: str
    at: str
    reason: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What a case came to: an outcome of ``machine.OUTCOMES``.

    ``register``: which source is wrong, for outcomes at the source; the owner when not said. ``records``: for ``wrong_link`` the record that
    doesn't belong with the others, for ``same_person`` the two that are one; not needed where the case has but two. ``second``: who agrees.
    """

    outcome: str
    register: str | None = None
    records: tuple[RecordRef, ...] = ()
    second: str | None = None


@dataclass(frozen=True)
class Reply:
    """A department's answer, one of ``contracts.worklist.ANSWERS``, with who gave it and when."""

    answer: str
    answered_by: str
    answered_on: date
    note: str = ""


@dataclass(frozen=True)
class CaseDesk:
    """People's acts on the cases of one control database.

    Every act raises UsageError: RC-K01 no such case, RC-K02 it was changed since it was looked at, RC-K04 the case's state doesn't allow it,
    RC-S06 a reason or name is missing. The same act twice in a row, as by a double click, has the effect of one.
    """

    control: ControlDatabase
    terms: Terms = DEFAULT

    def show(self, case_id: str) -> dict[str, Any]:
        """The case, its history, the decisions it led to, and the events that a person may bring about now."""
        case = self.control.case(case_id)
        state = State(case["state"])
        return {
            "case": case,
            "history": self.control.case_history(case_id),
            "decisions": [d for d in self.control.list_decisions() if d["case_id"] == case_id],
            "moves": [str(e) for e in Event if (m := move(e, state)) is not None and Who.PERSON in m.who],
        }

    def assign(self, case_id: str, to: str, act: Act) -> Row:
        """Give the case to somebody (from ``raised``: it is triaged)."""
        return self._one(case_id, Event.ASSIGNED, act, {"assignee": require(to, "an assignee")})

    def refer(self, case_id: str, act: Act) -> Row:
        """Hand the case to its owner, due by the terms of its severity."""
        with self.control.write(act.at) as tx:
            case = find_case(tx.con, case_id)
            return _apply(tx, case, Event.REFERRED, act, {"due_on": self._due(tx, case)})

    def answer(self, case_id: str, reply: Reply, act: Act) -> Row:
        """Note a department's answer. One that says *corrected* has to be shown by a later extract; an answer noted before has no effect."""
        answer = ANSWERS[reply.answer]
        event = Event.CORRECTED if answer.corrected else Event.ANSWERED
        facts = {k: str(v) for k, v in vars(reply).items()}
        with self.control.write(act.at) as tx:
            case = find_case(tx.con, case_id)
            if any(facts.items() <= told.items() for told in acts_of(tx.con, case_id, str(event))):
                return case
            due = {"due_on": tx.today + timedelta(days=self.terms.correction_days)} if answer.corrected else {}
            told = replace(act, reason=f"{answer.en}: {reply.note}" if reply.note else answer.en)
            return _apply(tx, case, event, told, due, facts, who=Who.DEPARTMENT)

    def comment(self, case_id: str, act: Act) -> Row:
        """Add a remark: the act's reason."""
        return self._one(case_id, Event.COMMENTED, act, {})

    def suppress(self, case_id: str, until: date, act: Act) -> Row:
        """Let the case sleep until a date after the act's."""
        with self.control.write(act.at) as tx:
            if until <= tx.today:
                raise UsageError("RC-K05", "the date to sleep until has passed", where=case_id, todo="Give a later date")
            return _apply(tx, find_case(tx.con, case_id), Event.SUPPRESSED, act, {"suppressed_until": until})

    def reopen(self, case_id: str, act: Act) -> Row:
        """Take the case up again; the decisions on links that it led to are withdrawn with it. A sleeping case is woken."""
        with self.control.write(act.at) as tx:
            case = find_case(tx.con, case_id)
            if case["state"] == State.SUPPRESSED or acts_of(tx.con, case_id, str(Event.WOKEN), version=case["version"]):
                return _apply(tx, case, Event.WOKEN, act, {"suppressed_until": None})
            opened = _apply(tx, case, Event.REOPENED, act, {"closed_on": None, "outcome": None})
            withdraw_case_decisions(tx, case_id, act.reason, act.by)
            return opened

    def merge(self, case_id: str, into: str, act: Act) -> Row:
        """Let one case take another over, as when both are about one household. Both stay with one owner; no person is merged by it."""
        with self.control.write(act.at) as tx:
            case, other = find_case(tx.con, case_id), find_case(tx.con, into)
            if case_id == into or case["owner"] != other["owner"] or other["state"] == State.MERGED:
                raise UsageError(
                    "RC-K06", "these cases can't be merged", where=f"{case_id} into {into}", why="Both need one owner, and the other must stand"
                )
            gone = {"merged_into": into, "closed_on": tx.today, "outcome": "merged", "due_on": None}
            done = _apply(tx, case, Event.MERGED, act, gone)
            _apply(tx, other, Event.COMMENTED, Act(act.by, act.at, f"took over {case_id}: {act.reason}"), {})
            return done

    def decide(self, case_id: str, verdict: Verdict, act: Act) -> Row:
        """Say what the case came to.

        An outcome at the source keeps the case open, with its owner, until a later extract shows the correction. Any other ends it, and the
        model doesn't overrule it. Where a second person is needed and not given, this proposes; the same verdict by somebody else agrees.

        Raises:
            UsageError: as all acts; RC-K07 unknown outcome, RC-H03 the second person is the first, RC-K08 it isn't clear which records are meant.
        """
        outcome = OUTCOMES.get(verdict.outcome)
        if outcome is None:
            raise UsageError("RC-K07", f"no outcome '{verdict.outcome}'", where=case_id, todo=f"Say one of {', '.join(OUTCOMES)}")
        require(act.reason, "a reason")
        with self.control.write(act.at) as tx:
            case = find_case(tx.con, case_id)
            records = _records(case, outcome, verdict.records)
            register = verdict.register or case["owner"]
            name = f"{outcome.name}:{register}" if outcome.at_source else outcome.name
            second = _second(case, outcome, _proposal(name, records), verdict.second, act)
            if outcome.second and second is None:
                return _apply(tx, case, Event.PROPOSED, act, {"proposed_outcome": _proposal(name, records), "proposed_by": act.by})
            done = {"outcome": name, "proposed_outcome": None, "proposed_by": None, "suppressed_until": None}
            facts = {"second": second} if second else {}
            if outcome.at_source:
                return _apply(tx, case, Event.CONFIRMED, act, done | {"due_on": self._due(tx, case)}, facts)
            closed = _apply(tx, case, Event.DECIDED, act, done | {"closed_on": tx.today, "due_on": None}, facts)
            if closed["version"] != case["version"]:
                _decide_links(tx, case, outcome, records, act, second)
            return closed

    def withdraw(self, decision_id: str, act: Act) -> Row:
        """Withdraw a decision on links; the case that led to it, ended by it, is reopened."""
        with self.control.write(act.at) as tx:
            gone = withdraw_decision(tx, decision_id, act.reason, act.by)
            if gone["case_id"]:
                case = find_case(tx.con, gone["case_id"])
                outcome = OUTCOMES.get(case["outcome"] or "")
                if case["state"] == State.CLOSED and outcome is not None and outcome.decision:
                    _apply(tx, case, Event.REOPENED, Act(act.by, act.at, act.reason), {"closed_on": None, "outcome": None})
            return gone

    def _due(self, tx: Transaction, case: Row) -> date | None:
        days = self.terms.answer_days.get(case["severity"])
        return None if days is None else tx.today + timedelta(days=days)

    def _one(self, case_id: str, event: Event, act: Act, changes: Mapping[str, Any]) -> Row:
        with self.control.write(act.at) as tx:
            return _apply(tx, find_case(tx.con, case_id), event, act, changes)


def _apply(
    tx: Transaction, case: Row, event: Event, act: Act, changes: Mapping[str, Any], facts: Mapping[str, Any] | None = None, who: Who = Who.PERSON
) -> Row:
    """One event of the machine on one case, in the caller's transaction."""
    by = require(act.by, "a name")
    payload = {"changes": json.loads(canonical(changes)), "reason": act.reason.strip(), **(facts or {})}
    if _done_already(tx, case, event, by, payload, act.version):
        return case
    if act.version is not None and act.version != case["version"]:
        what = f"the case was changed since it was looked at (version {act.version}, now {case['version']})"
        raise UsageError("RC-K02", what, where=case["case_id"], todo="Look at it again, then decide")
    allowed = move(event, State(case["state"]))
    if allowed is None or who not in allowed.who:
        todo = f"See 'rollcall cases show {case['case_id']}'"
        raise UsageError("RC-K04", f"a case that is {case['state']} can't be {event}", where=case["case_id"], todo=todo)
    if allowed.reason:
        require(act.reason, "a reason")
    told = {"event": str(event), "state_after": str(allowed.after or case["state"]), "actor": by, "reason": payload["reason"]}
    return change_case(tx, case, told, changes, payload)


def _done_already(tx: Transaction, case: Row, event: Event, by: str, payload: Mapping[str, Any], version: int | None) -> bool:
    """Whether the case's last act was this very one: a double click, or a call repeated because its answer was lost."""
    if version is not None and version not in {case["version"], case["version"] - 1}:
        return False
    last = acts_of(tx.con, case["case_id"], str(event), version=case["version"])
    return [{"actor": by, **payload}] == last


def _second(case: Row, outcome: Outcome, proposal: str, given: str | None, act: Act) -> str | None:
    """Who agrees with ``act.by``: the one given, or who proposed the same before. None: nobody yet."""
    if not outcome.second:
        return None
    if given is not None:
        if same_person(require(given, "a second person"), act.by):
            raise UsageError("RC-H03", "the second person is the first one", where=case["case_id"], todo="Somebody else has to agree")
        return given.strip()
    proposed = case["proposed_by"] if case["proposed_outcome"] == proposal else None
    return None if proposed is None or same_person(proposed, act.by) else str(proposed)


def _proposal(outcome: str, records: tuple[RecordRef, ...]) -> str:
    return " ".join([outcome, *("|".join(vars(r).values()) for r in records)])


def _records(case: Row, outcome: Outcome, given: tuple[RecordRef, ...]) -> tuple[RecordRef, ...]:
    """The records that a decision on links is about: one against the others (cannot_link), or two (must_link)."""
    if outcome.decision is None:
        return ()
    held = tuple(sorted(RecordRef(**r) for r in case["records"]))
    wanted = 2 if outcome.decision == MUST_LINK else 1
    chosen = tuple(sorted(given)) or (held[:wanted] if len(held) == 2 else ())
    if len(chosen) != wanted or not set(chosen) <= set(held) or len(held) < 2:
        what = "two records that are one person" if wanted == 2 else "the record that doesn't belong with the others"
        raise UsageError("RC-K08", f"name {what}", where=case["case_id"], todo="Give source|record key|role, as the case lists them")
    return chosen


def _decide_links(tx: Transaction, case: Row, outcome: Outcome, records: tuple[RecordRef, ...], act: Act, second: str | None) -> None:
    if outcome.decision is None:
        return
    others = sorted(RecordRef(**r) for r in case["records"] if RecordRef(**r) not in records)
    pairs = [records] if outcome.decision == MUST_LINK else [(records[0], other) for other in others]
    for left, right in pairs:
        decide_link(tx, NewDecision(outcome.decision, left, right, act.reason, act.by, second, case["case_id"]))
