"""Names in Latin letters: particles, hyphens, accents, nicknames, initials, maiden names, first and last swapped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

import jellyfish
import pandas as pd
from rapidfuzz.distance import OSA

from pipelines.locales.distinct import distinct, mapped, objects, pair_codes
from pipelines.locales.generic.options import NameOptions

LEVELS = ("same", "variant", "homophone", "one_character", "rare_substitute", "partial", "different", "missing")
"""``rare_substitute``: an initial or a stand-in for a whole name. The level ``pinyin`` of the Chinese pack has no use here."""
LETTERS = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "’": "'", "`": "'", "´": "'"})
STANDS_IN = re.compile(r"[?*□_\ufffd]")
COMPANY = re.compile(
    r"\b(?:ltd|limited|llc|inc|plc|corp|corporation|company|co|bank|school|hospital|council|trust|church|gmbh|s\.?a)\b\.?$", re.IGNORECASE
)
HIDDEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


@dataclass(frozen=True)
class ReadName:
    """One name read: ``given`` and ``family`` are folded words, particles joined to what they belong to."""

    name: str | None
    kind: str
    given: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    parent: str | None = None
    nicknames: tuple[str, ...] = field(default=())

    @property
    def words(self) -> tuple[str, ...]:
        """All words, given names first."""
        return self.given + self.family

    @property
    def full_words(self) -> tuple[str, ...]:
        """Words of more than one letter, nicknames made full."""
        return tuple(w for w in self.nicknames if len(w) > 1)


@dataclass(frozen=True)
class GenericNames:
    """Names of the ``generic`` pack."""

    options: NameOptions
    levels: tuple[str, ...] = LEVELS

    def standardise(self, raw: pd.Series) -> pd.DataFrame:
        """Clean names and make their keys.

        Returns:
            name: as written, cleaned (spaces, invisible characters); null when the cell says nothing. name_fold: first given and
            family names in capitals without accents, titles, suffixes, hyphens or middle names, given first. name_sound:
            Metaphone of each of these, nicknames made full, in alphabetic order, so that swapped names share it. name_kind:
            full, newborn, masked, partial (one word), company or unknown.
        """
        found = distinct(raw)
        names = [self.read(text) for text in found.values]
        columns = {
            "name": objects([n.name for n in names]),
            "name_fold": objects([fold(n) for n in names]),
            "name_sound": objects([sound(n) for n in names]),
            "name_kind": objects([n.kind for n in names]),
        }
        return found.frame(columns, {"name_kind": "unknown"})

    def keys(self, raw: pd.Series) -> pd.DataFrame:
        """Make further blocking keys: surname (family names joined by ``|``), given, sounds (one a word, the same), sound_loose (Soundex)."""
        found = distinct(raw)
        names = [self.read(text) for text in found.values]
        columns = {
            "surname": objects(["|".join(n.family).upper() or None for n in names]),
            "given": objects(["|".join(n.given).upper() or None for n in names]),
            "sounds": objects(["|".join(sorted(set(map(metaphone, n.full_words)))) or None for n in names]),
            "sound_loose": objects([" ".join(sorted(map(jellyfish.soundex, n.full_words))) or None for n in names]),
        }
        return found.frame(columns, {})

    def newborn_parent(self, raw: pd.Series) -> pd.Series:
        """What stands after ``Baby boy`` and the like: the mother's or the family name, else null."""
        return mapped(raw, lambda text: self.read(text).parent)

    def compare(self, left: pd.Series, right: pd.Series) -> pd.Series:
        """Level of each aligned pair (by position, answered in the left index); symmetric."""
        one, two, first, second, rows = pair_codes(left, right)
        lefts, rights = ([self.read(v) for v in side.values] + [ReadName(None, "unknown")] for side in (one, two))
        levels = objects([level(lefts[i], rights[j]) for i, j in zip(first.tolist(), second.tolist(), strict=True)])
        return pd.Series(levels[rows], index=left.index, name="name_level")

    def mask(self, raw: pd.Series) -> pd.Series:
        """For display: the initial of each word."""
        return mapped(raw, lambda text: " ".join(word[0] + "***" for word in clean(text).split()) or None)

    def read(self, raw: str) -> ReadName:
        """Read one name."""
        name = clean(raw)
        plain = folded(name)
        if not any(c.isalpha() for c in plain) or plain.strip(" .") in self.options.placeholders:
            return ReadName(None, "unknown")
        for start in sorted(self.options.newborn, key=len, reverse=True):
            if plain == start or plain.startswith((start + " ", start + ",")):
                rest = re.sub(r"^(?:of|to)\b", "", plain[len(start) :].strip(" ,")).strip()
                return ReadName(name, "newborn", family=self._words(rest), parent=rest.title() or None, nicknames=self._words(rest))
        if COMPANY.search(plain):
            return ReadName(name, "company", family=tuple(plain.split()), nicknames=tuple(plain.split()))
        given, family = self._split(plain)
        words = tuple(self.options.nicknames.get(w, w) for w in given + family)
        kind = "masked" if STANDS_IN.search(plain) else "partial" if len(given + family) == 1 else "full"
        return ReadName(name, kind, given, family, nicknames=words)

    def _split(self, plain: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Given and family names. A comma puts the family first; without one the order is the country's."""
        head, comma, tail = plain.partition(",")
        if comma and self._words(tail):
            return self._words(tail), self._words(head)
        words = self._words(head)
        cut = next((i for i, word in enumerate(words) if i and word in self.options.maiden), None)
        if cut is not None:
            words = words[:cut] + words[cut + 1 :]
        if self.options.order == "family_first":
            return words[1:], words[:1]
        last = cut - 1 if cut else max(len(words) - 1, 0)
        family = tuple(part for word in words[last:] for part in word.split("-") if part)
        return words[:last], family

    def _words(self, text: str) -> tuple[str, ...]:
        """Words without titles, suffixes and brackets; particles and apostrophes joined to the word after them."""
        found: list[str] = []
        pending = ""
        parts = [p for p in re.split(r"[\s.,()\"/;]+", text.replace("'", "")) if p]
        for place, part in enumerate(parts):
            if (place == 0 and part in self.options.titles) or (place and part in self.options.suffixes):
                continue
            if part in self.options.particles and place < len(parts) - 1:
                pending += part
            else:
                found.append(pending + part)
                pending = ""
        return tuple(found)


def clean(raw: str) -> str:
    """A name as written: NFC, one space, nothing invisible."""
    return " ".join(HIDDEN.sub("", unicodedata.normalize("NFC", raw)).split())


def folded(name: str) -> str:
    """Small letters without accents."""
    text = unicodedata.normalize("NFKD", name.lower().translate(LETTERS))
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).split())


def fold(name: ReadName) -> str | None:
    """Key of the first given and the family names."""
    return " ".join((*name.given[:1], *name.family)).upper() or None


def sound(name: ReadName) -> str | None:
    """Metaphone of the first given and the family names in alphabetic order."""
    words = name.nicknames[:1] + name.nicknames[len(name.given) :] if name.given else name.nicknames
    return " ".join(sorted(metaphone(w) for w in words if len(w) > 1)) or None


def metaphone(word: str) -> str:
    """Metaphone of one word; the word itself when it has no sound (digits, other scripts)."""
    return jellyfish.metaphone(word) or word.upper()


def level(one: ReadName, two: ReadName) -> str:
    """Level of two names, the strongest that holds."""
    if one.name is None or two.name is None:
        return "missing"
    if one.name == two.name:
        return "same"
    if "newborn" in (one.kind, two.kind):
        return "missing" if one.kind != two.kind else "partial" if set(one.family) & set(two.family) else "different"
    return next((name for name, test in TESTS if test(one, two)), "different")


def _variant(one: ReadName, two: ReadName) -> bool:
    return bool(one.full_words) and sorted(one.full_words) == sorted(two.full_words) and _initials_agree(one, two)


def _homophone(one: ReadName, two: ReadName) -> bool:
    sounds = [sorted(map(metaphone, name.full_words)) for name in (one, two)]
    return bool(sounds[0]) and sounds[0] == sounds[1] and _initials_agree(one, two)


def _one_character(one: ReadName, two: ReadName) -> bool:
    """One letter exchanged, left out, doubled or swapped, in one of the same words; or another middle initial."""
    left, right = sorted(one.full_words), sorted(two.full_words)
    if not left:
        return False
    if not _initials_agree(one, two):
        return left == right
    joined = OSA.distance("".join(left), "".join(right), score_cutoff=1) == 1 and len("".join(left)) > 3
    unlike = [(a, b) for a, b in _paired(left, right) if a != b] if len(left) == len(right) else []
    return joined or (len(unlike) == 1 and min(map(len, unlike[0])) > 2 and OSA.distance(*unlike[0], score_cutoff=1) == 1)


def _paired(left: list[str], right: list[str]) -> list[tuple[str, str]]:
    common = set(left) & set(right)
    return list(zip([w for w in left if w not in common], [w for w in right if w not in common], strict=False))


def _initials_agree(one: ReadName, two: ReadName) -> bool:
    left, right = ({w for w in name.words if len(w) == 1} for name in (one, two))
    return left == right or not left or not right


def _initial_for_name(one: ReadName, two: ReadName) -> bool:
    """The same family name, and given names of which one is the other's initial or a stand-in."""
    if not set(one.family) & set(two.family) or not one.given or not two.given:
        return False
    a, b = one.nicknames[0], two.nicknames[0]
    return bool(STANDS_IN.search(a + b)) or (min(len(a), len(b)) == 1 and a[0] == b[0])


def _partial(one: ReadName, two: ReadName) -> bool:
    """One name's words are among the other's: a middle name, a maiden or double surname, a family name alone."""
    left, right = set(one.full_words), set(two.full_words)
    return bool(left) and bool(right) and (left <= right or right <= left) and _initials_agree(one, two)


TESTS: tuple[tuple[str, Callable[[ReadName, ReadName], bool]], ...] = (
    ("variant", _variant),
    ("homophone", _homophone),
    ("one_character", _one_character),
    ("rare_substitute", _initial_for_name),
    ("partial", _partial),
)
"""Level -> test, in the order in which they are tried."""
