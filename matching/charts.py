"""Pictures of a linkage's figures, as SVG that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Language = Literal["zh", "en"]

FIGURES: Mapping[str, Mapping[Language, str]] = {
    "precision": {"zh": "精确率", "en": "precision"},
    "recall": {"zh": "召回率", "en": "recall"},
    "f1": {"zh": "F1", "en": "F1"},
}
COLOURS = ("#1f5f8b", "#b3541e", "#4b4b4b")


def threshold_svg(figures: pd.DataFrame, marks: Mapping[str, float], language: Language) -> str:
    """Precision, recall and F1 by threshold (`matching.evaluate.threshold_figures`), with `marks` (name -> threshold) as upright lines.

    Raises:
        ModuleNotFoundError: altair and vl-convert-python are not installed.
    """
    import altair as alt
    import vl_convert as vlc

    names = [FIGURES[name][language] for name in FIGURES]
    rows = [
        {"threshold": float(row["threshold"]), "figure": FIGURES[name][language], "value": float(row[name])}
        for row in figures.to_dict("records")
        for name in FIGURES
        if row[name] == row[name]  # NaN is no point
    ]
    axis = {"zh": "阈值（概率）", "en": "threshold (probability)"}[language]
    x = alt.X("threshold:Q", title=axis, scale=alt.Scale(domain=[min(figures["threshold"]), 1]))
    colour = alt.Color("figure:N", title=None, sort=names, scale=alt.Scale(domain=names, range=list(COLOURS)))
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(format=".3~f"))
    lines = alt.Chart(alt.Data(values=rows)).mark_line(point=True).encode(x=x, y=y, color=colour)
    at = alt.Chart(alt.Data(values=[{"threshold": value, "name": name} for name, value in marks.items()]))
    rules = at.mark_rule(strokeDash=[4, 3], color="#888").encode(x="threshold:Q")
    texts = at.mark_text(align="left", dx=3, dy=-4, baseline="bottom").encode(x="threshold:Q", y=alt.value(0), text="name:N")
    return str(vlc.vegalite_to_svg((lines + rules + texts).properties(width=520, height=280).to_json()))
