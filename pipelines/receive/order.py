"""Which of tonight's deliveries may be applied, judged by sequence alone. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

SETTLED = frozenset({"applied", "repeated"})
ONCE, GAP, AGAIN = "RC-D19", "RC-D20", "RC-D21"


@dataclass(frozen=True)
class Seen:
    """A delivery dealt with on an earlier night."""

    delivery_id: str
    business_date: date
    sequence: int
    mode: str
    content_hash: str
    status: str


@dataclass(frozen=True)
class Candidate:
    """A delivery that lies in the inbox with a readable manifest. ``code`` is set when its files can't be taken."""

    delivery_id: str
    business_date: date
    sequence: int
    mode: str
    content_hash: str
    code: str = ""
    detail: str = ""
    status: str = "accepted"


def settle(candidates: Sequence[Candidate], known: Sequence[Seen], overridden: Collection[str] = ()) -> list[Candidate]:
    """Give each candidate its status, in sequence order.

    ``repeated``: the newest content of its date was applied already (with a code when it came again under another number).
    ``refused``: its files can't be taken, or its sequence was used with other content. ``held``: a delta or events delivery with an
    earlier sequence missing, refused or held; a full restates all and waits for none, and events don't wait for a full.
    ``accepted``: all else. ``overridden`` ids pass their gap.
    """
    ordered = sorted(candidates, key=lambda c: (c.sequence, c.business_date, c.delivery_id))
    done = {s.sequence for s in known if s.status in SETTLED}
    waived = _superseded(ordered, known)
    fulls = {s.sequence for s in known if s.mode == "full"} | {c.sequence for c in ordered if c.mode == "full"}
    by_date = of_each_date(known)
    base = max(done, default=ordered[0].sequence - 1 if ordered else 0)
    if not done and known:
        base = min(s.sequence for s in known) - 1
    verdicts = []
    for candidate in ordered:
        verdict = _verdict(candidate, by_date.get(candidate.business_date, ()), done)
        if verdict.status == "accepted" and verdict.mode != "full" and verdict.delivery_id not in overridden:
            passed = done | waived | (fulls if verdict.mode == "events" else set())
            verdict = _waits(verdict, [n for n in range(base + 1, verdict.sequence) if n not in passed])
        if verdict.status in {"accepted", "repeated"}:
            done.add(verdict.sequence)
            base = max(base, verdict.sequence)
        verdicts.append(verdict)
    return verdicts


def _superseded(ordered: Sequence[Candidate], known: Sequence[Seen]) -> set[int]:
    """Sequences of a date of which a later version can be taken: nobody will send them again."""
    good = [(c.business_date, c.sequence) for c in ordered if not c.code]
    good += [(s.business_date, s.sequence) for s in known if s.status in SETTLED]
    newest: dict[date, int] = {}
    for day, sequence in good:
        newest[day] = max(sequence, newest.get(day, 0))
    bad = {(c.business_date, c.sequence) for c in ordered if c.code} | {(s.business_date, s.sequence) for s in known if s.status not in SETTLED}
    return {sequence for day, sequence in bad if newest.get(day, 0) > sequence}


def of_each_date(known: Sequence[Seen]) -> dict[date, list[Seen]]:
    """Deliveries by business date: a register of ten years has thousands of them in its inbox, each asked for every night."""
    found: dict[date, list[Seen]] = {}
    for seen in known:
        found.setdefault(seen.business_date, []).append(seen)
    return found


def taken_before(candidate: Candidate, same_date: Sequence[Seen]) -> bool:
    """Whether the delivery, or the newest version of its date with the same content, was applied."""
    settled = [s for s in same_date if s.status in SETTLED]
    newest = max(settled, key=lambda s: s.sequence, default=None)
    return any(s.delivery_id == candidate.delivery_id for s in settled) or (newest is not None and newest.content_hash == candidate.content_hash)


def _verdict(candidate: Candidate, same_date: Sequence[Seen], done: Collection[int]) -> Candidate:
    if taken_before(candidate, same_date):
        untouched = any(s.delivery_id == candidate.delivery_id for s in same_date)
        return replace(candidate, status="repeated", code="" if untouched else AGAIN, detail="the same content was taken before")
    if candidate.code:
        return replace(candidate, status="refused")
    if candidate.sequence in done:
        detail = f"sequence {candidate.sequence} was used with other content; deliver with the next number"
        return replace(candidate, status="refused", code=ONCE, detail=detail)
    return candidate


def _waits(candidate: Candidate, missing: Sequence[int]) -> Candidate:
    if not missing:
        return candidate
    first = f"delivery {missing[0]} missing" if len(missing) == 1 else f"deliveries {missing[0]} to {missing[-1]} missing ({len(missing)})"
    return replace(candidate, status="held", code=GAP, detail=f"{first}; deliver it, or the whole register")
