"""Take an address apart: province, prefecture, county by any name they ever had, and a key of what follows."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipelines.locales.zh_CN.divisions import division_table

PROVINCE_KINDS = ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")
PREFECTURE_KINDS = ("自治州", "地区", "盟", "市", "州")
HEADINGS = re.compile(r"^(?:市辖区|市辖县|省直辖县级行政区划|自治区直辖县级行政区划|直辖)")
COUNTRY = re.compile(r"^(?:中国)+")
NUMERAL = "〇零一二三四五六七八九十百两"
NUMERALS = frozenset(NUMERAL)
MEASURES = "号楼|号院|号|栋|幢|座|单元|室|层|楼|组|队|弄|户|房|门|排|院|支弄"
COUNTED = re.compile(f"第?([{NUMERAL}]+)(?=(?:{MEASURES})|$|-)")
ROOMS = re.compile(r"(\d+|(?<![A-Z])[A-Z])(?:号楼|栋|幢|座|单元|室|层|楼|户|房|门)")
NOISE = re.compile(r"[\s·,，。;；、'\"“”（）()\[\]【】]+")
HYPHENS = re.compile(r"-{2,}")
KEY_SIGNS = str.maketrans("#—–之", "号---")
DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}


@dataclass(frozen=True)
class Address:
    """An address taken apart; null ``division`` when its head names none, or several."""

    division: str | None
    text: str | None
    key: str | None
    rest: str = ""


@dataclass(frozen=True)
class Gazetteer:
    """Names by scope: provinces, then prefectures and counties under two, four or no digits of code."""

    names: Mapping[str, Mapping[str, str]]
    sizes: Mapping[tuple[str, str], tuple[int, ...]]
    """Lengths of the names of a scope that begin with the same two characters, the longest first."""

    def head(self, scope: str, text: str) -> tuple[str, str] | None:
        """Code of the longest name of a scope that ``text`` begins with, and the rest."""
        for size in self.sizes.get((scope, text[:2]), ()):
            if code := self.names[scope].get(text[:size]):
                return code, text[size:]
        return None


@cache
def gazetteer() -> Gazetteer:
    """All names that divisions ever had. In a scope a name stands for the code in force, else for the last one; nationwide it must be unique."""
    scopes: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    table = division_table()
    ends = table["valid_to"].astype(str).replace("NaT", "9999-12-31")
    for code, name, end in zip(table["code"], table["name"], ends, strict=True):
        for scope, known in _entries(code, name):
            owners[scope, known].add(code[:4] if scope in ("county", "prefecture") else "")
            if end >= scopes[scope].get(known, ("", ""))[0]:
                scopes[scope][known] = (end, code)
    return _indexed({s: {n: code for n, (_, code) in names.items() if len(owners[s, n]) == 1} for s, names in scopes.items()})


def _indexed(names: Mapping[str, Mapping[str, str]]) -> Gazetteer:
    sizes: dict[tuple[str, str], set[int]] = defaultdict(set)
    for scope, known in names.items():
        for name in (n for n in known if len(n) > 1):
            sizes[scope, name[:2]].add(len(name))
    return Gazetteer(names, {start: tuple(sorted(found, reverse=True)) for start, found in sizes.items()})


def _entries(code: str, name: str) -> list[tuple[str, str]]:
    if code.endswith("0000"):
        return [("province", known) for known in {name, short(name, PROVINCE_KINDS)}]
    if code.endswith("00"):
        forms = {name, short(name, PREFECTURE_KINDS), short(name, PREFECTURE_KINDS) + "州" if name.endswith("州") else name}
        return [(f"prefecture{code[:2]}", known) for known in forms] + [("prefecture", known) for known in forms if known[-1] in "市州盟区"]
    return [(f"county{code[:4]}", name), (f"county{code[:2]}", name), ("county", name)]


def short(name: str, kinds: tuple[str, ...]) -> str:
    """A name without its kind (云州省 to 云州), if two characters are left."""
    for kind in kinds:
        if name.endswith(kind) and len(name) - len(kind) >= 2:
            return name[: -len(kind)]
    return name


def parse_address(raw: str, home: str = "") -> Address:
    """Take one address apart; ``home`` (two digits) is the province of addresses that name none."""
    text = COUNTRY.sub("", clean_address(raw))
    if not text or text in ("无", "不详", "未知", "不明", "-", "/"):
        return Address(None, None, None)
    book = gazetteer()
    code, rest = book.head("province", text) or (None, text)
    rest = HEADINGS.sub("", rest)
    province = code[:2] if code else home
    found = book.head(f"prefecture{province}", rest) if province else None
    found = found if found or code else book.head("prefecture", rest)
    if found:
        code, rest = found[0], HEADINGS.sub("", found[1])
    scopes = [f"county{code[:4]}", f"county{code[:2]}"] if code else [f"county{home}" if home else "", "county"]
    for scope in scopes:
        if county := book.head(scope, rest):
            code, rest = county
            break
    return Address(code, text, address_key(rest) or None, rest)


def clean_address(raw: str) -> str:
    """Compatibility forms and white space made right; cleaning twice changes nothing."""
    return unicodedata.normalize("NFKC", "".join(unicodedata.normalize("NFKC", raw).split()))


def address_key(tail: str) -> str:
    """Key of a locality and house: Chinese numerals of houses and rooms as digits, 栋, 单元 and 室 as hyphens, no punctuation."""
    text = NOISE.sub("", tail).upper().translate(KEY_SIGNS)
    if not NUMERALS.isdisjoint(text):
        text = COUNTED.sub(lambda found: str(number(found[1])), text)
    return HYPHENS.sub("-", ROOMS.sub(lambda found: f"{found[1]}-", text)).strip("-")


def number(text: str) -> int | str:
    """Chinese numerals to a number: 二〇一 201, 十二 12, 一百零五 105; the text itself if it is none."""
    if not set(text) & set("十百"):
        return "".join(str(DIGITS[c]) for c in text)
    total, pending = 0, 0
    for character in text:
        if character in DIGITS:
            pending = DIGITS[character]
        else:
            total += (pending or 1) * (100 if character == "百" else 10)
            pending = 0
    return total + pending
