"""Names of divisions as English pages write them: Hanyu Pinyin for the name, a word for the kind of division.

Words, and names that have a customary spelling, stand in ``data/place_words.csv``. Source of the spelling: Rules for the Spelling of
Chinese Place Names with the Chinese Phonetic Alphabet (1984).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pypinyin import lazy_pinyin

WORDS = Path(__file__).with_name("data") / "place_words.csv"


@cache
def in_latin_letters(name: str) -> str:
    """``中城区`` -> ``Zhongcheng District``; ``延边朝鲜族自治州`` -> ``Yanbian Korean Autonomous Prefecture``. Other text stays as it is."""
    unit = next((zh for zh in _words("unit") if name.endswith(zh) and len(name) > len(zh)), "")
    stem = name.removesuffix(unit) if unit else name
    peoples: list[str] = []
    while unit.startswith("自治") and stem not in _words("name") and (found := _people().search(stem)) and found.start() > 0:
        peoples.insert(0, _words("people")[found[1]])
        stem = stem[: found.start()]
    own = in_latin_letters(stem) if unit == "市辖区" else _words("name").get(stem) or _pinyin(stem)
    return " ".join([own, *peoples, *([_words("unit")[unit]] if unit else [])])


@cache
def _words(kind: str) -> Mapping[str, str]:
    """Words of a kind, the longest first."""
    with WORDS.open(encoding="utf-8", newline="") as file:
        found = {row["zh"]: row["en"] for row in csv.DictReader(file) if row["kind"] == kind}
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


@cache
def _people() -> re.Pattern[str]:
    return re.compile(f"({'|'.join(_words('people'))})族?$")


def _pinyin(text: str) -> str:
    """One word with a capital; an apostrophe where a syllable begins with a vowel: ``西安`` -> ``Xi'an``."""
    syllables = lazy_pinyin(text, v_to_u=True)
    joined = "".join(f"'{s}" if n and s[:1] in "aeo" and s[:1] else s for n, s in enumerate(syllables))
    return joined[:1].upper() + joined[1:]
