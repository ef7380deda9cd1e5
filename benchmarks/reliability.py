"""The reliability plot: what findings' P(real) says, against how many of them are real."""

from pathlib import Path

import altair as alt
import pandas as pd


def write_reliability(bins: pd.DataFrame, path: Path) -> None:
    """Write the plot as SVG.

    Args:
        bins: columns stated (mean P(real) of the bin), real (share that is), findings (count), as ``evaluate.reliability`` gives them.
        path: file, made anew with its folder.
    """
    scale = alt.Scale(domain=(0, 1))
    diagonal = alt.Chart(pd.DataFrame({"stated": [0.0, 1.0], "real": [0.0, 1.0]})).mark_line(strokeDash=[4, 4], color="#888")
    points = alt.Chart(bins).mark_circle(opacity=1, color="#1f5a8a")
    counts = alt.Chart(bins).mark_text(dy=16, fontSize=10, color="#444")
    x = alt.X("stated:Q", scale=scale, title="P(real), as stated")
    y = alt.Y("real:Q", scale=scale, title="share that is real")
    size = alt.Size("findings:Q", scale=alt.Scale(type="sqrt", range=[40, 600]), legend=None)
    chart = diagonal.encode(x=x, y=y) + points.encode(x=x, y=y, size=size) + counts.encode(x=x, y=y, text=alt.Text("findings:Q", format=","))
    path.parent.mkdir(parents=True, exist_ok=True)
    chart.properties(width=360, height=360, title="Findings by their stated probability; figures count findings").save(str(path))
