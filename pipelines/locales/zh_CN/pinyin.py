"""Cut words of Latin letters into Mandarin syllables, and compare syllables the way careless ears do."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from pipelines.locales.zh_CN.characters import characters

LETTERS = re.compile(r"[a-z]+")
APART = re.compile(r"[^a-z']+|'")
REGIONAL_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("hu", "f"), ("f", "f"))
REGIONAL_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@cache
def syllabary() -> frozenset[str]:
    """Every toneless syllable of two letters or more, and a, e, o; ``ü`` is ``v``."""
    spoken = {s for s in characters().syllables if len(s) > 1 and s not in ("hm", "ng")}
    return frozenset(spoken | {"a", "e", "o", "lv", "nv", "lve", "nve"})


def plain_letters(text: str) -> str:
    """Small letters without accents; ``ü`` and ``yu`` after l or n become ``v`` (passports write LYU, machines LV)."""
    marked = unicodedata.normalize("NFD", text.lower()).replace("u\u0308", "v")
    bare = "".join(c for c in marked if not unicodedata.combining(c))
    return re.sub(r"\b([ln])yu(?!an)", r"\1v", bare)


@lru_cache(maxsize=100_000)
def syllables_of(text: str) -> tuple[str, ...]:
    """Syllables of a Latin word, the fewest that fit; words that are no pinyin stay whole, in small letters."""
    found: list[str] = []
    for word in filter(None, APART.split(plain_letters(text).replace("’", "'"))):
        found.extend(_cut(word) or (word,))
    return tuple(found) or ((text.lower(),) if text.strip() else ())


def _cut(word: str) -> tuple[str, ...]:
    """The shortest cut into syllables, long syllables first; empty when there is none."""
    best: list[tuple[str, ...] | None] = [None] * (len(word) + 1)
    best[len(word)] = ()
    for start in range(len(word) - 1, -1, -1):
        for stop in range(min(start + 6, len(word)), start, -1):
            rest = best[stop]
            if rest is not None and word[start:stop] in syllabary():
                cut = (word[start:stop], *rest)
                if best[start] is None or len(cut) < len(best[start] or ()):
                    best[start] = cut
    return best[0] or ()


@cache
def regional(syllable: str) -> str:
    """One key for syllables that dialects merge: z/zh, c/ch, s/sh, n/l, f/h before u, -n/-ng."""
    for initial, short in REGIONAL_INITIALS:
        if syllable.startswith(initial):
            rest = syllable[len(initial) :]
            syllable = short + (rest if initial != "hu" or rest else "u")
            break
    for final, short in REGIONAL_FINALS:
        if syllable.endswith(final):
            return syllable[: -len(final)] + short
    return syllable
