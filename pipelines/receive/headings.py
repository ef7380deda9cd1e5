"""Which delivered column is which contract column: by its heading, an alias, never by position or guess."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.errors import DeliveryError
from pipelines.settings import SourceConfig

BLANK = re.compile(r"[\s\ufeff\u200b]+")
DIGITS = re.compile(r"\d{4,}")


@dataclass(frozen=True)
class Headings:
    """``positions``: contract heading -> index of the delivered column. ``extra``: delivered columns nobody asked for."""

    positions: dict[str, int]
    extra: tuple[str, ...]


def folded(heading: str) -> str:
    """``姓 名`` and ``ＸＭ`` as ``姓名`` and ``xm``: compatibility forms folded, white space taken out, lower case."""
    return BLANK.sub("", unicodedata.normalize("NFKC", heading)).casefold()


def wanted(source: SourceConfig) -> tuple[str, ...]:
    """Headings of ``raw`` in order: the contract's columns, then those that end at the gate."""
    return (*source.columns, *(h for h in source.drop if h not in source.columns))


def match(delivered: Sequence[str], source: SourceConfig, where: str) -> Headings:
    """Match a header line.

    Raises:
        DeliveryError: RC-D12 names the contract columns that are missing; RC-D13 those that come twice.
    """
    names = {folded(h): h for h in wanted(source)}
    names |= {folded(alias): heading for heading, column in source.columns.items() for alias in column.aliases}
    positions: dict[str, int] = {}
    extra, twice = [], []
    for index, text in enumerate(delivered):
        heading = names.get(folded(text))
        if heading is None:
            extra.append(_harmless(text, index))
        elif heading in positions:
            twice.append(heading)
        else:
            positions[heading] = index
    missing = [h for h in source.columns if h not in positions]
    if missing:
        raise DeliveryError(
            "RC-D12",
            f"column {', '.join(missing)} is missing",
            where=where,
            why=f"{len(delivered)} columns were delivered",
            todo=f"Deliver it, or add its new heading under 'aliases' in sources/{source.source}.yml",
        )
    if twice:
        raise DeliveryError("RC-D13", f"column {', '.join(twice)} comes twice", where=where, todo="Deliver each column once")
    return Headings(positions, tuple(extra))


def _harmless(text: str, index: int) -> str:
    """An unknown heading as it may be shown: short, on one line, long digit runs masked."""
    shown = DIGITS.sub("…", "".join(c for c in text if c.isprintable()))[:24]
    return shown or f"column {index + 1}"
