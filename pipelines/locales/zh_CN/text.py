"""Bytes to text: strictly by the declared encoding, and a guess in words when that fails."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.errors import DeliveryError
from pipelines.locales.base import Detection
from pipelines.locales.zh_CN.characters import LEGACY_PRIVATE

GB_NAMES = frozenset({"gb2312", "gbk", "gb18030", "cp936", "ms936", "936", "euccn", "gb18030-2000", "gb18030-2005", "gb18030-2022"})
LOST = re.compile("锟斤拷|烫烫|屯屯屯|\ufffd|ï¿½")
"""U+FFFD itself, written as UTF-8 and read as GBK or Latin-1; uninitialised memory read as GBK."""
TWICE = (("latin-1", "utf-8"), ("latin-1", "gb18030"), ("cp1252", "utf-8"), ("gb18030", "utf-8"))
"""Read as the first, though it was the second, and saved."""
WESTERN = {"cp1252": "latin-1"}
"""Windows' own Latin-1."""
SHORTEST = 10
"""Characters above ASCII that it takes to judge how Chinese a text looks."""
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (b"\x84\x31\x95\x33", "gb18030"))
COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "省市县区号姓名性别出日期身份证编码户口家庭地址男女汉族王李张刘陈村路街"
)


@dataclass(frozen=True)
class ChineseText:
    """Text of the ``zh_CN`` pack."""

    def decode(self, data: bytes, declared: str, private_use: Mapping[str, str] | None = None) -> str:
        """Decode strictly; every GB encoding is read as GB 18030, which contains the others.

        Args:
            data: a file or a part of one that starts and ends between characters.
            declared: encoding of the source file; ``utf-8`` takes a byte order mark or none.
            private_use: the source's own map for vendor characters: ``U+E123`` or the character itself -> text. Code points that
                the GB 18030 standard has since settled are mapped without it; others stay, and make a name ``masked``.

        Raises:
            DeliveryError: RC-L10, the bytes are not what was declared; RC-L11, there is no such encoding; RC-L12, the text was
            broken before it came here.
        """
        encoding = codec_name(declared)
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            guess = self.detect(data)
            why = f"byte {error.start} can't be read; the file is probably {guess.encoding}: {guess.why}"
            raise DeliveryError("RC-L10", f"not {declared}", why=why, todo="Correct 'encoding' of the source or ask for the file again") from None
        if broken := mojibake(text):
            todo = "Ask for the file again, exported once and not converted"
            raise DeliveryError("RC-L12", f"text is broken although it reads as {declared}", why=broken, todo=todo)
        table: dict[int, str | int] = dict(LEGACY_PRIVATE)
        table.update({_code_point(key): value for key, value in (private_use or {}).items()})
        return text.removeprefix("\ufeff").translate(table)

    def detect(self, data: bytes) -> Detection:
        """Guess an encoding for a message: byte order mark, then strict UTF-8, then GB 18030, Big5 and UTF-16 by how Chinese the text looks."""
        for mark, encoding in MARKS:
            if data.startswith(mark):
                return Detection(encoding, "it starts with a byte order mark")
        for encoding, why in (("ascii", "all bytes are below 128"), ("utf-8", "every byte sequence is UTF-8, which is no accident")):
            if (text := _try(data, encoding)) is not None:
                broken = mojibake(text)
                return Detection(encoding, broken or why, mojibake=bool(broken))
        guesses = [(_chinese(text), e) for e in ("gb18030", "big5", "utf-16-le", "utf-16-be") if (text := _try(data, e)) is not None]
        if not guesses:
            return Detection("unknown", "no known Chinese encoding reads it: cut off, compressed, or binary")
        share, encoding = max(guesses, key=lambda guess: guess[0])
        return Detection(encoding, f"read so, {share:.0%} of its ideographs are common ones")


def codec_name(declared: str) -> str:
    """Python's name of a declared encoding; GB names are all GB 18030, UTF-8 takes a mark."""
    plain = declared.strip().lower().replace("_", "-")
    if plain.replace("-", "") in GB_NAMES or plain in GB_NAMES:
        return "gb18030"
    try:
        found = codecs.lookup(plain).name
    except LookupError:
        raise DeliveryError("RC-L11", f"no encoding '{declared}'", todo="Correct 'encoding' of the source (gb18030, utf-8, utf-16)") from None
    return "utf-8-sig" if found == "utf-8" else found


def mojibake(text: str) -> str:
    """Say how a text was broken before it came here, or nothing. A few lost characters in a long text are a matter for its rows."""
    sample = text[:100_000]
    now = _chinese(sample)
    if now <= 0.3 and sum(c > "\x7f" for c in sample) >= SHORTEST:
        wrong, right = max(TWICE, key=lambda codecs: _chinese(_again(sample, *codecs)))
        if _chinese(_again(sample, wrong, right)) > max(0.3, 3 * now):
            return f"{right} text was read as {WESTERN.get(wrong, wrong)} and saved"
    if len(LOST.findall(sample)) * 1000 > len(sample):
        return "it holds U+FFFD, 锟斤拷 or the like: characters were lost in an earlier conversion"
    return ""


def _again(text: str, back: str, right: str) -> str:
    return text.encode(back, errors="ignore").decode(right, errors="ignore")


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _chinese(text: str) -> float:
    """Share of the characters above ASCII that are everyday ideographs."""
    beyond = [c for c in text[:100_000] if c > "\x7f"]
    return sum(c in COMMON for c in beyond) / max(len(beyond), 1)


def _code_point(key: str) -> int:
    return int(key[2:], 16) if key.upper().startswith("U+") else ord(key)
