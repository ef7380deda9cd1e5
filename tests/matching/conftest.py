"""A small model that uses the whole vocabulary, and random people for it."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
import pytest

from matching.model import Block, Comparison, Label, Level, LinkageModel, TermFrequency, Thresholds
from matching.predicates import parse, parse_key

LABEL = Label("某", "some")


def comparison(name: str, *levels: tuple[str | None, dict[str, Any]]) -> Comparison:
    """A comparison with levels (condition, options); m and u are spread when not given."""
    rest = [options for _, options in levels if not options.get("is_null")]
    shares = [(place + 1) / (len(rest) * (len(rest) + 1) / 2) for place in range(len(rest))]
    made, place = [], 0
    for number, (when, options) in enumerate(levels):
        chances = {} if options.get("is_null") else {"m": shares[-1 - place], "u": shares[place]}
        place += not options.get("is_null")
        made.append(Level(f"level_{number}", parse(when) if when else None, LABEL, **{**chances, **options}))
    return Comparison(name, tuple(made), LABEL)


@pytest.fixture(scope="session")
def model() -> LinkageModel:
    """Every predicate, two term frequencies, a hot block, an exploding rule."""
    return LinkageModel(
        name="test",
        version=1,
        prior=0.01,
        thresholds=Thresholds(0.9, 0.8, 0.5),
        block_cap=60,
        blocks=tuple(
            Block(tuple(parse_key(key) for key in keys), 12 if keys == ["birth"] else None)
            for keys in (["birth"], ["prefix(name, 1)", "year(birth)"], ["tokens(place)", "sex"], ["sex"], ["year_month(birth)"])
        ),
        comparisons=(
            comparison(
                "name",
                ("any_null(name)", {"is_null": True}),
                ("exact(name)", {"term_frequency": TermFrequency("name", 0.01, 0.9)}),
                ("crossed(name, other) or swapped(name, other)", {}),
                ("jaro_winkler(name) >= 0.9", {"term_frequency": TermFrequency("name")}),
                ("levenshtein(name) <= 1 or damerau(name) <= 1", {}),
                ("prefix(name, 1) and not contains(name, 2)", {}),
                (None, {}),
            ),
            comparison(
                "birth",
                ("any_null(birth)", {"is_null": True}),
                ("exact(birth)", {}),
                ("month_day_swapped(birth)", {}),
                ("date_one_typo(birth)", {}),
                ("days_apart(birth) <= 40", {}),
                (None, {}),
            ),
            comparison(
                "place",
                ("both_null(place)", {"is_null": True}),
                ("exact(place) and exact(sex)", {}),
                ("shared_tokens(place) >= 2", {"term_frequency": TermFrequency("place", 0.001)}),
                ("jaro_winkler(place) >= 0.8 or contains(place, 3)", {}),
                ("damerau(place) <= 2", {}),
                (None, {}),
            ),
        ),
    )


def people(seed: int, count: int, first_id: int = 1) -> pd.DataFrame:
    """Random records with gaps, near-equal values and two scripts."""
    chance = random.Random(seed)

    def text(alphabet: str, longest: int) -> str | None:
        return None if chance.random() < 0.1 else "".join(chance.choice(alphabet) for _ in range(chance.randint(0, longest)))

    def day() -> str | None:
        if chance.random() < 0.1:
            return chance.choice([None, "2010", "", "2010-02-30", "20100203"])
        return f"20{chance.randint(10, 12)}-{chance.randint(1, 12):02}-{chance.randint(1, 12):02}"

    rows = [
        {
            "id": first_id + 3 * place,
            "name": text("张王李𠮷𡃁a", 4),
            "other": text("张王李𠮷𡃁a", 2),
            "birth": day(),
            "sex": chance.choice(["M", "F", None]),
            "place": text("ab  ", 9),
            "is_new": chance.random() < 0.2,
        }
        for place in range(count)
    ]
    return pd.DataFrame(rows).sample(frac=1, random_state=seed)
