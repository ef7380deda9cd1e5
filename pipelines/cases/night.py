"""What a night does to cases: a pure function of the book (how each case stood, what tonight says of it), the night and the terms."""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipelines.cases.endings import ENDINGS, Gone, reason
from pipelines.cases.machine import CORRECTED_OUTCOME, EXPLAINED_OUTCOME, MERGED_OUTCOME, OPEN, OVER, Event, State, after, move, stands
from pipelines.cases.terms import Terms
from pipelines.contracts.tables import CASE_EVENTS

ACTOR = "rollcall"
CONFIDENCE_STEP = 0.05
"""A change of P(real) smaller than this is no news."""
TAKEN_OVER = ("finding_id", "subject_key", "severity", "owner", "division", "since", "confidence", "yuan")
"""What an open case takes over from tonight's finding, besides its persons and records."""
CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")

Series = pd.Series  # the frames are untyped: columns come from book.sql


def case_id(code: str, subject_key: str, night: date) -> str:
    """``C`` and 60 bits of sha256 as 12 characters of Crockford's base 32."""
    digest = hashlib.sha256(f"{code}|{subject_key}|{night}".encode()).digest()
    return "C" + base64.b32encode(digest[:10])[:12].decode().translate(CROCKFORD)


@dataclass
class Night:
    """A night's work on the book: ``happen`` applies one event of the machine to all cases where it is due."""

    book: pd.DataFrame
    night: date
    events: list[pd.DataFrame] = field(default_factory=list)

    def state_in(self, *states: State) -> "Series[bool]":
        """Which cases stand in one of ``states``."""
        return self.book["state"].isin([str(s) for s in states])

    def happen(self, event: Event, where: "Series[bool]", reason: "str | Series[Any]", **values: Any) -> None:
        """Move the cases of ``where``, set ``values`` on them and note one event each.

        Raises:
            AssertionError: the machine doesn't know the move.
        """
        if not where.any():
            return
        book, rows = self.book, self.book.index[where]
        before = book.loc[rows, "state"]
        states = {s: None if pd.isna(s) else State(s) for s in before.unique()}
        assert all(move(event, s) is not None for s in states.values()), f"{event} from {sorted(map(str, states.values()))}"
        for name, value in values.items():
            book.loc[rows, name] = value.loc[rows] if isinstance(value, pd.Series) else value
        book.loc[rows, "version"] += 1
        then = {s: str(after(event, state)) for s, state in states.items()}
        book.loc[rows, "state"] = [then[s] for s in before]
        told = book.loc[rows, ["case_id", "version", "finding_id"]].assign(
            night=self.night, event=str(event), state_before=before, state_after=book.loc[rows, "state"], actor=ACTOR,
            reason=reason.loc[rows] if isinstance(reason, pd.Series) else reason, due_on=book.loc[rows, "due_on"],
        )  # fmt: skip
        self.events.append(told[list(CASE_EVENTS.names)])


def work(book: pd.DataFrame, night: date, terms: Terms) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The book after the night (``refreshed``: persons and records are tonight's), and the events in the order of ``CASE_EVENTS``.

    A second time over its own result it finds nothing to do.
    """
    at_work = Night(book.assign(refreshed=False).astype({"state": "object", "outcome": "object", "merged_into": "object"}), night)
    fires = at_work.book["now_finding_id"].notna()
    for part in (_merge, _raise, _gather, _bring_back, _refresh, _end, _chase):
        part(at_work, fires, terms)
    events = pd.concat(at_work.events, ignore_index=True) if at_work.events else pd.DataFrame(columns=list(CASE_EVENTS.names))
    return at_work.book, events


def _merge(w: Night, _fires: "Series[bool]", _terms: Terms) -> None:
    into = w.book["merge_into"]
    w.happen(
        Event.MERGED, into.notna() & ~w.state_in(State.MERGED), "one subject with " + into.fillna(""),
        merged_into=into, closed_on=pd.Timestamp(w.night), outcome=MERGED_OUTCOME, due_on=pd.NaT,
    )  # fmt: skip


def _raise(w: Night, _fires: "Series[bool]", _terms: Terms) -> None:
    new = w.book["state"].isna()
    if not new.any():
        return
    fresh = w.book.loc[new, ["code", "now_subject_key"]].itertuples(index=False)
    w.book.loc[new, "case_id"] = [case_id(code, key, w.night) for code, key in fresh]
    for name in TAKEN_OVER:
        w.book.loc[new, name] = w.book.loc[new, f"now_{name}"]
    w.happen(Event.RAISED, new, "found tonight", opened_on=pd.Timestamp(w.night), escalation=w.book["now_escalation"], refreshed=True)


def _gather(w: Night, _fires: "Series[bool]", terms: Terms) -> None:
    """Bring together what tonight raised about one household: the gravest case leads, a person merges the others into it, or the night does."""
    book = w.book
    fresh = w.state_in(State.RAISED) & book["home_of"].notna() & (book["opened_on"] == pd.Timestamp(w.night))
    case_of: dict[str, str] = dict(book.loc[w.state_in(State.RAISED), ["finding_id", "case_id"]].itertuples(index=False))
    lead = book["home_of"].map(case_of).fillna("").astype(str)
    if terms.households == "merge":
        told = "同一户，并入 " + lead + " · one household, merged into " + lead
        over = {"closed_on": pd.Timestamp(w.night), "outcome": MERGED_OUTCOME}
        w.happen(Event.MERGED, fresh, told, merged_into=lead, **over)
    elif terms.households == "suggest":
        w.happen(Event.SUGGESTED, fresh, "同一户，建议并入 " + lead + " · one household, could be merged into " + lead)


def _bring_back(w: Night, fires: "Series[bool]", _terms: Terms) -> None:
    """Wake what slept until tonight; reopen what ended without a person's last word and fires again."""
    awake = w.state_in(State.SUPPRESSED) & fires & (w.book["suppressed_until"] <= pd.Timestamp(w.night))
    w.happen(Event.WOKEN, awake, "still found on the date it slept until", suppressed_until=pd.NaT)
    final = w.book["outcome"].isin([o for o in w.book["outcome"].dropna().unique() if stands(o)]) & w.state_in(State.CLOSED)
    back = w.state_in(*OVER) & fires & w.book["now_status"].isin(["open", "review"]) & ~final
    w.happen(Event.REOPENED, back, "found again", closed_on=pd.NaT, outcome=None)


def _refresh(w: Night, fires: "Series[bool]", _terms: Terms) -> None:
    """Take over what tonight's finding says otherwise, and say what that is."""
    book = w.book
    different = {name: _differs(book[name], book[f"now_{name}"]) for name in TAKEN_OVER if name != "confidence"}
    different["confidence"] = (book["confidence"] - book["now_confidence"]).abs() > CONFIDENCE_STEP
    different["records"] = book["moved"].astype(bool)
    old_news = ~fires | ~w.state_in(*OPEN) | book["refreshed"]
    changed = pd.DataFrame(different) & ~old_news.to_numpy()[:, None]
    any_change = changed.any(axis=1)
    names = np.array(list(different))
    told = pd.Series([", ".join(names[row]) for row in changed[any_change].to_numpy()], index=book.index[any_change], dtype="object")
    told = ("changed: " + told).reindex(book.index)
    w.happen(Event.KEPT, any_change, told, refreshed=True, **{name: book[f"now_{name}"] for name in TAKEN_OVER})


def _differs(one: "Series[Any]", other: "Series[Any]") -> "Series[bool]":
    return ~((one == other) | (one.isna() & other.isna()))


def _end(w: Night, fires: "Series[bool]", _terms: Terms) -> None:
    """Close what is no longer found: corrected at the source when a later extract shows it; else cleared, each for its own reason."""
    night, book = pd.Timestamp(w.night), w.book
    gone = ~fires & w.state_in(*OPEN)
    shown = gone & (book["ending"] == "shown")
    over = {"closed_on": night, "due_on": pd.NaT, "suppressed_until": pd.NaT}
    told = [reason(Gone(*row)) for row in book.loc[gone, ["ending", "rows_shown", "explanation"]].itertuples(index=False)]
    why = pd.Series(told, index=book.index[gone], dtype="object").reindex(book.index)
    outcome = book["ending"].map({ending.name: ending.outcome for ending in ENDINGS.values()})
    outcome = outcome.where(book["explanation"].isna() | (outcome != EXPLAINED_OUTCOME), EXPLAINED_OUTCOME + ":" + book["explanation"].fillna(""))
    w.happen(Event.AUTO_CLEARED, gone & ~shown, why, outcome=outcome, **over)
    w.happen(Event.VERIFIED, shown, why)
    outcome = book["outcome"].where(book["outcome"].notna(), CORRECTED_OUTCOME)
    w.happen(Event.CLOSED, w.state_in(State.VERIFIED), "correction seen in a later extract", outcome=outcome, **over)


def _chase(w: Night, fires: "Series[bool]", terms: Terms) -> None:
    """Hand new cases to their owners; remind and escalate where a date has passed."""
    night, book = pd.Timestamp(w.night), w.book
    term = pd.to_timedelta(book["severity"].map(dict(terms.answer_days)).astype("float"), unit="D")
    due = (night + term).astype("datetime64[us]")
    unkept = fires & (book["due_on"] < night) & w.state_in(State.CORRECTED)
    w.happen(Event.NOT_CORRECTED, unkept, "a later extract doesn't show the correction", due_on=due, escalation=book["escalation"] + 1)
    ready = fires & w.state_in(State.RAISED, State.REOPENED) & (book["now_status"] == "open") & term.notna()
    w.happen(Event.REFERRED, ready, "to " + book["owner"].fillna("") + " by " + due.dt.strftime("%Y-%m-%d").fillna(""), due_on=due)
    referred = fires & w.state_in(State.REFERRED)
    late = referred & (book["due_on"] < night)
    silent = np.where(late, np.minimum(book["escalation"] + 1, terms.highest), 0)
    level = pd.Series(np.maximum(silent, book["now_escalation"].fillna(0)), index=book.index)
    rises = referred & (level > book["escalation"])
    due = due.where(late, book["due_on"])
    missed = "no answer by " + book["due_on"].dt.strftime("%Y-%m-%d").fillna("")
    why = missed.where(late, "the discrepancy lasts")
    w.happen(Event.ESCALATED, rises, why, escalation=level, due_on=due)
