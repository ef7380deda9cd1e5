"""Names of people in China: cleaning, comparison keys, kinds.

Two to four plain ideographs, which most names are, go through tables as one matrix of code points. Everything else (dots, Latin,
stand-ins, newborns, companies, rare length) is read one distinct text at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.locales.base import NAME_LEVELS
from pipelines.locales.distinct import Bools, Objects, blockwise, distinct, lengths, mapped, matrix_texts, objects
from pipelines.locales.zh_CN import characters as tables
from pipelines.locales.zh_CN.name_levels import compare_names
from pipelines.locales.zh_CN.name_text import NOTHING, ReadName, clean, read, readings_at, tokens
from pipelines.locales.zh_CN.pinyin import regional

Columns = dict[str, npt.NDArray[Any]]
LONGEST_PLAIN = 4
MOST_SOUNDS = 8
PAIRS_SEEN_CLOSELY = ("先生", "女士", "小姐", "同志", "老师", "师傅", "太太", "公司", "集团", "银行", "学校", "小学", "中学", "大学", "学院",
                      "医院", "政府", "中心", "商店", "超市", "酒店", "饭店", "宾馆", "村委", "居委", "支队", "大队", "总站", "车站", "电站",
                      "泵站", "教会", "待定", "缺失", "没有", "暂无", "佚名")  # fmt: skip
LAST_SEEN_CLOSELY = "厂寺部所社处局室园会组"


@dataclass(frozen=True)
class ChineseNames:
    """Names of the ``zh_CN`` pack."""

    levels: tuple[str, ...] = NAME_LEVELS

    def standardise(self, raw: pd.Series) -> pd.DataFrame:
        """Clean names and make their keys.

        Returns:
            name: as written, cleaned (width, spaces, one middle dot U+00B7); characters are never exchanged; null when the cell
            is blank or says 不详 and the like. name_fold: key with simplified characters, usual glyphs, no dots or spaces, Latin
            in capitals. name_sound: toneless syllables joined by spaces, the surname read as a surname; ``*`` for a stand-in.
            name_kind: full, newborn (某某之子), masked (stands-ins or Latin among ideographs), partial (one character, a title,
            某氏), latin, company or unknown.
        """
        found = distinct(raw)
        return found.frame(blockwise(found.values, _standardise), {"name_kind": "unknown"})

    def keys(self, raw: pd.Series) -> pd.DataFrame:
        """Make further blocking keys.

        Returns:
            surname: candidates joined by ``|``, the likelier first (欧阳|欧 for 欧阳娜). given: what follows each, in the same
            order. sounds: every reading of the whole name, sorted, joined by ``|``, at most eight. sound_loose: ``name_sound``
            with the sounds merged that dialects merge. Null for companies and cells that say nothing.
        """
        found = distinct(raw)
        return found.frame(blockwise(found.values, _keys), {})

    def newborn_parent(self, raw: pd.Series) -> pd.Series:
        """The parent's name or surname inside 某某之子, else null."""
        return mapped(raw, lambda text: read(text).parent)

    def compare(self, left: pd.Series, right: pd.Series) -> pd.Series:
        """Level of each aligned pair of names; see :mod:`name_levels`."""
        return compare_names(left, right, self.standardise)

    def mask(self, raw: pd.Series) -> pd.Series:
        """For display: surname and last character of a name (张*三), the surname alone of two characters, compound surnames whole."""
        return mapped(raw, _mask)


def _standardise(values: Objects) -> Columns:
    name, fold, sound = values.copy(), values.copy(), np.full(len(values), None, dtype=object)
    kind = np.full(len(values), "full", dtype=object)
    sizes = lengths(values)
    plain = np.zeros(len(values), dtype=np.bool_)
    for size in range(2, LONGEST_PLAIN + 1):
        rows = np.flatnonzero(sizes == size)
        points = code_points(values[rows], size)
        good = _plain(points)
        rows, points = rows[good], points[good]
        plain[rows] = True
        fold[rows] = _folded(points, values[rows])
        sound[rows] = _sounds(points)
    _read_rest([name, fold, sound, kind], np.flatnonzero(~plain))
    return {"name": name, "name_fold": fold, "name_sound": sound, "name_kind": kind}


def _read_rest(columns: list[Objects], rows: npt.NDArray[np.int64]) -> None:
    results = [read(text) for text in columns[0][rows]]
    for column, field in zip(columns, ("name", "fold", "sound", "kind"), strict=True):
        column[rows] = objects([getattr(result, field) for result in results])


def code_points(values: Objects, size: int) -> npt.NDArray[np.uint32]:
    """Texts of one length as rows of code points."""
    flat = "".join(values).encode("utf-32-le", errors="surrogatepass") if len(values) else b""
    return np.frombuffer(flat, dtype=np.uint32).reshape(len(values), size)


def _plain(points: npt.NDArray[np.uint32]) -> Bools:
    """Rows of ideographs that are surely a name and nothing else."""
    good: Bools = (tables.characters().kind[points] == tables.PLAIN).all(axis=1)
    last = points[:, -2].astype(np.int64) << 21 | points[:, -1]
    closely = [ord(pair[0]) << 21 | ord(pair[1]) for pair in PAIRS_SEEN_CLOSELY]
    good &= ~np.isin(last, closely)
    good &= ~np.isin(points[:, -1], [ord(c) for c in LAST_SEEN_CLOSELY])
    return good


def _folded(points: npt.NDArray[np.uint32], values: Objects) -> Objects:
    keys = tables.characters().fold[points]
    changed = (keys != points).any(axis=1)
    folded = values.copy()
    size = points.shape[1]
    text = np.ascontiguousarray(keys[changed]).view(f"U{size}").ravel().astype(object)
    folded[changed] = text
    return folded


def _sounds(points: npt.NDArray[np.uint32]) -> Objects:
    """Readings as texts: the first character read as a surname, a compound surname as a whole."""
    table = tables.characters()
    spoken = table.sound[points]
    keys = table.fold[points[:, :2]]
    spoken[:, 0] = table.surname_sound[keys[:, 0]]
    pair = keys[:, 0].astype(np.int64) << 21 | keys[:, 1]
    place = {syllable: number for number, syllable in enumerate(table.syllables)}
    compounds = {s: tuple(place[r] for r in (readings[0].split() if readings else map(_first, s))) for s, readings in _compounds()}
    codes = np.array([ord(s[0]) << 21 | ord(s[1]) for s in compounds], dtype=np.int64)
    order = np.argsort(codes)
    at = np.searchsorted(codes[order], pair).clip(max=len(codes) - 1)
    hit = codes[order][at] == pair
    spoken[hit, :2] = np.array(list(compounds.values()), dtype=np.int16)[order][at[hit]]
    matrix = table.syllable_bytes[spoken].reshape(len(points), 8 * points.shape[1])
    matrix[:, 0] = 0
    return matrix_texts(matrix)


def _compounds() -> list[tuple[str, tuple[str, ...]]]:
    return [(surname, found) for surname, found in tables.surname_readings().items() if len(surname) == 2]


def _first(character: str) -> str:
    return tables.readings(character)[0]


def surname_candidates(key: str) -> list[str]:
    """Surnames that a folded name of ideographs can begin with, the likelier first; a name of parts, or of one character, has none."""
    if len(key) < 2:
        return []
    both = key[:2] in tables.compound_surnames()
    return [key[:2], key[:1]] if both and len(key) > 2 else [key[:1], key[:2]] if both else [key[:1]]


def _keys(values: Objects) -> Columns:
    results = [_key(read(text)) for text in values]
    return {n: objects([r[i] for r in results]) for i, n in enumerate(("surname", "given", "sounds", "sound_loose"))}


def _key(name: ReadName) -> tuple[str | None, str | None, str | None, str | None]:
    if name.name is None or name.fold is None or name.sound is None or name.kind == "company":
        return None, None, None, None
    split = name.kind in ("full", "partial", "masked") and "·" not in name.name
    surnames = surname_candidates(name.fold) if split else []
    given = [name.fold[len(surname) :] for surname in surnames]
    loose = " ".join(map(regional, name.sound.split()))
    return "|".join(surnames) or None, "|".join(given) or None, _all_sounds(name), loose


def _all_sounds(name: ReadName) -> str:
    assert name.name is not None
    assert name.sound is not None
    likely = name.sound.split()
    parts = tokens(name.name)
    if len(parts) != len(likely):
        return name.sound
    choices = [readings_at(part, place) or (first,) for place, (part, first) in enumerate(zip(parts, likely, strict=True))]
    choices = [tuple(dict.fromkeys((first, *more))) for first, more in zip(likely, choices, strict=True)]
    return "|".join(sorted({" ".join(spoken) for spoken in islice(product(*choices), MOST_SOUNDS)}))


def _mask(raw: str) -> str | None:
    name = clean(raw)
    if not name or name in NOTHING:
        return None
    if not tables.is_han(name[0]) or "·" in name:
        return name[0] + "*" * 3
    start = 2 if name[:2] in tables.compound_surnames() and len(name) > 2 else 1
    rest = name[start:]
    return name[:start] + ("*" * len(rest) if len(rest) < 2 else "*" * (len(rest) - 1) + rest[-1])
