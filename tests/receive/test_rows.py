"""Reading delimited text: what goes in comes out, whatever the cells, the blocks and the line ends."""

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import ConfigError, DeliveryError
from pipelines.receive import delimited, fixed_width
from pipelines.receive.rows import Count
from pipelines.settings import SourceConfig
from tests.receive.deliver import deployment

PENSION = deployment().sources["pension"]
HEADINGS = list(PENSION.columns)
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff", exclude_categories=("Cs",)), max_size=12)


def narrow(source: SourceConfig, headings: Sequence[str], encoding: str = "gb18030") -> SourceConfig:
    """The source with these columns only."""
    form = source.form.model_copy(update={"encoding": encoding, "delimiter": ",", "footer": ("合计",)})
    return source.model_copy(update={"columns": {h: source.columns[h] for h in headings}, "form": form, "drop": ()})


def read(data: bytes, source: SourceConfig) -> tuple[list[list[str | None]], Count]:
    """Rows with their numbers, and the reader's count."""
    count, rows = Count(), []
    for block in delimited.read(delimited.Decoded(io.BytesIO(data), source.form, "here"), source, "here").blocks:
        count.add(block)
        rows += [list(line.values()) for line in block.batch.to_pylist()]
    return rows, count


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=8), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["gb18030", "utf-8"]))
def test_what_is_written_is_read(rows: list[list[str]], newline: str, encoding: str) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows([HEADINGS[:3], *rows])
    found, count = read(out.getvalue().encode(encoding), narrow(PENSION, HEADINGS[:3], encoding))
    kept = [row for row in rows if row[0].strip() != "合计"]
    assert [line[:3] for line in found] == [[cell or None for cell in row] for row in kept]
    assert count.rows == len(kept)


@pytest.mark.parametrize("blocks", [1 << 10, 8 << 20])
def test_row_numbers_skip_the_unreadable(blocks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK", blocks)
    lines = [f"{i},b" if i % 7 else f"{i},b,too many" for i in range(1, 2001)]
    data = "\n".join([",".join(HEADINGS[:2]), *lines]).encode("gb18030")
    found, count = read(data, narrow(PENSION, HEADINGS[:2]))
    assert [(line[0], line[-1]) for line in found] == [(str(i), i) for i in range(1, 2001) if i % 7]
    assert sorted(r.row_number for r in count.rejects) == list(range(7, 2001, 7))
    assert count.rows + count.rejected == 2000


READABLE = {
    "byte-order mark": "\ufeffA,B\n1,2\n",
    "no last line end": "A,B\n1,2",
    "carriage returns": "A,B\r\n1,2\r\n",
    "empty lines": "A,B\n\n1,2\n\n\n",
    "footer": "A,B\n1,2\n合计,1\n",
    "ragged footer": "A,B\n1,2\n合计\n",
    "quoted footer": 'A,B\n1,2\n"合计",1\n',
    "quoted header": '"A","B"\n"1","2"\n',
}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("text", READABLE.values(), ids=READABLE)
def test_forms_of_a_file(text: str, encoding: str) -> None:
    data = text.replace("A", HEADINGS[0], 1).replace("B", HEADINGS[1], 1).encode(encoding)
    found, count = read(data, narrow(PENSION, HEADINGS[:2], encoding))
    assert found == [["1", "2", 1]]
    assert (count.rows, count.rejected) == (1, 0)


def test_header_alone() -> None:
    found, count = read(",".join(HEADINGS[:2]).encode("gb18030"), narrow(PENSION, HEADINGS[:2]))
    assert (found, count.rows) == ([], 0)


def test_private_use_characters_by_the_source_file() -> None:
    source = narrow(PENSION, HEADINGS[:2])
    source = source.model_copy(update={"form": source.form.model_copy(update={"private_use": {"\ue000": "㛃"}})})
    found, _ = read(f"{HEADINGS[0]},{HEADINGS[1]}\n1,\ue000\n".encode("gb18030"), source)
    assert found[0][1] == "㛃"


def fixed(data: bytes, widths: tuple[int, ...]) -> tuple[list[list[str | None]], Count]:
    """Rows of a fixed-width file of two columns."""
    source = narrow(PENSION, HEADINGS[:2])
    source = source.model_copy(update={"form": source.form.model_copy(update={"kind": "fixed_width", "widths": widths, "title_rows": 1})})
    count, rows = Count(), []
    for block in fixed_width.read(io.BytesIO(data), source, "here").blocks:
        count.add(block)
        rows += [list(line.values()) for line in block.batch.to_pylist()]
    return rows, count


def test_fixed_width() -> None:
    data = "名册\r\nA1  张三  \r\nA2        \r\ntoo short\r\n\r\nA4  欧阳金丝\r\n合计3\r\n".encode("gb18030")
    rows, count = fixed(data, (4, 6))
    assert rows == [["A1", "张三", 1], ["A2", None, 2]]
    assert [(r.row_number, r.code) for r in count.rejects] == [(3, "RC-D31"), (4, "RC-D31")]


def test_fixed_width_cut_inside_a_character() -> None:
    with pytest.raises(DeliveryError, match="RC-D11"):
        fixed("名册\nA1 张三 \n".encode("gb18030"), (4, 4))
    with pytest.raises(ConfigError, match="RC-C24"):
        fixed(b"", (4,))
