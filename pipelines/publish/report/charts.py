"""Small SVG charts as markup: no library, no script, no reference to anything outside; sizes are attributes, colours are CSS classes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup, escape

from pipelines.publish.casefile import CaseFile
from pipelines.publish.labels import Labels
from pipelines.publish.masking import month
from pipelines.publish.statements import Event
from pipelines.publish.summary import Row

SEVERITIES = ("critical", "high", "medium", "low", "info")
TREND_NIGHTS = 90
"""Nights drawn; older ones stay in the table ``trend``."""


def bar(value: float, most: float, kind: str = "") -> Markup:
    """A horizontal bar of ``value`` against ``most``, 100 units wide."""
    width = 100 * value / most if most else 0
    return Markup('<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="fill {}" width="{:.1f}" height="8"/></svg>').format(
        kind, width
    )


def stack(row: Row, most: float) -> Markup:
    """A horizontal bar of open cases by severity."""
    parts, x = [], 0.0
    for severity in SEVERITIES:
        width = 100 * float(row[severity]) / most if most else 0
        parts.append(Markup('<rect class="s-{}" x="{:.1f}" width="{:.1f}" height="8"/>').format(severity, x, width))
        x += width
    return Markup('<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{}</svg>').format(Markup("").join(parts))


def trend_chart(nights: Sequence[Row], words: Labels) -> Markup:
    """Open cases as a line; below it, what came (new, reopened) upwards and what went (fixed) downwards.

    Args:
        nights: rows of the list ``trend`` in order of time, tonight last.
    """
    drawn = nights[-TREND_NIGHTS:]
    wide, left, right, top, middle, low = 720.0, 46.0, 12.0, 14.0, 120.0, 196.0
    step = (wide - left - right) / len(drawn)
    tallest = max(max(row["cases_open"] for row in drawn), 1)
    most = max(max(max(row["cases_new"] + row["cases_reopened"], row["cases_fixed"]) for row in drawn), 1)
    xs = [left + step * (n + 0.5) for n in range(len(drawn))]
    ys = [middle - (middle - top) * row["cases_open"] / tallest for row in drawn]
    axis = (middle + low) / 2 + 10
    parts = [_gridline(top, tallest, left, wide - right), _gridline(middle, 0, left, wide - right), _gridline(axis, "", left, wide - right)]
    for x, row in zip(xs, drawn, strict=True):
        parts.append(_column(x, step, axis, row, most))
    parts.append(Markup('<polyline class="line" points="{}"/>').format(" ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))))
    parts += [Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(x, y, 3 if len(drawn) < 40 else 1.5) for x, y in zip(xs, ys, strict=True)]
    parts.append(Markup('<text class="value" x="{:.1f}" y="{:.1f}" text-anchor="end">{:,}</text>').format(xs[-1] + 2, ys[-1] - 8, drawn[-1]["cases_open"]))
    every = max(len(drawn) // 8, 1)
    parts += [
        Markup('<text class="tick" x="{:.1f}" y="216" text-anchor="middle">{}</text>').format(x, row["night"][5:])
        for n, (x, row) in enumerate(zip(xs, drawn, strict=True))
        if (len(drawn) - 1 - n) % every == 0
    ]
    return Markup('<svg class="chart" viewBox="0 0 720 222" role="img" aria-label="{}">{}</svg>').format(words("trend.caption"), Markup("").join(parts))


def _column(x: float, step: float, axis: float, row: Row, most: float) -> Markup:
    width, scale = min(step * 0.6, 26), 34 / most
    came, back, went = row["cases_new"] * scale, row["cases_reopened"] * scale, row["cases_fixed"] * scale
    return Markup(
        '<g><title>{}: +{} ↻{} −{}</title><rect class="came" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
        '<rect class="back" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/><rect class="went" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/></g>'
    ).format(
        row["night"], row["cases_new"], row["cases_reopened"], row["cases_fixed"],
        x - width / 2, axis - came, width, came, x - width / 2, axis - came - back, width, back, x - width / 2, axis, width, went,
    )  # fmt: skip


def _gridline(y: float, label: float | str, left: float, right: float) -> Markup:
    text = f"{label:,}" if isinstance(label, int | float) else label
    return Markup('<line class="grid" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/><text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>').format(
        left, right, y, y, left - 6, y + 4, text
    )


def timeline(file: CaseFile, night: str, words: Labels) -> Markup:
    """The lives of a case's people: one lane per register, years before the case drawn together, T at the right edge.

    Empty when no event is dated.
    """
    lanes = sorted({(e.person, e.event.source) for e in file.life})
    if not lanes:
        return Markup("")
    several = len({person for person, _ in lanes}) > 1
    height, scale = 22 * len(lanes) + 30, _Scale.over(file, night)
    parts = [_axis(scale, height)]
    for number, (person, source) in enumerate(lanes):
        y = 15 + 22 * number
        title = words.source(source) + (f" · {words('case.person', number=person)}" if several else "")
        parts.append(Markup('<line class="lane" x1="170" x2="712" y1="{}" y2="{}"/><text class="label" x="162" y="{}" text-anchor="end">{}</text>').format(y, y, y + 4, title))
        for item in (e for e in file.life if (e.person, e.event.source) == (person, source)):
            parts.append(_mark(item.event.first, item.event.last, scale, y, title=event_text(item.event, words), birth=item.event.birth))
    return Markup('<svg class="life" viewBox="0 0 720 {}" role="img" aria-label="{}">{}</svg>').format(height, words("case.timeline"), Markup("").join(parts))


def event_text(event: Event, words: Labels) -> str:
    """``2026-01-03 死亡日期``; births without the day; several dates as a span."""
    source = words.deployment.sources[event.source]
    first, last = (month(event.first), month(event.last)) if event.birth else (event.first, event.last)
    span = f"{first} … {last} ({words('case.times', count=event.count)})" if event.count > 1 else str(first)
    return f"{span} {words.column(source, event.heading)}"


def _mark(first: str, last: str, scale: _Scale, y: float, *, title: str, birth: bool) -> Markup:
    start, end = scale.x(first), scale.x(last)
    if end - start > 3:
        return Markup('<rect class="span" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="6" rx="3"><title>{}</title></rect>').format(start, y - 3, end - start, title)
    return Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="4.5"><title>{}</title></circle>').format("born" if birth else "happened", start, y, title)


class _Scale:
    """Dates to x: before ``focus`` a fifth of the width, from it to T the rest."""

    def __init__(self, birth: int, focus: int, end: int) -> None:
        self.birth, self.focus, self.end = birth, focus, end

    @classmethod
    def over(cls, file: CaseFile, night: str) -> _Scale:
        days = sorted(_ordinal(e.event.first) for e in file.life)
        end = max(_ordinal(night), max(_ordinal(e.event.last) for e in file.life))
        marks = [_ordinal(str(file.case["since"]))] if file.case["since"] else []
        focus = max(days[0], min([*marks, end - 500]) - 365)
        return cls(days[0], focus, end)

    def x(self, iso: str) -> float:
        day = _ordinal(iso)
        before = 170 + 100 * (day - self.birth) / max(self.focus - self.birth, 1) if self.focus > self.birth else 170
        if day <= self.focus and self.focus > self.birth:
            return before
        start = 276 if self.focus > self.birth else 176
        return start + (706 - start) * (day - self.focus) / max(self.end - self.focus, 1)

    def years(self) -> list[tuple[float, str]]:
        """January firsts in the wide part; the year the narrow one begins with."""
        first, last = date.fromordinal(self.focus).year + 1, date.fromordinal(self.end).year
        every = max((last - first) // 8, 1)
        marks = [(self.x(f"{year}-01-01"), str(year)) for year in range(first, last + 1, every)]
        return [(176.0, str(date.fromordinal(self.birth).year)), *marks] if self.focus > self.birth else marks


def _axis(scale: _Scale, height: float) -> Markup:
    ticks = [
        Markup('<line class="year" x1="{:.1f}" x2="{:.1f}" y1="4" y2="{:.1f}"/><text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
            x, x, height - 20, x, height - 6, label
        )
        for x, label in scale.years()
    ]
    if scale.focus > scale.birth:
        ticks.append(Markup('<text class="tick" x="272" y="{:.1f}" text-anchor="middle">⫽</text>').format(height - 6))
    return Markup("").join(ticks)


def _ordinal(iso: str) -> int:
    return date.fromisoformat(iso if len(iso) > 7 else f"{iso}-01").toordinal()


def difference(pieces: Sequence[tuple[str, bool]]) -> Markup:
    """A masked value with differing pieces marked by sign (≠ below) and colour."""
    return Markup("").join(Markup("<mark>{}</mark>").format(piece) if differs else escape(piece) for piece, differs in pieces)
