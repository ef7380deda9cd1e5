"""The lives of a case's people as a drawing: one lane per register, the years before the case drawn together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from pipelines.publish.casefile import CaseFile
from pipelines.publish.labels import Labels
from pipelines.publish.masking import month
from pipelines.publish.report.charts import joined, tag
from pipelines.publish.statements import Event

LABEL_END, START, BREAK, FOCUS_START, END = 162.0, 176.0, 266.0, 278.0, 706.0
"""Lane labels, then the years drawn together, the break, and the time that matters."""

TOP, LANE = 26, 22
FOCUS_DAYS = 500
"""Days before T that are always drawn wide; a year before the discrepancy at least."""


@dataclass(frozen=True)
class Scale:
    """Days to x: from ``birth`` to ``focus`` a narrow strip, from ``focus`` to ``end`` the rest."""

    birth: int
    focus: int
    end: int

    @property
    def broken(self) -> bool:
        """Years are drawn together."""
        return self.focus > self.birth

    def x(self, day: int) -> float:
        """Place of a day."""
        if self.broken and day < self.focus:
            return START + (BREAK - START) * (day - self.birth) / (self.focus - self.birth)
        start = FOCUS_START if self.broken else START
        return start + (END - start) * (day - self.focus) / max(self.end - self.focus, 1)

    def years(self) -> list[tuple[float, str]]:
        """First of January of the years drawn wide, and the year that the narrow strip begins with."""
        first, last = date.fromordinal(self.focus).year + 1, date.fromordinal(self.end).year
        every = max((last - first) // 8, 1)
        marks = [(self.x(date(year, 1, 1).toordinal()), str(year)) for year in range(first, last + 1, every)]
        return [(START, str(date.fromordinal(self.birth).year)), *marks] if self.broken else marks


def scale_of(file: CaseFile, night: str) -> Scale:
    """From the first event to T (or the last event, when a register dates something after it)."""
    first = min(_day(item.event.first) for item in file.life)
    end = max(_day(night), *(_day(item.event.last) for item in file.life))
    since = _day(str(file.case["since"])) if file.case["since"] else end
    return Scale(first, max(first, min(since, end - FOCUS_DAYS) - 365), end)


def timeline(file: CaseFile, night: str, words: Labels) -> Markup:
    """The drawing; empty when no event is dated."""
    events: dict[tuple[int, str], list[Event]] = defaultdict(list)
    for item in file.life:
        events[item.person, item.event.source].append(item.event)
    lanes = sorted(events)
    if not lanes:
        return Markup("")
    height, scale, several = TOP + LANE * len(lanes) + 18, scale_of(file, night), len({person for person, _ in lanes}) > 1
    parts = [_axis(scale, height), _overdue(file, scale, height)]
    for number, (person, source) in enumerate(lanes):
        y = TOP + 3.0 + LANE * number
        label = words.source(source) + (f" · {words('case.person', number=person)}" if several else "")
        parts += [tag("line", kind="lane", x1=START, x2=END, y1=y, y2=y), tag("text", label, kind="label", x=LABEL_END, y=y + 4, text_anchor="end")]
        parts += [_mark(event, scale, y, words) for event in events[person, source]]
    said = f"{words('case.timeline')}: {min(e.event.first for e in file.life)[:4]} – {night}"
    return tag("svg", joined(parts), kind="life", viewBox=f"0 0 720 {height}", role="img", aria_label=said)


def _overdue(file: CaseFile, scale: Scale, height: int) -> Markup:
    """The time since the discrepancy began, as a band with its first day; nothing for a case without a day."""
    since = str(file.case["since"] or "")
    if not since or not scale.birth <= _day(since) <= scale.end:
        return Markup("")
    x, anchor = scale.x(_day(since)), "end" if scale.x(_day(since)) > (START + END) / 2 else "start"
    return joined(
        [
            tag("rect", kind="late", x=x, y=4, width=max(END - x, 1.0), height=height - 24),
            tag("line", kind="since", x1=x, x2=x, y1=4, y2=height - 20),
            tag("text", since, kind="value", x=x + (-5 if anchor == "end" else 5), y=14, text_anchor=anchor),
        ]
    )


def event_text(event: Event, words: Labels) -> str:
    """``2026-01-03 死亡日期``; births without the day; several dates as a span."""
    first, last = (month(event.first), month(event.last)) if event.birth else (event.first, event.last)
    span = f"{first} … {last} ({words('case.times', count=event.count)})" if event.count > 1 else str(first)
    return f"{span} {words.column(words.deployment.sources[event.source], event.heading)}"


def _mark(event: Event, scale: Scale, y: float, words: Labels) -> Markup:
    start, end, title = scale.x(_day(event.first)), scale.x(_day(event.last)), tag("title", event_text(event, words))
    if end - start > 3:
        return tag("rect", title, kind="span", x=start, y=y - 3, width=end - start, height=6, rx=3)
    return tag("circle", title, kind="born" if event.birth else "happened", cx=start, cy=y, r=4.5)


def _axis(scale: Scale, height: int) -> Markup:
    parts = []
    for x, label in scale.years():
        parts += [
            tag("line", kind="year", x1=x, x2=x, y1=4, y2=height - 20),
            tag("text", label, kind="tick", x=x, y=height - 6, text_anchor="middle"),
        ]
    if scale.broken:
        parts.append(tag("text", "//", kind="tick", x=(BREAK + FOCUS_START) / 2, y=height - 6, text_anchor="middle"))
    return joined(parts)


def _day(iso: str) -> int:
    return date.fromisoformat(iso if len(iso) > 7 else f"{iso}-01").toordinal()
