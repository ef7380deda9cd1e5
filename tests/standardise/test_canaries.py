"""No personal value leaves the tables that are meant for it: planted people, hunted for in everything else that three steps leave behind."""

import logging
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.errors import RollcallError
from tests.receive.deliver import Desk, put, text

DAY = date(2026, 1, 31)
CANARIES = ("金丝雀一", "金丝雀二", "880105197703030012", "云州省金丝雀路7号", "19770303", "1977-03-03")
KEPT = ("deliveries", "rejects", "quarantine", "gates", "ledger")


def planted(desk: Desk) -> list[list[str]]:
    """Rows full of canaries: right, ragged, hostile, oversized, twice, and shifted into the key's column."""
    headings = list(desk.source("police").columns)
    full = {"姓名": CANARIES[0], "公民身份号码": CANARIES[2], "户籍地址": CANARIES[3], "出生日期": CANARIES[4], "母亲姓名": CANARIES[1]}
    row = [full.get(h, CANARIES[0]) for h in headings]
    keyed = ["P1", *row[1:]]
    return [
        keyed,
        [*keyed, CANARIES[0]],
        keyed[:-3],
        ["P2", *row[1:3], CANARIES[0] + "\0", *row[4:]],
        ["P3", *row[1:3], CANARIES[0] * 20_000, *row[4:]],
        ["P4", *row[1:]],
        ["P4", CANARIES[1], *row[2:]],
        [CANARIES[0], *row[1:]],
        [CANARIES[0] + " " + CANARIES[2], *row[1:]],
    ]


def leftovers(desk: Desk) -> Iterator[tuple[str, str]]:
    """Everything but landing, inbox and the tables that hold people: as text."""
    import duckdb

    for path in sorted(desk.base.rglob("*")):
        relative = path.relative_to(desk.base)
        if path.is_dir() or relative.parts[0] in {"inbox", "landing"}:
            continue
        if path.suffix == ".parquet" and not path.name.startswith(KEPT):
            assert path.name.split("_")[0] in {"raw", "good", "rec", "obs"} or path.name.startswith("inputs."), path.name
            continue
        rows = duckdb.connect().execute(f"SELECT * FROM read_parquet('{path}')").fetchall() if path.suffix == ".parquet" else path.read_bytes()
        yield str(relative), repr(rows)


@pytest.mark.parametrize("engine", ["sql", "great_expectations"])
def test_canaries_stay_in_their_cage(tmp_path: Path, engine: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    desk = Desk(tmp_path)
    settings = desk.config.config.model_copy(update={"validation": engine})
    desk.config = desk.config.model_copy(update={"config": settings})
    rows = planted(desk)
    data = text([*desk.source("police").columns], rows).encode("gb18030")
    put(desk.inbox, "police", DAY, 1, "full", {"hukou.csv": (data, len(rows))})
    with caplog.at_level(logging.DEBUG):
        night = desk.night("police", DAY)
    [line] = night.rows("ledger")
    assert (line["status"], line["delivered"], line["new"], line["quarantined"]) == ("applied", 9, 1, 8)
    found = dict(leftovers(desk))
    assert {Path(name).name for name in found} == {f"{table}_police.parquet" for table in KEPT}
    found["log"], found["output"] = caplog.text, "".join(capfd.readouterr())
    for name, content in found.items():
        for canary in CANARIES:
            assert canary not in content, f"{canary} in {name}"
    assert any(CANARIES[0] in str(r) for r in night.rows("obs")), "the canary did live"


def test_messages_of_refusals_hold_no_cell(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    headings = [CANARIES[0], CANARIES[2], *list(desk.source("police").columns)[2:]]
    data = text(headings, planted(desk)).encode("gb18030")
    put(desk.inbox, "police", DAY, 1, "full", {"hukou.csv": (data, 9)})
    assert "RC-D12" in str(desk.receive("police", DAY).delivery()["code"])
    assert not [c for c in CANARIES for _, content in leftovers(desk) if c in content]


def test_a_fault_of_ours_names_counts_only(tmp_path: Path) -> None:
    """A suite that lets two contents of one key through is our fault; the exception names the delivery and how many."""
    desk = Desk(tmp_path)
    own = tmp_path / "deployment" / "expectations"
    own.mkdir(parents=True)
    (own / "police.yml").write_text("name: police\nexpectations: []\n")
    desk.config = desk.config.model_copy(update={"folder": own.parent})
    desk.deliver("police", DAY, 1, "full", [{"人员编号": "P1", "姓名": CANARIES[0]}, {"人员编号": "P1", "姓名": CANARIES[1]}])
    with pytest.raises(RollcallError, match=r"RC-B03 police-20260131-1-\w+: 1 keys are blank or have two contents") as error:
        desk.night("police", DAY)
    chain = [error.value, error.value.__cause__, error.value.__context__]
    assert not re.search("|".join(CANARIES), repr([str(e) for e in chain]))
