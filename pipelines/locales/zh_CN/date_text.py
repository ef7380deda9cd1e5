"""Read one date at a time, in any of the forms that Chinese registers carry."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.locales.distinct import words
from pipelines.locales.zh_CN.lunar import lunar_to_solar

FORMS = ("YYYYMMDD", "YYYY-MM-DD", "YYYY年M月D日", "YYYYMM", "YYYY", "YYYYMMDDHHMMSS", "YYMMDD", "EXCEL1900", "EXCEL1904", "REPUBLIC", "LUNAR")
"""Names of the forms. ``YYYY-MM-DD`` takes any separator and one or two digits; a clock time may follow it, ``YYYY年M月D日`` may be in
Chinese numerals. ``YYMMDD`` and ``EXCEL1904`` are read only where the source declares them: they look like other forms."""
USUAL = tuple(form for form in FORMS if form not in ("YYMMDD", "EXCEL1904"))
NOTHING = words("无 不详 未知 不明 暂无 空 缺 长期 NULL NONE NA N/A NAT NAN ? ?? 待补")
PLACEHOLDERS = words("00000000 00000101 00010101 99991231 99990101 99999999 88888888 11111111 19000101 29991231 20991231")
FIRST, LAST = 1850, 2098

NUMERALS = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "元": "1", "两": "2"}
CLOCK = r"(?:[T ]?\d{1,2}[:时点](?:\d{1,2}[:分]?(?:\d{1,2}(?:\.\d+)?秒?)?)?(?:Z|[+]\d{2}:?\d{2})?)?"
SEPARATED = re.compile(r"(\d{4})\s*[-/.、,]\s*(\d{1,2})(?:\s*[-/.、,]\s*(\d{1,2}))?\s*" + CLOCK)
CHINESE = re.compile(r"(\d{4})年(?:(\d{1,2})月(?:份)?(?:(\d{1,2})[日号]?)?)?\s*" + CLOCK)
REPUBLIC = re.compile(r"(?:民国|ROC)(\d{1,3})年?(?:[-/.]?(\d{1,2})月?(?:[-/.]?(\d{1,2})[日号]?)?)?")
LUNAR = re.compile(r"(?:农历|阴历|旧历)?(\d{4})年?(?:农历|阴历|旧历)?(闰)?(正|冬|腊|\d{1,2})月(?:初|大年)?(\d{1,2})日?")
LUNAR_SIGNS = re.compile(r"农历|阴历|旧历|正月|腊月|冬月|闰|月初|月廿")
MONTH = re.compile(r"(\d{4})(\d{2})")
YEAR = re.compile(r"(\d{4})年?")
SHORT = re.compile(r"(\d{2})(\d{2})(\d{2})")
SERIAL = re.compile(r"(\d{4,5})(?:\.\d+)?")
EPOCHS = {"EXCEL1900": date(1899, 12, 30), "EXCEL1904": date(1904, 1, 1)}


@dataclass(frozen=True)
class ReadDate:
    """A date read; the first day stands for a month or a year."""

    date: date | None
    precision: str | None
    kind: str


UNPARSED = ReadDate(None, None, "unparsed")
Reader = Callable[[str], ReadDate | None]


def read(raw: str, forms: tuple[str, ...] = USUAL) -> ReadDate:
    """Read one cell by the first form that fits."""
    text = unicodedata.normalize("NFKC", raw).strip().strip("'‘’\ufeff\u200b").strip()
    bare = re.sub(r"[-/.:\sT年月日]", "", text).upper()
    if not bare:
        return ReadDate(None, None, "blank")
    if bare in NOTHING or bare[:8] in PLACEHOLDERS or set(bare) == {"0"}:
        return ReadDate(None, None, "placeholder")
    if "LUNAR" in forms and LUNAR_SIGNS.search(text):
        return _lunar(chinese_digits(text)) or UNPARSED
    text = chinese_digits(text)
    for form in forms:
        if form in READERS and (found := READERS[form](text)):
            return found
    return UNPARSED


def chinese_digits(text: str) -> str:
    """Chinese numerals to digits: 二〇一〇 to 2010, 十二 to 12, 廿三 to 23."""
    text = re.sub(r"[〇零○一二三四五六七八九元]{2,}", lambda m: "".join(NUMERALS[c] for c in m[0]), text)
    return re.sub(r"[〇零一二两三四五六七八九十廿卅元]+", lambda m: str(_small_number(m[0])), text)


def _small_number(text: str) -> int | str:
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" not in text:
        return "".join(NUMERALS[c] for c in text)
    tens, _, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return text
    return int(NUMERALS.get(tens, "1")) * 10 + int(NUMERALS.get(ones, "0"))


def day(year: str | int, month: str | int | None, of_month: str | int | None) -> ReadDate | None:
    """A date of known or zero parts; null when there is no such day or the year is out of range."""
    y, m, d = int(year), int(month or 0), int(of_month or 0)
    if not FIRST <= y <= LAST or m > 12 or (m == 0 and d > 0):
        return None
    try:
        found = date(y, m or 1, d or 1)
    except ValueError:
        return None
    return ReadDate(found, "day" if d else "month" if m else "year", "ok")


def _by(pattern: re.Pattern[str]) -> Reader:
    def reader(text: str) -> ReadDate | None:
        found = pattern.fullmatch(text)
        year, month, of_month = (*found.groups(), None, None)[:3] if found else ("0", None, None)
        return day(str(year), month, of_month)

    return reader


def _republic(text: str) -> ReadDate | None:
    found = REPUBLIC.fullmatch(text)
    return day(int(found[1]) + 1911, found[2], found[3]) if found else None


def _short(text: str) -> ReadDate | None:
    """The six digits of a fifteen-digit number: always the 1900s."""
    found = SHORT.fullmatch(text)
    return day("19" + found[1], found[2], found[3]) if found else None


def _month(text: str) -> ReadDate | None:
    found = MONTH.fullmatch(text)
    return day(found[1], found[2], None) if found else None


def _serial(epoch: str) -> Reader:
    def reader(text: str) -> ReadDate | None:
        found = SERIAL.fullmatch(text)
        days = int(found[1]) if found else 0
        if not found or (len(found[1]) == 4 and epoch == "EXCEL1900") or days <= 60:
            return None
        counted = EPOCHS[epoch] + timedelta(days=days)
        return ReadDate(counted, "day", "serial") if FIRST <= counted.year <= LAST else None

    return reader


def _lunar(text: str) -> ReadDate | None:
    found = LUNAR.fullmatch(re.sub(r"\s", "", text))
    if not found:
        return None
    month = {"正": 1, "冬": 11, "腊": 12}.get(found[3]) or int(found[3])
    solar = lunar_to_solar(int(found[1]), month, int(found[4]), leap=bool(found[2]))
    return ReadDate(solar, "day", "lunar_text") if solar else None


READERS: dict[str, Reader] = {
    "YYYYMMDD": _by(re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?")),
    "YYYYMMDDHHMMSS": _by(re.compile(r"(\d{4})(\d{2})(\d{2})[T ]?\d{2}:?\d{2}(?::?\d{2})?(?:\.0+)?")),
    "YYYY-MM-DD": _by(SEPARATED),
    "YYYY年M月D日": _by(CHINESE),
    "REPUBLIC": _republic,
    "YYMMDD": _short,
    "YYYYMM": _month,
    "EXCEL1904": _serial("EXCEL1904"),
    "EXCEL1900": _serial("EXCEL1900"),
    "YYYY": _by(YEAR),
}
