"""What came is kept for ever: the bytes once, and enough to lay every delivery out again."""

from datetime import date
from pathlib import Path

import fsspec

from pipelines.night.restore import restore_inbox
from pipelines.receive.landing import Landing
from tests.receive.deliver import Desk

DAY = date(2026, 1, 31)
ROWS = [{"人员编号": f"P{i}", "姓名": "张三"} for i in range(3)]


def layout(folder: Path) -> dict[str, bytes]:
    """Files below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_an_inbox_is_laid_out_again_right_and_wrong_deliveries_alike(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("police", DAY, 1, "full", ROWS)
    (desk.deliver("police", date(2026, 1, 30), 2, "full", ROWS) / "hukou.csv").write_bytes(b"cut")
    (desk.deliver("police", date(2026, 1, 29), 3, "full", ROWS) / "manifest.json").write_text("no manifest")
    (desk.inbox / "police" / "20260129" / "hukou.csv").unlink()
    first = desk.receive("police", DAY)
    restored = tmp_path / "restored"
    restore_inbox(str(tmp_path / "landing"), [str(r["delivery_id"]) for r in first.rows("deliveries")], restored)
    assert layout(restored) == layout(desk.inbox)


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    landing = Landing.at(str(tmp_path / "landing"))
    path = tmp_path / "file"
    path.write_bytes(b"x" * 3_000_000)
    for number in range(2):
        with path.open("rb") as stream:
            kept = landing.keep(stream, f"ticket{number}")
    assert kept.size == 3_000_000
    assert list(layout(tmp_path / "landing")) == [f"{kept.sha256[:2]}/{kept.sha256}"]


def test_any_file_system_will_do(tmp_path: Path) -> None:
    """Landing in memory, and the workbook reader's local copy of it."""
    landing = Landing.at("memory://landing")
    with fsspec.open("memory://given", "wb") as target:
        target.write(b"bytes")
    with fsspec.open("memory://given", "rb") as stream:
        kept = landing.keep(stream, "ticket")
    with landing.local(kept, tmp_path) as copy:
        assert copy.read_bytes() == b"bytes"
    assert not list(tmp_path.iterdir())
    fsspec.filesystem("memory").rm("/landing", recursive=True)
