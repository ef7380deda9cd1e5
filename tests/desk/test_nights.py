"""What a night did to the person index is told everywhere, and is nothing when nothing was delivered; so is what linking left out."""

import json
from pathlib import Path

from matching.block import Capped
from pipelines.desk.run_report import index_lines, run_report
from pipelines.desk.status import status
from pipelines.link.left_out import write_left_out
from pipelines.night.execute import Artefact
from pipelines.night.identity import left_out
from pipelines.storage.frames import connect
from tests.desk.conftest import World

CHANGES = ("created", "split", "merged", "retired", "records_moved")


def test_a_night_without_news_changes_no_person(world: World) -> None:
    first, second = (run_report(world.workspace, night)["identity"] for night in world.nights)
    [persons] = world.ask("SELECT count(*) AS n FROM {persons}")
    assert first == {
        "before": 0,
        "kept": 0,
        "created": persons["n"],
        "split": 0,
        "merged": 0,
        "retired": 0,
        "after": persons["n"],
        "records_moved": 0,
    }
    assert second == {"before": persons["n"], "kept": persons["n"], **dict.fromkeys(CHANGES, 0), "after": persons["n"]}
    record = json.loads((world.folder / "run.json").read_text(encoding="utf-8"))
    assert record["identity"] == second == status(world.workspace)["identity"]
    lines = run_report(world.workspace)["lines"]
    assert [line.split()[0] for line in lines[:2]] == ["人员标识", "persons"] or lines[0].startswith("人员标识")


def test_what_linking_leaves_out_is_counted_and_said(world: World, tmp_path: Path) -> None:
    path = tmp_path / "link_report.parquet"
    capped = (Capped(3, "tokens(names), division", 2, 900, 500), Capped(8, "tokens(births), initial", 1, 410, 410))
    write_left_out(connect(), path, capped, 4)
    rows = left_out(connect(), {"link_report": Artefact(path, "")})
    assert [(r["measure"], r["rule"], r["count"], r["records"], r["largest"]) for r in rows] == [
        ("hot_block", "tokens(births), initial", 1, 410, 410),
        ("hot_block", "tokens(names), division", 2, 900, 500),
        ("shared_number", "same_number", 4, None, None),
    ]
    lines = index_lines({"identity": {}, "left_out": rows}, ["zh", "en"])
    assert len(lines) == 6
    assert "tokens(names), division" in lines[4]
    write_left_out(connect(), path, (), 0)
    assert left_out(connect(), {"link_report": Artefact(path, "")}) == []
