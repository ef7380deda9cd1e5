"""Invariant 8: no personal value in a log, message, metric, report or any table but those that are there to hold it.

Two canaries are planted: a name and a number that stand nowhere else, in rows that are good, that go to quarantine, and that raise findings.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest

from tests.flow.conftest import NIGHTS, ROOT, SAMPLES
from tests.flow.deliver import Rows, redeliver

NAME, NUMBER = "龘犇骉", "880111198802299978"
MAY_HOLD = ("rec_", "obs_", "observations", "persons", "raw_", "good_", "link_profiles")
"""Tables whose purpose is to hold people."""


def plant(delivered: Rows) -> Rows:
    """The canary as a new entry that is good, one without a key, and one whose key comes twice with other content."""
    row = dict.fromkeys(delivered[0], "")
    row |= {
        "人员编号": "88P990000001",
        "姓名": NAME,
        "性别": "男",
        "出生日期": "19880229",
        "公民身份号码": NUMBER,
        "登记类别": "迁入",
        "户籍地行政区划": "880111",
    }
    row |= {"登记日期": "20200101", "更新时间": "20260130000000", "户籍地址": "云州省云中市江北区" + NAME + "路1号"}
    rows = [
        row,
        row | {"人员编号": ""},
        row | {"人员编号": "88P990000002"},
        row | {"人员编号": "88P990000002", "曾用名": NAME},
        row | {"人员编号": "88P990000003"},
    ]
    return [*delivered, *(list(r.values()) for r in rows)]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Data folder and everything printed of a night with the canaries in it."""
    folder = tmp_path_factory.mktemp("canary")
    shutil.copytree(SAMPLES / "inbox", folder / "inbox")
    redeliver(folder / "inbox" / "police" / f"{NIGHTS[0]:%Y%m%d}", "hukou.csv", "gb18030", plant)
    base = [sys.executable, "-m", "pipelines"]
    where = ["--data", str(folder / "data")]
    printed = ""
    for arguments in (
        ["run", "--date", NIGHTS[0].isoformat(), "--inbox", str(folder / "inbox"), *where],
        ["status", *where],
        ["quarantine", "list", *where],
        ["cases", "list", *where, "--json"],
        ["explain", "police|88P990000001", *where],
        ["explain", "police|88P990000001", *where, "--json"],
    ):
        done = subprocess.run([*base, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "400"})
        assert done.returncode in {0, 4}, done.stderr
        printed += done.stdout + done.stderr
    return folder / "data", printed


def canaries_in(content: bytes) -> list[str]:
    return [c for c in (NAME, NUMBER) for encoding in ("utf-8", "gb18030", "utf-16-le") if c.encode(encoding) in content]


def test_the_canary_sang(outputs: tuple[Path, str]) -> None:
    """The planted rows took every way: the index, a finding, quarantine."""
    [vintage] = (outputs[0] / "vintages").iterdir()
    con = duckdb.connect()
    assert con.execute(f"SELECT count(*) FROM '{vintage}/observations.parquet' WHERE name = '{NAME}'").fetchall() >= [(1,)]
    assert con.execute(f"SELECT count(*) FROM '{vintage}/quarantine.parquet' WHERE source = 'police'").fetchall() >= [(3,)]
    found = f"SELECT count(*) FROM '{vintage}/findings.parquet' WHERE list_contains([r.record_key FOR r IN records], '88P990000001')"
    assert con.execute(found).fetchall() >= [(1,)]


def test_nothing_printed_names_anybody(outputs: tuple[Path, str]) -> None:
    assert canaries_in(outputs[1].encode()) == []


def test_no_file_but_the_registers_names_anybody(outputs: tuple[Path, str]) -> None:
    data = outputs[0]
    leaks = []
    for path in (p for p in data.rglob("*") if p.is_file()):
        place = path.relative_to(data).parts
        if place[0] in {"landing", "rows"} or "exports" in place or path.stem.startswith(MAY_HOLD):
            continue
        leaks += [f"{path.relative_to(data)}: {c}" for c in canaries_in(whole(path))]
    assert leaks == []


def whole(path: Path) -> bytes:
    """The content as a searcher would see it: Parquet as text, workbooks unzipped."""
    if path.suffix == ".parquet":
        rows = duckdb.connect().execute(f"SELECT CAST(t AS VARCHAR) FROM '{path}' AS t").fetchall()
        return "\n".join(r for (r,) in rows if r).encode()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return b"\n".join(book.read(n) for n in book.namelist())
    return path.read_bytes()
