"""Bytes to text for the ``generic`` pack."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.errors import DeliveryError
from pipelines.locales.base import Detection

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
BROKEN = ("Ã©", "Ã¨", "Ã¼", "Ã¶", "â€™", "ï¿½", "\ufffd")
"""What UTF-8 looks like after it was read as Latin-1, and what is left of lost characters."""


@dataclass(frozen=True)
class GenericText:
    """Text of the ``generic`` pack."""

    def decode(self, data: bytes, declared: str, private_use: Mapping[str, str] | None = None) -> str:
        """Decode strictly as declared; ``utf-8`` takes a byte order mark or none; ``private_use`` maps characters to text.

        Raises:
            DeliveryError: RC-L10, the bytes are not what was declared; RC-L11, there is no such encoding.
        """
        try:
            name = codecs.lookup(declared.strip()).name
            text = data.decode("utf-8-sig" if name == "utf-8" else name)
        except LookupError:
            raise DeliveryError("RC-L11", f"no encoding '{declared}'", todo="Correct 'encoding' of the source (utf-8, windows-1252)") from None
        except UnicodeDecodeError as error:
            guess = self.detect(data)
            why = f"byte {error.start} can't be read; the file is probably {guess.encoding}: {guess.why}"
            raise DeliveryError("RC-L10", f"not {declared}", why=why, todo="Correct 'encoding' of the source or ask for the file again") from None
        return text.translate({int(k[2:], 16) if k.upper().startswith("U+") else ord(k): v for k, v in (private_use or {}).items()})

    def detect(self, data: bytes) -> Detection:
        """Guess an encoding for a message: byte order mark, strict UTF-8, else Windows-1252, in which almost anything can be read."""
        for mark, encoding in MARKS:
            if data.startswith(mark):
                return Detection(encoding, "it starts with a byte order mark")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return Detection("windows-1252", "it is not UTF-8, and most other files of Latin letters are")
        broken = any(sign in text for sign in BROKEN)
        why = "it is UTF-8, but was read as Latin-1 and saved" if broken else "every byte sequence is UTF-8, which is no accident"
        return Detection("ascii" if text.isascii() else "utf-8", "all bytes are below 128" if text.isascii() else why, mojibake=broken)
