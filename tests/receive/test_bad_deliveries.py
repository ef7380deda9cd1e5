"""Everything that can be wrong with a delivery: one clear code, nothing lost, nothing else stopped."""

import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.receive.deliver import Desk, content, put, text

DAY = date(2026, 1, 31)
NAME, NUMBER = "欧阳金丝雀", "880105199001011234"
ROWS = [{"人员编号": f"P{i:04}", "姓名": NAME, "公民身份号码": NUMBER, "性别": "男"} for i in range(20)]
Fault = Callable[[Path], None]


def manifest(folder: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change a manifest in place."""
    path = folder / "manifest.json"
    tree = json.loads(path.read_text())
    change(tree)
    path.write_text(json.dumps(tree))


def rewritten(folder: Path, data: bytes, rows: int = 20) -> None:
    """Other bytes with a manifest that fits them."""
    put(folder.parents[1], "police", DAY, 1, "full", {"hukou.csv": (data, rows)})


def as_text(folder: Path) -> str:
    """The data file, decoded."""
    return (folder / "hukou.csv").read_bytes().decode("gb18030")


def outward_link(folder: Path) -> None:
    """The data file as a link out of the folder."""
    secret = folder.parents[2] / "secret.csv"
    (folder / "hukou.csv").rename(secret)
    (folder / "hukou.csv").symlink_to(secret)


FAULTS: dict[str, tuple[str, Fault]] = {
    "manifest is no JSON": ("RC-D02", lambda f: (f / "manifest.json").write_text("{") and None),
    "manifest lacks a field": ("RC-D02", lambda f: manifest(f, lambda m: m.pop("sequence") and None)),
    "unknown contract": ("RC-D03", lambda f: manifest(f, lambda m: m.update(contract=2))),
    "another source's manifest": ("RC-D04", lambda f: manifest(f, lambda m: m.update(source="birth"))),
    "another day's manifest": ("RC-D04", lambda f: manifest(f, lambda m: m.update(business_date="2026-01-30"))),
    "path traversal": ("RC-D05", lambda f: manifest(f, lambda m: m["files"][0].update(name="../../secret.csv"))),
    "absolute path": ("RC-D05", lambda f: manifest(f, lambda m: m["files"][0].update(name="/etc/passwd"))),
    "link out of the folder": ("RC-D05", outward_link),
    "a file twice": ("RC-D05", lambda f: manifest(f, lambda m: m["files"].append(m["files"][0]))),
    "not a file of the source": ("RC-D06", lambda f: manifest(f, lambda m: m["files"][0].update(name="notes.csv"))),
    "file missing": ("RC-D07", lambda f: (f / "hukou.csv").unlink()),
    "half a file": ("RC-D08", lambda f: (f / "hukou.csv").write_bytes((f / "hukou.csv").read_bytes()[:500]) and None),
    "wrong hash": ("RC-D09", lambda f: manifest(f, lambda m: m["files"][0].update(sha256="0" * 64))),
    "half a file with a manifest of its own": ("RC-D10", lambda f: rewritten(f, as_text(f)[:-700].encode("gb18030"))),
    "rows miscounted": ("RC-D10", lambda f: rewritten(f, (f / "hukou.csv").read_bytes(), 21)),
    "UTF-16": ("RC-D11", lambda f: rewritten(f, as_text(f).encode("utf-16"))),
    "cut inside a character": ("RC-D11", lambda f: rewritten(f, as_text(f).encode("gb18030") + "户".encode("gb18030")[:1])),
    "missing column": ("RC-D12", lambda f: rewritten(f, as_text(f).replace("公民身份号码", "", 1).encode("gb18030"))),
    "renamed column": ("RC-D12", lambda f: rewritten(f, as_text(f).replace("公民身份号码", "号码", 1).encode("gb18030"))),
    "no header line": ("RC-D12", lambda f: rewritten(f, as_text(f).split("\r\n", 1)[1].encode("gb18030"), 19)),
    "column twice": ("RC-D13", lambda f: rewritten(f, as_text(f).replace("\r\n", ",XM\r\n").encode("gb18030"))),
    "empty file": ("RC-D14", lambda f: rewritten(f, b"", 0)),
    "row longer than can be read": ("RC-D17", lambda f: rewritten(f, (as_text(f) + '"' + "长" * 3_000_000).encode("gb18030"), 21)),
    "mode not agreed": ("RC-D18", lambda f: manifest(f, lambda m: m.update(mode="events"))),
}  # fmt: skip


@pytest.mark.parametrize(("code", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_delivery_that_cannot_be_taken(tmp_path: Path, code: str, fault: Fault) -> None:
    desk = Desk(tmp_path)
    fault(desk.deliver("police", DAY, 1, "full", ROWS))
    night = desk.receive("police", DAY)
    delivery = night.delivery()
    assert (delivery["status"], delivery["code"]) == ("refused", code)
    detail = str(delivery["detail"])
    assert detail.startswith(code), "the line names its code"
    assert "police/20260131" in detail, "the line names the place"
    assert NAME not in detail
    assert NUMBER not in detail
    assert night.count("raw") == night.count("rejects") == 0


def test_bytes_of_a_refused_delivery_are_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    folder = desk.deliver("police", DAY, 1, "full", ROWS)
    rewritten(folder, as_text(folder).replace("公民身份号码", "号码", 1).encode("gb18030"))
    desk.receive("police", DAY)
    listed = json.loads((folder / "manifest.json").read_text())["files"][0]
    kept = tmp_path / "landing" / listed["sha256"][:2] / listed["sha256"]
    assert kept.read_bytes() == (folder / "hukou.csv").read_bytes()
    assert not list((tmp_path / "landing" / "incoming").iterdir()), "no half copy stays behind"


def test_other_encoding_than_declared_says_which(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    folder = desk.deliver("police", DAY, 1, "full", ROWS)
    rewritten(folder, as_text(folder).encode("utf-8"))
    delivery = desk.receive("police", DAY).delivery()
    assert delivery["code"] in {"RC-D11", "RC-D12"}
    assert "looks like utf-8" in str(delivery["detail"])


def test_without_a_manifest_it_waits(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (desk.deliver("police", DAY, 1, "full", ROWS) / "manifest.json").unlink()
    delivery = desk.receive("police", DAY).delivery()
    assert (delivery["status"], delivery["code"]) == ("waiting", "RC-D01")


def test_a_later_day_is_not_looked_at(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("police", date(2026, 2, 1), 1, "full", ROWS)
    assert desk.receive("police", DAY).count("deliveries") == 0


def test_a_folder_of_another_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "inbox" / "police" / "20261345").mkdir(parents=True)
    (tmp_path / "inbox" / "police" / "old").mkdir()
    assert Desk(tmp_path).receive("police", DAY).count("deliveries") == 0


def test_one_bad_delivery_stops_no_other(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (desk.deliver("birth", DAY, 1, "events", [{"出生医学证明编号": "K880000001"}]) / "manifest.json").write_text("[]")
    desk.deliver("birth", date(2026, 1, 30), 1, "events", [{"出生医学证明编号": "K880000002"}])
    night = desk.receive("birth", DAY)
    assert {r["status"] for r in night.rows("deliveries")} == {"refused", "accepted"}
    assert night.count("raw") == 1


HOSTILE = [
    '=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "<script>alert(1)</script>", "'; DROP TABLE obs; --", "{{7*7}}",
    "\u202eevil", 'a "quote"', "two\r\nlines", "a|b",
]  # fmt: skip


def test_hostile_cells_are_data(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("police", DAY, 1, "full", [{"人员编号": f"P{i}", "姓名": cell} for i, cell in enumerate(HOSTILE)])
    night = desk.receive("police", DAY)
    assert [r["姓名"] for r in night.rows("raw")] == HOSTILE


def test_bad_rows_are_rejected_and_counted(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    source = desk.source("police")
    headings = list(source.columns)
    lines = [[f"P{i}", *[""] * (len(headings) - 1)] for i in range(6)]
    lines[1].append("one too many")
    lines[2].pop()
    lines[3][3] = "a\0b"
    lines[4][3] = "长" * 1_000_000
    data = text(headings, lines).encode("gb18030")
    put(desk.inbox, "police", DAY, 1, "full", {"hukou.csv": (data, 6)})
    night = desk.receive("police", DAY)
    assert {(r["row_number"], r["rule"]) for r in night.rows("rejects")} == {(2, "RC-D31"), (3, "RC-D31"), (4, "RC-D32"), (5, "RC-D33")}
    assert [(r["row_number"], r["人员编号"]) for r in night.rows("raw")] == [(1, "P0"), (6, "P5")]
    assert night.delivery()["rows_read"] == 6


def test_an_unknown_column_is_a_warning(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    headings = ["备注 88010519900101", *desk.source("police").columns]
    desk.deliver("police", DAY, 1, "full", ROWS, headings)
    night = desk.receive("police", DAY)
    [line] = night.rows("rejects")
    assert (line["rule"], line["severity"], line["row_number"], line["column"]) == ("RC-D34", "warning", 0, "备注 …")
    assert night.count("raw") == 20


def test_an_unlisted_file_is_a_warning(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (desk.deliver("police", DAY, 1, "full", ROWS) / "readme.txt").write_text("hello")
    assert [r["rule"] for r in desk.receive("police", DAY).rows("rejects")] == ["RC-D35"]


@pytest.mark.parametrize("heading", ["姓 名", "XM", "ｘｍ", " 姓名\t", "\ufeff姓名"])
def test_headings_in_other_spellings_and_orders(tmp_path: Path, heading: str) -> None:
    desk = Desk(tmp_path)
    name, data = content(desk.source("police"), ROWS, tmp_path, list(desk.source("police").columns)[::-1])
    put(desk.inbox, "police", DAY, 1, "full", {name: (data.decode("gb18030").replace(",姓名,", f",{heading},", 1).encode("gb18030"), 20)})
    first = desk.receive("police", DAY).rows("raw")[0]
    assert (first["姓名"], first["人员编号"]) == (NAME, "P0000")


def bomb(path: Path) -> bytes:
    """A small archive that unpacks to 200 MB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 35_000_000)
    return path.read_bytes()


BOOKS: dict[str, tuple[str, Callable[[Path, bytes], bytes]]] = {
    "zip bomb": ("RC-D15", lambda folder, _: bomb(folder / "bomb.zip")),
    "truncated": ("RC-D16", lambda _, book: book[: len(book) // 2]),
    "no workbook": ("RC-D16", lambda _, __: b"not a workbook"),
}


@pytest.mark.parametrize(("code", "broken"), BOOKS.values(), ids=BOOKS)
def test_workbooks_that_cannot_be_taken(tmp_path: Path, code: str, broken: Callable[[Path, bytes], bytes]) -> None:
    desk = Desk(tmp_path)
    name, book = content(desk.source("school"), [{"全国学籍号": "G1", "学校标识码": "1"}], tmp_path)
    put(desk.inbox, "school", DAY, 1, "full", {name: (broken(tmp_path, book), 1)})
    assert desk.receive("school", DAY).delivery()["code"] == code


def test_workbook_and_text_parts_of_one_delivery(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    source = desk.source("school")
    rows = [{"全国学籍号": f"G{i}", "学校标识码": "3001", "姓名": NAME} for i in range(3)]
    _, book = content(source, rows[:2], tmp_path)
    part = text(list(source.columns), [[rows[2].get(h, "") for h in source.columns]], newline="\n").encode()
    put(desk.inbox, "school", DAY, 1, "full", {"enrolment.xlsx": (book, 2), "enrolment_2.csv": (part, 1)})
    night = desk.receive("school", DAY)
    assert [(r["file"], r["row_number"], r["全国学籍号"]) for r in night.rows("raw")] == [
        ("enrolment.xlsx", 1, "G0"),
        ("enrolment.xlsx", 2, "G1"),
        ("enrolment_2.csv", 1, "G2"),
    ]
