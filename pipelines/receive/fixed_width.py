"""Fixed-width text: columns by their width in bytes of the declared encoding, in the order of the source file, without a header line."""

from collections.abc import Iterator
from itertools import accumulate, islice, pairwise
from typing import IO

import numpy as np
import pyarrow as pa

from pipelines.errors import ConfigError, DeliveryError
from pipelines.receive.delimited import CODECS
from pipelines.receive.headings import wanted
from pipelines.receive.rows import RAGGED, Block, Reading, Reject, block
from pipelines.settings import SourceConfig

LINES_AT_ONCE = 50_000


def read(stream: IO[bytes], source: SourceConfig, where: str) -> Reading:
    """Read lines of the columns' widths. A line of another length becomes a reject; spaces that fill a cell up are taken off.

    Raises:
        ConfigError: RC-C24 ``form.widths`` does not give each column one width.
        DeliveryError: RC-D11 a cell is not in the declared encoding, or is cut inside a character.
    """
    if len(source.form.widths) != len(source.columns):
        raise ConfigError("RC-C24", f"{len(source.form.widths)} widths for {len(source.columns)} columns", where=f"sources/{source.source}.yml")
    return Reading((), _blocks(stream, source, where))


def _blocks(stream: IO[bytes], source: SourceConfig, where: str) -> Iterator[Block]:
    cuts = [slice(a, b) for a, b in pairwise(accumulate(source.form.widths, initial=0))]
    lines, number = _lines(stream, source), 0
    nothing = [None] * len(source.drop)
    while lot := list(islice(lines, LINES_AT_ONCE)):
        numbers = np.arange(number + 1, number + 1 + len(lot), dtype=np.int64)
        number += len(lot)
        ragged = np.array([len(line) != cuts[-1].stop for line in lot])
        rows = [[*_cells(line, cuts, source, where), *nothing] for line, bad in zip(lot, ragged, strict=True) if not bad]
        columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(len(wanted(source)))]
        made = block(wanted(source), columns, numbers[~ragged], look_for_nul=True)
        yield Block(made.batch, (*(Reject(int(n), RAGGED) for n in numbers[ragged]), *made.rejects))


def _lines(stream: IO[bytes], source: SourceConfig) -> Iterator[bytes]:
    """Data lines: after the title lines, without blank lines and footers."""
    footers = tuple(word.encode(source.form.encoding) for word in source.form.footer)
    for line in islice(stream, source.form.title_rows, None):
        text = line.rstrip(b"\r\n")
        if text.strip() and not (footers and text.lstrip().startswith(footers)):
            yield text


def _cells(line: bytes, cuts: list[slice], source: SourceConfig, where: str) -> list[str | None]:
    codec = CODECS.get(source.form.encoding.lower(), source.form.encoding)
    try:
        return [line[cut].decode(codec).strip(" \u3000") or None for cut in cuts]
    except UnicodeDecodeError:
        raise DeliveryError("RC-D11", f"not {source.form.encoding}, or cut inside a character", where=where, todo="Check form.widths") from None
