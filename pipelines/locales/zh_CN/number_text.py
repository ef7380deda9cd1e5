"""Clean the text of a number cell and say what shape is left. One text at a time; only damaged or unusual cells come here."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from pipelines.locales.distinct import words

LOOK_ALIKES = str.maketrans(dict.fromkeys("xXⅩⅹХхΧχ×*✕✖╳", "X"))
"""Written for the check character X: Roman, Cyrillic, Greek, signs."""
DROPPED = re.compile(r"[\s'’‘`´\"“”,，、\-‐‑‒–—―_/\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x1f\x7f]+")
NOTHING = words("无 不详 未知 不明 暂无 没有 空 缺 缺失 待补 待查 未办理 未填 未填写 无证件 无证 无身份证 无身份证号 无号码 NULL NONE NA NAN #NA")
SEQUENCES = frozenset({"123456789012345678", "123456789012345", "111111111111111111", "12345678"})
SURROGATES = re.compile(r"[\ud800-\udfff]")
SCIENTIFIC = re.compile(r"(\d+(?:\.\d+)?)E\+?(\d{1,2})", re.ASCII)
"""As a spreadsheet shows a large number; a decimal comma is gone by then."""
KEPT = 15
"""Digits that a spreadsheet keeps for sure: division, birth date and the first of the sequence."""
TRAILING_ZERO = re.compile(r"(\d{15}|\d{18})\.0+")
MASKED = re.compile(r"\d{1,14}[X#*]{3,}[\dX]{0,4}")
WHOLE = re.compile(r"\d{17}[\dX]|\d{15}", re.ASCII)
WRAPPED = (
    (re.compile(r"G(\d{17}[\dX])", re.ASCII), "school_prefix"),
    (re.compile(r"(\d{17}[\dX])\d{2}B?\d?", re.ASCII), "disability_card"),
)
"""School numbers and disability cards hold an identity number."""
OTHER_KINDS = (
    (re.compile(r"[A-Z]{3}\d{12}", re.ASCII), "foreigner", "no_checksum"),
    (re.compile(r"[HM]\d{8}(?:\d{2})?|\d{8}", re.ASCII), "travel", "no_checksum"),
    (re.compile(r"(?:[EGDSP]|[A-Z]{2})\d{7,8}", re.ASCII), "passport", "no_checksum"),
    (re.compile(r"[1-9A-HJ-NP-RT-UWXY][1-9]\d{6}[0-9A-HJ-NP-RTUWXY]{10}", re.ASCII), "unknown", "company_code"),
)
"""Foreigners' cards until 2023, travel permits, passports, and the social credit codes of companies (GB 32100)."""


@dataclass(frozen=True)
class Shaped:
    """A cleaned text and what its shape says; ``kind`` is empty when the digits must decide."""

    text: str | None
    kind: str = ""
    reasons: tuple[str, ...] = ()
    valid: bool = False


def shape(raw: str) -> Shaped:
    """Clean one cell: width, spaces, apostrophes, dashes, look-alikes of X; then tell its kind by shape alone."""
    text = unicodedata.normalize("NFKC", SURROGATES.sub("\ufffd", raw)).upper()
    text = unicodedata.normalize("NFKC", DROPPED.sub("", text))
    if MASKED.fullmatch(text):
        return Shaped(text, "damaged", ("masked",))
    if "." in text or "E" in text:
        if whole := TRAILING_ZERO.fullmatch(text):
            text = whole[1]
        elif found := SCIENTIFIC.fullmatch(text):
            return _written_out(text, found[1].replace(".", ""), int(found[2]))
    if not text:
        return Shaped(None, "blank")
    if text in NOTHING or text in SEQUENCES or len(set(text)) == 1:
        return Shaped(None, "placeholder")
    return _by_shape(text.translate(LOOK_ALIKES))


def _written_out(text: str, digits: str, power: int) -> Shaped:
    """A number in scientific notation: with its fifteen digits still there it says division and birth date, and the lost ones are zeros, as
    spreadsheets write them elsewhere. With all its digits it is whole; with fewer than fifteen it says nothing for sure, as the last is rounded.
    """
    if power + 1 in {15, 18} and len(digits) == power + 1:
        return Shaped(digits)
    if power == 17 and KEPT <= len(digits) < 18:
        return Shaped(digits.ljust(18, "0"), "", ("spreadsheet",))
    return Shaped(text, "damaged", ("spreadsheet",))


def _by_shape(text: str) -> Shaped:
    if WHOLE.fullmatch(text):
        return Shaped(text)
    for pattern, reason in WRAPPED:
        if found := pattern.fullmatch(text):
            return Shaped(found[1], "", (reason,))
    for pattern, kind, reason in OTHER_KINDS:
        if pattern.fullmatch(text) and not _like_a_date(text):
            return Shaped(text, kind, (reason,), valid=kind != "unknown")
    digits = sum("0" <= c <= "9" for c in text)
    if digits >= 10 and digits >= len(text) - 2:
        return Shaped(text, "damaged", ("length",) if len(text) != 18 else ("characters",))
    return Shaped(text, "unknown", ("characters",))


def _like_a_date(text: str) -> bool:
    return text.isdigit() and "18500101" <= text <= "20991231" and "01" <= text[4:6] <= "12" and "01" <= text[6:] <= "31"
