"""Why two records are one person: a sentence, a list of weights, a chart. Texts come from the model's labels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from matching.model import NULL_LEVEL, Label, LinkageModel
from matching.score import comparison_weights, level_column, to_probability, to_weight

if TYPE_CHECKING:
    import pyarrow as pa

Language = Literal["zh", "en"]

CLEAR = 0.5
"""A comparison speaks for or against only from this many bits on."""


@dataclass(frozen=True)
class Step:
    """One bar of a waterfall: what moved the weight, by how many bits, and where the sum then stands."""

    name: str
    level: str
    label: Label
    weight: float
    total: float


@dataclass(frozen=True)
class _Words:
    support: str
    against: str
    missing: str
    nothing: str
    joint: str
    between: str
    end: str


WORDS: dict[Language, _Words] = {
    "zh": _Words("{}，支持为同一人", "{}，不支持", "{}", "没有可比较的内容", "、", "；", "。权重 {:.1f} 比特，概率 {}。"),
    "en": _Words(
        "For one person: {}", "against: {}", "not known: {}", "Nothing could be compared", ", ", "; ", ". Weight {:.1f} bits, probability {}."
    ),
}
PRIOR = Label("两条随机记录为同一人的机会", "chance that two random records are one person")
SUM = Label("合计", "together")
TONES = {"for": "#2e7d32", "against": "#c62828", "sum": "#5b6770"}
"""Colours of the bars."""
SILENT = 0.005
"""Bits below which a comparison says nothing."""
FREQUENCY = Label("取值的常见程度", "how common the values are")


def sentences(pairs: pa.Table, model: LinkageModel, language: Language) -> list[str]:
    """One sentence for each pair of an engine's result, strongest evidence first; no value of a record is in it.

    The evidence part is worded once for each combination of levels.
    """
    if not pairs.num_rows:
        return []
    columns = [level_column(comparison.name) for comparison in model.comparisons]
    levels = np.column_stack([pairs[name].to_numpy() for name in columns])
    distinct, where = np.unique(levels, axis=0, return_inverse=True)
    heads = [_head([int(number) for number in row], model, language) for row in distinct]
    words = WORDS[language]
    return [
        heads[head] + words.end.format(weight, percent(probability))
        for head, weight, probability in zip(where.ravel(), pairs["weight"].to_pylist(), pairs["probability"].to_pylist(), strict=True)
    ]


def _head(numbers: list[int], model: LinkageModel, language: Language) -> str:
    words = WORDS[language]
    support: list[tuple[float, str]] = []
    against: list[tuple[float, str]] = []
    missing: list[str] = []
    for comparison, number in zip(model.comparisons, numbers, strict=True):
        text = getattr(comparison.level(number).label, language)
        weight = comparison_weights(comparison)[number]
        if number == NULL_LEVEL:
            missing.append(text)
        elif abs(weight) >= CLEAR:
            (support if weight > 0 else against).append((abs(weight), text))
    parts = [
        pattern.format(words.joint.join(text for _, text in sorted(found, key=lambda each: -each[0])))
        for pattern, found in ((words.support, support), (words.against, against))
        if found
    ]
    if missing:
        parts.append(words.missing.format(words.joint.join(missing)))
    return words.between.join(parts) or words.nothing


def percent(probability: float) -> str:
    """A probability for people; near 0 and 1 it says "more than" instead of rounding to certainty.

    >>> percent(0.99996), percent(0.5), percent(0.00001)
    ('>99.99%', '50.00%', '<0.01%')
    """
    if probability > 0.9999:
        return ">99.99%"
    return "<0.01%" if probability < 0.0001 else f"{probability:.2%}"


def waterfall(levels: dict[str, int], weight: float, model: LinkageModel) -> tuple[Step, ...]:
    """From the prior to the sum, one step for each comparison.

    `levels` has the level number of each comparison, `weight` is the pair's total as the engine gave it. What it has
    beyond the levels is the effect of frequencies, and a step of its own where there is any.
    """
    total = to_weight(model.prior)
    steps = [Step("prior", "prior", PRIOR, total, total)]
    for comparison in model.comparisons:
        number = levels[comparison.name]
        gain = comparison_weights(comparison)[number]
        total += gain
        level = comparison.level(number)
        steps.append(Step(comparison.name, level.name, level.label, gain, total))
    rest = weight + to_weight(model.prior) - total
    if model.frequency_columns and abs(rest) > 1e-9:
        steps.append(Step("frequency", "frequency", FREQUENCY, rest, total + rest))
    return tuple(steps)


def waterfall_svg(steps: tuple[Step, ...], language: Language) -> str:
    """The waterfall as an SVG picture: green bars speak for one person, red ones against, the grey one is their sum, with its probability.

    Raises:
        ModuleNotFoundError: altair and vl-convert-python are not installed.
    """
    import altair as alt
    import vl_convert as vlc

    rows = [_bar(place, step.total - step.weight if place else 0.0, step.total, step.weight) for place, step in enumerate(steps)]
    total = steps[-1].total
    rows.append(_bar(len(steps), 0.0, total, total, percent(float(to_probability(np.array(total), 0.5)))))
    labels = [getattr(label, language) for label in (*(step.label for step in steps), SUM)]
    axis = alt.Axis(labelLimit=320, labelExpr=f"{json.dumps(labels, ensure_ascii=False)}[datum.value]", domain=False, ticks=False)
    title = {"zh": "累计权重（比特）", "en": "weight so far (bits)"}[language]
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("order:O", title=None, axis=axis))
    colour = alt.Color("tone:N", scale=alt.Scale(domain=list(TONES), range=list(TONES.values())), legend=None)
    bars = base.mark_bar().encode(x=alt.X("from:Q", title=title), x2="to:Q", color=colour)
    texts = base.mark_text(align="left", dx=4).encode(x=alt.X("right:Q"), text="told:N")
    nought = alt.Chart(alt.Data(values=[{"at": 0}])).mark_rule(color="#888").encode(x="at:Q")
    return str(vlc.vegalite_to_svg((nought + bars + texts).properties(width=420).to_json()))


def _bar(order: int, start: float, end: float, bits: float, probability: str = "") -> dict[str, object]:
    """A row of the picture; what says nothing shows a dash, no nought that could be taken for a measurement."""
    told = f"{bits:+.1f} = {probability}" if probability else f"{bits:+.1f}" if abs(bits) >= SILENT else "–"
    tone = "sum" if probability else "for" if bits >= 0 else "against"
    return {"order": order, "from": start, "to": end, "right": max(start, end), "told": told, "tone": tone}
