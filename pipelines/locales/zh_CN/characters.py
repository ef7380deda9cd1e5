"""Tables by code point: what a character is, what it folds to as a key, how it sounds. Built once, on first use.

Folding is for comparison only and merges what may be different people (乾 and 干): it never reaches a name as written.
Sources: OpenCC's traditional-to-simplified characters, pypinyin's readings, the project's own variants and surname readings.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

DATA = Path(__file__).with_name("data")
SIZE = 0x110000
HAN_RANGES = ((0x3007, 0x3008), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))
RADICAL_RANGE = (0x2E80, 0x2FE0)
PRIVATE_RANGES = ((0xE000, 0xF900), (0xF0000, SIZE))
LEGACY_PRIVATE = {
    0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE864: 0x9FBB, 0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE,
}  # fmt: skip
"""Where GB 18030 of 2000 had private code points and later editions have real ones: fixed by the standard, not guessed."""
DOTS = "·•・･‧∙⋅●ᐧ﹒．.。,，、˙•∘◦⸱ꞏ᛫-－—–"
"""Written between the parts of a name where 民委发〔2016〕33号 asks for U+00B7."""
PLACEHOLDERS = frozenset("?？□■▢▣◻◼⬜⬛◇*＊✱○◯×✕_＿\ufffd某〓※⬚囗�●#＃")
"""Stand for a character that could not be typed, printed or shown."""
TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüêếềḿńňǹ", "aaaaeeeeiiiioooouuuuvvvvveeemnnn")
PLAIN, ODD = 1, 2
SECOND_LEVEL = 0xD8
"""First byte of the second level of GB 2312."""


@dataclass(frozen=True)
class Characters:
    """Tables by code point; ``sound`` holds places in ``syllables``, 0 = none."""

    kind: npt.NDArray[np.uint8]
    fold: npt.NDArray[np.uint32]
    sound: npt.NDArray[np.int16]
    surname_sound: npt.NDArray[np.int16]
    syllables: tuple[str, ...]
    syllable_bytes: npt.NDArray[np.uint8]


HAN = re.compile("[" + "".join(f"{chr(start)}-{chr(stop - 1)}" for start, stop in HAN_RANGES) + "]")
PRIVATE = re.compile("[" + "".join(f"{chr(start)}-{chr(stop - 1)}" for start, stop in PRIVATE_RANGES) + "]")


def is_han(character: str) -> bool:
    """Whether a character is an ideograph (radicals and private use are not)."""
    return HAN.match(character) is not None


def is_private(character: str) -> bool:
    """Whether a character's meaning is a vendor's secret."""
    return PRIVATE.match(character) is not None


def table(name: str) -> Iterator[dict[str, str]]:
    """Rows of one of the pack's own CSV tables."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def glyph_variants() -> dict[str, str]:
    """Another glyph of the same character -> the usual one."""
    return {row["character"]: row["base"] for row in table("variants") if row["kind"] == "glyph"}


@cache
def habitual_pairs() -> dict[str, str]:
    """Characters written for each other by habit (second-round simplifications, 肖 for 萧) -> one of the two. Weighted, never equal."""
    return {row["character"]: row["base"] for row in table("variants") if row["kind"] == "pair"}


@cache
def surname_readings() -> dict[str, tuple[str, ...]]:
    """Surname -> its readings as a surname, the likelier first; empty for a compound that reads as its characters do."""
    return {row["surname"]: tuple(filter(None, row["readings"].split("|"))) for row in table("surnames")}


@cache
def compound_surnames() -> frozenset[str]:
    """Surnames of two characters."""
    return frozenset(surname for surname in surname_readings() if len(surname) == 2)


@cache
def components() -> dict[str, frozenset[str]]:
    """Rare character, and its key, -> the parts it is typed as."""
    found: dict[str, set[str]] = {}
    for row in table("components"):
        for character in (row["character"], chr(characters_fold()[ord(row["character"])])):
            found.setdefault(character, set()).add(row["parts"])
    return {character: frozenset(parts) for character, parts in found.items()}


@cache
def shape_alikes() -> frozenset[tuple[str, str]]:
    """Pairs that eyes and recognisers confuse, both ways round."""
    pairs = [(row["one"], row["other"]) for row in table("shape_alike")]
    return frozenset(pairs) | frozenset((other, one) for one, other in pairs)


@cache
def is_rare(character: str) -> bool:
    """Whether a character is outside GB 2312, which is what old input methods and printers knew."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False


@cache
def is_everyday(character: str) -> bool:
    """Whether a character is in the first level of GB 2312, the 3,755 most used."""
    return not is_rare(character) and character.encode("gb2312")[0] < SECOND_LEVEL


@cache
def readings(character: str) -> tuple[str, ...]:
    """Toneless readings, the likeliest first; empty when unknown. ``ü`` is ``v``."""
    from pypinyin.constants import PINYIN_DICT

    marked = PINYIN_DICT.get(ord(character)) or PINYIN_DICT.get(int(characters_fold()[ord(character)]), "")
    return tuple(dict.fromkeys(marked.translate(TONES).split(","))) if marked else ()


@cache
def characters_fold() -> npt.NDArray[np.uint32]:
    """Code point -> code point of its comparison key: compatibility forms, simplified, usual glyph, in that order."""
    from opencc import OpenCC

    fold = np.arange(SIZE, dtype=np.uint32)
    letters = "".join(chr(c) for start, stop in (*HAN_RANGES, RADICAL_RANGE) for c in range(start, stop))
    usual = "".join(c if len(key := unicodedata.normalize("NFKC", c)) != 1 else key for c in letters)
    simple = OpenCC("t2s").convert(usual)
    variants = glyph_variants()
    for letter, key in zip(letters, simple, strict=True):
        if letter != key or key in variants:
            base = variants.get(key, key)
            fold[ord(letter)] = ord(variants.get(base, base))
    return fold


@cache
def fold_map() -> dict[int, str]:
    """The changed entries of :func:`characters_fold`, for ``str.translate``."""
    fold = characters_fold()
    return {code: chr(fold[code]) for code in np.flatnonzero(fold != np.arange(SIZE)).tolist()}


@cache
def characters() -> Characters:
    """All tables."""
    from pypinyin.constants import PINYIN_DICT

    fold = characters_fold()
    kind = np.zeros(SIZE, dtype=np.uint8)
    for start, stop in HAN_RANGES:
        kind[start:stop] = PLAIN
    kind[[ord(c) for c in ODD_CHARACTERS]] = ODD
    syllables: dict[str, int] = {"": 0}
    sound = np.zeros(SIZE, dtype=np.int16)
    for code, marked in PINYIN_DICT.items():
        syllable = marked.split(",", 1)[0].translate(TONES)
        sound[code] = syllables.setdefault(syllable, len(syllables))
    sound = np.where(sound == 0, sound[fold], sound)
    surname_sound = sound.copy()
    for surname, spoken in surname_readings().items():
        if len(surname) == 1:
            surname_sound[ord(surname)] = syllables.setdefault(spoken[0], len(syllables))
        elif spoken:
            for syllable in spoken[0].split():
                syllables.setdefault(syllable, len(syllables))
    spelled = np.zeros((len(syllables), 8), dtype=np.uint8)
    for syllable, place in syllables.items():
        letters = f" {syllable}".encode()[:8]
        spelled[place, : len(letters)] = np.frombuffer(letters, dtype=np.uint8)
    kind[(kind == PLAIN) & (sound == 0)] = ODD
    return Characters(kind, fold, sound, surname_sound, tuple(syllables), spelled)


ODD_CHARACTERS = "某囗之氏不未无〇婴"
"""Ideographs that can make a text something else than a plain name; texts that hold one are looked at closely."""
