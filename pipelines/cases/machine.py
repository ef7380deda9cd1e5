"""The life of a case: one table of moves. The night, people's acts, the tests and the diagram in docs/cases.md all read it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a case stands."""

    RAISED = "raised"
    AUTO_CLEARED = "auto_cleared"
    TRIAGED = "triaged"
    REFERRED = "referred"
    ANSWERED = "answered"
    CORRECTED = "corrected_at_source"
    VERIFIED = "verified"
    CLOSED = "closed"
    REOPENED = "reopened"
    SUPPRESSED = "suppressed"
    MERGED = "merged"


class Event(StrEnum):
    """What happens to a case."""

    RAISED = "raised"
    SUGGESTED = "suggested"
    KEPT = "kept"
    AUTO_CLEARED = "auto_cleared"
    ASSIGNED = "assigned"
    REFERRED = "referred"
    ANSWERED = "answered"
    CORRECTED = "corrected"
    NOT_CORRECTED = "not_corrected"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECIDED = "decided"
    VERIFIED = "verified"
    CLOSED = "closed"
    REOPENED = "reopened"
    SUPPRESSED = "suppressed"
    WOKEN = "woken"
    ESCALATED = "escalated"
    MERGED = "merged"
    COMMENTED = "commented"


class Who(StrEnum):
    """Who may make a move."""

    NIGHT = "the night"
    PERSON = "a person"
    DEPARTMENT = "a department's answer"


@dataclass(frozen=True)
class Move:
    """One row of the table. ``after`` None: the state stays. ``before`` holding None: the case did not exist."""

    event: Event
    before: frozenset[State | None]
    after: State | None
    who: frozenset[Who]
    reason: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a case came to. ``at_source``: a register has to change, so the case stays open until a later extract shows it.

    ``second``: a second person has to agree. ``decision``: the decision on links that it becomes.
    """

    name: str
    zh: str
    en: str
    at_source: bool = False
    second: bool = False
    decision: str | None = None


WAITING = frozenset({State.RAISED, State.TRIAGED, State.REFERRED, State.REOPENED, State.ANSWERED})
OPEN = WAITING | {State.CORRECTED, State.SUPPRESSED}
OVER = frozenset({State.AUTO_CLEARED, State.CLOSED})
WITH_OWNER = frozenset({State.REFERRED, State.ANSWERED, State.CORRECTED})
"""States in which the owner has to act by the due date."""

_NIGHT, _PERSON, _ANSWER = frozenset({Who.NIGHT}), frozenset({Who.PERSON}), frozenset({Who.PERSON, Who.DEPARTMENT})
_FRESH = frozenset({State.RAISED, State.TRIAGED, State.REOPENED})

MOVES: tuple[Move, ...] = (
    Move(Event.RAISED, frozenset({None}), State.RAISED, _NIGHT),
    Move(Event.SUGGESTED, frozenset({State.RAISED}), None, _NIGHT, reason=True),
    Move(Event.AUTO_CLEARED, OPEN, State.AUTO_CLEARED, _NIGHT, reason=True),
    Move(Event.ASSIGNED, frozenset({State.RAISED}), State.TRIAGED, _PERSON),
    Move(Event.ASSIGNED, OPEN - {State.RAISED}, None, _PERSON),
    Move(Event.REFERRED, _FRESH, State.REFERRED, _NIGHT | _PERSON),
    Move(Event.ANSWERED, WITH_OWNER, State.ANSWERED, _ANSWER, reason=True),
    Move(Event.CORRECTED, WITH_OWNER, State.CORRECTED, _ANSWER),
    Move(Event.NOT_CORRECTED, frozenset({State.CORRECTED}), State.REFERRED, _NIGHT, reason=True),
    Move(Event.PROPOSED, OPEN, None, _PERSON, reason=True),
    Move(Event.CONFIRMED, OPEN, State.REFERRED, _PERSON, reason=True),
    Move(Event.DECIDED, OPEN, State.CLOSED, _PERSON, reason=True),
    Move(Event.VERIFIED, OPEN, State.VERIFIED, _NIGHT, reason=True),
    Move(Event.CLOSED, frozenset({State.VERIFIED}), State.CLOSED, _NIGHT),
    Move(Event.REOPENED, OVER, State.REOPENED, _NIGHT | _PERSON, reason=True),
    Move(Event.SUPPRESSED, WAITING | {State.SUPPRESSED}, State.SUPPRESSED, _PERSON, reason=True),
    Move(Event.WOKEN, frozenset({State.SUPPRESSED}), State.REOPENED, _NIGHT | _PERSON),
    Move(Event.ESCALATED, frozenset({State.REFERRED}), None, _NIGHT, reason=True),
    Move(Event.KEPT, OPEN | OVER, None, _NIGHT),
    Move(Event.MERGED, OPEN | OVER, State.MERGED, _NIGHT | _PERSON, reason=True),
    Move(Event.COMMENTED, OPEN | OVER, None, _PERSON, reason=True),
)

OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome("error_in_register", "登记有误", "error in a register", at_source=True),
        Outcome("error_person_dead", "人已死亡，登记应注销", "the person is dead; a register has to end the entry", at_source=True, second=True),
        Outcome("suspected_fraud", "涉嫌冒领或欺诈", "suspected fraud", at_source=True),
        Outcome("wrong_link", "关联有误（我方）", "wrong link (ours)", decision="cannot_link"),
        Outcome("same_person", "实为同一人", "the records are one person", second=True, decision="must_link"),
        Outcome("lag", "报送时滞", "reporting lag"),
        Outcome("lawful_exception", "合法例外", "lawful exception"),
        Outcome("cannot_tell", "无法判断", "cannot tell"),
    )
}
"""What a person may decide. A case that ends with an outcome that is not ``at_source`` stays ended, whatever the model finds, until reopened."""

CORRECTED_OUTCOME = "corrected_at_source"
"""Outcome of a case that nobody decided: the register was corrected."""
EXPLAINED_OUTCOME = "explained"
"""Outcome of an auto-cleared case: an innocent explanation holds after all."""
MERGED_OUTCOME = "merged"


def outcome_name(outcome: str | None) -> str:
    """``error_in_register:police`` -> ``error_in_register``; blank when there is none."""
    return (outcome or "").partition(":")[0]


def stands(outcome: str | None) -> bool:
    """Whether a closed case's outcome is a person's last word, which the model doesn't overrule."""
    found = OUTCOMES.get(outcome_name(outcome))
    return found is not None and not found.at_source


def move(event: Event, before: State | None) -> Move | None:
    """The table's row for an event in a state; None when it is not allowed."""
    return next((m for m in MOVES if m.event == event and before in m.before), None)


def after(event: Event, before: State | None) -> State:
    """The state that an allowed event leads to."""
    found = move(event, before)
    state = (found.after or before) if found else None
    assert state is not None, f"{event} from {before}"
    return state


def diagram() -> str:
    """The table as a Mermaid state diagram. A move that every open state has is one arrow; events that change no state are left out."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for m in MOVES:
        shared = m.before >= OPEN
        before = {"open"} if shared else set()
        before |= {str(s) if s else "[*]" for s in m.before if not (shared and s in OPEN)}
        for state in sorted(before):
            if m.after is not None and m.after != state:
                arrows.setdefault((state, str(m.after)), []).append(str(m.event))
    states = [f"        {state}" for state in State if state in OPEN]
    lines = [f"    {a} --> {b}: {', '.join(events)}" for (a, b), events in sorted(arrows.items())]
    ends = [f"    {state} --> [*]" for state in (State.AUTO_CLEARED, State.CLOSED, State.MERGED)]
    return "\n".join(["stateDiagram-v2", "    state open {", *states, "    }", *lines, *ends])
