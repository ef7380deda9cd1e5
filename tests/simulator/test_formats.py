"""Every delivery is what the extract contract promises, and the surprises are declared."""

import json
from pathlib import Path

import pytest

from tests.simulator.reader import ENCODINGS, HEADINGS, KEYS, Folder, key_of

NIGHTS = ["20260130", "20260131", "20260201"]
BOM = b"\xef\xbb\xbf"


def clean(folder: Folder, source: str, bundle: Path) -> bool:
    dirt = json.loads((bundle / "sources.json").read_text(encoding="utf-8"))["file_dirt"]
    return not any(item["source"] == source and item["date"].replace("-", "") == folder.date for item in dirt)


@pytest.mark.parametrize("source", KEYS)
def test_headings_of_undisturbed_deliveries(inbox: dict[str, list[Folder]], bundle: Path, source: str) -> None:
    undisturbed = [folder for folder in inbox[source] if clean(folder, source, bundle)]
    assert undisturbed
    for folder in undisturbed:
        assert folder.headings == HEADINGS[source].split()


@pytest.mark.parametrize("source", KEYS)
def test_keys_are_filled_and_unique_within_a_delivery(inbox: dict[str, list[Folder]], source: str) -> None:
    for folder in inbox[source]:
        keys = [key_of(source, row) for row in folder.rows]
        assert len(keys) == len(set(keys))
        assert all(part for key in keys for part in key.split("|"))


@pytest.mark.parametrize(
    ("source", "dates", "modes"),
    [
        ("police", NIGHTS, ["full", "delta", "full"]),
        ("birth", NIGHTS, ["events"] * 3),
        ("death", NIGHTS, ["events"] * 3),
        ("cremation", NIGHTS, ["events"] * 3),
        ("marriage", NIGHTS, ["events"] * 3),
        ("school", NIGHTS[:1], ["full"]),
        ("pension", [f"2025{month:02d}10" for month in range(2, 13)] + ["20260110"], ["full"] * 12),
        ("electricity", ["20260105"], ["full"]),
        ("census", ["20251101"], ["full"]),
    ],
)
def test_cadence(inbox: dict[str, list[Folder]], source: str, dates: list[str], modes: list[str]) -> None:
    assert [folder.date for folder in inbox[source]] == dates
    assert [folder.manifest["mode"] for folder in inbox[source]] == modes
    assert [folder.manifest["sequence"] for folder in inbox[source]] == list(range(1, len(dates) + 1))
    assert [str(folder.manifest["business_date"]).replace("-", "") for folder in inbox[source]] == dates


def test_encodings_and_line_ends(inbox: dict[str, list[Folder]]) -> None:
    first = {source: folders[0].raw for source, folders in inbox.items()}
    assert [source for source, data in first.items() if data.startswith(BOM)] == ["birth"]
    assert [source for source, data in first.items() if b"\r\n" in data and source != "school"] == ["police"]
    assert first["school"].startswith(b"PK")
    for source in ("police", "cremation", "marriage", "pension"):
        with pytest.raises(UnicodeDecodeError):
            first[source].decode("utf-8")
        first[source].decode(ENCODINGS[source])


def test_declared_surprises_are_there(inbox: dict[str, list[Folder]], bundle: Path) -> None:
    settings = json.loads((bundle / "sources.json").read_text(encoding="utf-8"))
    found = {(item["source"], item["kind"]): item["date"].replace("-", "") for item in settings["file_dirt"]}
    folder = {pair: next(one for one in inbox[pair[0]] if one.date == date) for pair, date in found.items()}
    assert not folder["birth", "bom_missing"].raw.startswith(BOM)
    assert folder["death", "bom"].raw.startswith(BOM)
    assert folder["cremation", "column_order"].headings != HEADINGS["cremation"].split()
    assert sorted(folder["cremation", "column_order"].headings) == sorted(HEADINGS["cremation"].split())
    assert b"\r\n" in folder["marriage", "crlf"].raw
    assert b"\r\n" not in folder["police", "lf"].raw
    assert "新生儿 姓名" in folder["birth", "heading_spaced"].headings
    assert {"NFXM", "NVFXM"} < set(folder["marriage", "heading_initials"].headings)
    assert folder["death", "extra_column"].headings[-1] in settings["extra_columns"]
    assert folder["cremation", "footer"].raw.decode("gb18030").splitlines()[-1].startswith("合计")
    assert any("\n" in row["户籍地址"] for row in folder["police", "quoted_newline"].rows)


def test_a_night_without_events_delivers_a_header(tmp_path: Path) -> None:
    from data_samples.simulator import simulate
    from tests.simulator.reader import read_inbox

    simulate(500, 2, 11, tmp_path / "small", "2024")
    folders = [folder for source in ("birth", "death", "cremation", "marriage") for folder in read_inbox(tmp_path / "small")[source][1:]]
    assert any(not folder.rows for folder in folders)
    assert all(folder.headings for folder in folders)


def test_delta_rows_change_something_and_the_next_full_agrees(inbox: dict[str, list[Folder]]) -> None:
    full, delta, later = inbox["police"]
    before = {row["人员编号"]: row for row in full.rows}
    assert delta.rows
    assert all(before.get(row["人员编号"]) != row for row in delta.rows)
    after = {row["人员编号"]: row for row in later.rows}
    assert set(before) | {row["人员编号"] for row in delta.rows} <= set(after)
