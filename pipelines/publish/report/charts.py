"""Small SVG charts as markup: no library, no script, no reference to anything outside; sizes are attributes, colours are CSS classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from pipelines.publish.labels import Labels
from pipelines.publish.summary import Row

SEVERITIES = ("critical", "high", "medium", "low", "info")
TREND_NIGHTS = 90
"""Nights drawn; older ones stay in the table ``trend``."""

LEFT, RIGHT, TOP, MIDDLE, AXIS, BELOW = 46.0, 708.0, 26.0, 120.0, 168.0, 216.0
"""The trend chart: its sides, the panel of open cases (top to middle), the axis of changes, the line of dates."""


def tag(name: str, content: object = "", **attributes: object) -> Markup:
    """An SVG element; attribute names with ``_`` for ``-``, ``kind`` for ``class``; numbers with one decimal; content and values escaped."""
    listed = "".join(
        f' {_attribute(key)}="{value:.1f}"' if isinstance(value, float) else f' {_attribute(key)}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return Markup(f"<{name}{listed}>{escape(content)}</{name}>")  # noqa: S704  names are written in this package, the rest is escaped


def _attribute(key: str) -> str:
    return "class" if key == "kind" else key.replace("_", "-")


def joined(parts: Iterable[Markup]) -> Markup:
    """Elements one after the other."""
    return Markup("".join(parts))  # noqa: S704  every part is markup already


def bar(value: float, most: float, kind: str = "") -> Markup:
    """A horizontal bar of ``value`` against ``most``."""
    return _strip([tag("rect", kind=f"fill {kind}".strip(), width=_width(value, most), height=8)])


def interval(low: float, middle: float, high: float) -> Markup:
    """A share between nought and one with its interval: a band and a tick."""
    band = tag("rect", kind="band", x=100 * low, width=max(100 * (high - low), 0.8), height=8)
    return _strip([band, tag("rect", kind="fill", x=max(100 * middle - 0.8, 0.0), width=1.6, height=8)])


def stack(row: Row, most: float) -> Markup:
    """A horizontal bar of open cases by severity."""
    parts, x = [], 0.0
    for severity in SEVERITIES:
        width = _width(row[severity], most)
        parts.append(tag("rect", kind=f"s-{severity}", x=x, width=width, height=8))
        x += width
    return _strip(parts)


def _width(value: float, most: float) -> float:
    return 100.0 * value / most if most else 0.0


def _strip(parts: Iterable[Markup]) -> Markup:
    return tag("svg", joined(parts), kind="bar", viewBox="0 0 100 8", preserveAspectRatio="none", aria_hidden="true")


def swatch(kind: str) -> Markup:
    """A square of a colour, for a legend."""
    return tag("svg", tag("rect", kind=kind, width=10, height=10, rx=2), viewBox="0 0 10 10", aria_hidden="true")


def difference(pieces: Iterable[tuple[str, bool]]) -> Markup:
    """A masked value; pieces that differ from the other records stand in ``<mark>``, which has a sign (a line) and a colour."""
    return joined(Markup("<mark>{}</mark>").format(piece) if differs else escape(piece) for piece, differs in pieces)


def trend_chart(nights: Sequence[Row], words: Labels) -> Markup:
    """Open cases as a line; below it, what came (new, reopened) upwards and what went (fixed) downwards.

    Args:
        nights: rows of the list ``trend`` in order of time, tonight last.
    """
    drawn = nights[-TREND_NIGHTS:]
    step = (RIGHT - LEFT) / len(drawn)
    tallest = max(1, *(row["cases_open"] for row in drawn))
    xs = [LEFT + step * (n + 0.5) for n in range(len(drawn))]
    ys = [MIDDLE - (MIDDLE - TOP) * row["cases_open"] / tallest for row in drawn]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    radius = 3 if len(drawn) < 40 else 1.5
    parts = [_gridline(TOP, f"{tallest:,}"), _gridline(MIDDLE, "0"), _gridline(AXIS, "±"), *_columns(drawn, xs, min(step * 0.6, 26.0))]
    parts += [tag("polyline", kind="line", points=points)]
    parts += [tag("circle", kind="dot", cx=x, cy=y, r=radius) for x, y in zip(xs, ys, strict=True)]
    parts += [tag("text", f"{drawn[-1]['cases_open']:,}", kind="value", x=xs[-1] + 4, y=ys[-1] - 8, text_anchor="end")]
    every = max(len(drawn) // 8, 1)
    parts += [
        tag("text", row["night"][5:], kind="tick", x=x, y=BELOW, text_anchor="middle")
        for n, (x, row) in enumerate(zip(xs, drawn, strict=True))
        if (len(drawn) - 1 - n) % every == 0
    ]
    return tag("svg", joined(parts), kind="chart", viewBox="0 0 720 222", role="img", aria_label=_said(drawn, words))


def _said(drawn: Sequence[Row], words: Labels) -> str:
    """The chart in a sentence, for those who can't see it."""
    first, last = drawn[0], drawn[-1]
    came, went = (sum(row[name] for row in drawn[1:]) for name in ("cases_new", "cases_fixed"))
    return words(
        "trend.alt", first=first["night"], last=last["night"], before=f"{first['cases_open']:,}", now=f"{last['cases_open']:,}",
        came=f"{came:,}", went=f"{went:,}",
    )  # fmt: skip


def _columns(drawn: Sequence[Row], xs: Sequence[float], width: float) -> list[Markup]:
    """Changes of each night. The first night drawn does not set the scale: everything is new in the first night of all."""
    later = drawn[1:] or drawn
    most = max(1, *(row["cases_new"] + row["cases_reopened"] for row in later), *(row["cases_fixed"] for row in later))
    parts = []
    for x, row in zip(xs, drawn, strict=True):
        came, back, went = (34.0 * min(row[name] / most, 1.0) for name in ("cases_new", "cases_reopened", "cases_fixed"))
        title = tag("title", f"{row['night']}: +{row['cases_new']} ↻{row['cases_reopened']} −{row['cases_fixed']}")
        left = x - width / 2
        rects = [
            tag("rect", kind="came", x=left, y=AXIS - came, width=width, height=came),
            tag("rect", kind="back", x=left, y=AXIS - came - back, width=width, height=back),
            tag("rect", kind="went", x=left, y=AXIS, width=width, height=went),
        ]
        over = [tag("text", f"↑{row['cases_new']:,}", kind="tick", x=x, y=AXIS - came - 4, text_anchor="middle")] if row["cases_new"] > most else []
        parts.append(tag("g", joined([title, *rects, *over])))
    return parts


def _gridline(y: float, label: str) -> Markup:
    line = tag("line", kind="grid", x1=LEFT, x2=RIGHT, y1=y, y2=y)
    return line + tag("text", label, kind="tick", x=LEFT - 6, y=y + 4, text_anchor="end")
