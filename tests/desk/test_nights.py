"""What a night did to the person index is told everywhere, and is nothing when nothing was delivered; so is what linking left out."""

import json
from pathlib import Path

from matching.block import Capped
from pipelines.desk.profiles import deployed_model
from pipelines.desk.rehearsal import aside, rehearse
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


def test_hot_blocks_are_counted_by_the_night_s_own_step(world: World, tmp_path: Path) -> None:
    """A model that allows two records in a block leaves many out, and says so by rule, without a key or a value."""
    text = world.workspace.deployment.file("model.yml").read_text(encoding="utf-8")
    (tmp_path / "tight.yml").write_text(text.replace("block_cap: 400", "block_cap: 2"), encoding="utf-8")
    with aside(world.workspace) as place:
        night = rehearse(world.workspace, place, tmp_path / "tight.yml")
        rows = left_out(connect(), {"link_report": Artefact(night.table("link_report"), "")})
    rules = {block.name for block in deployed_model(world.workspace.deployment).blocks}
    assert {row["measure"] for row in rows} == {"hot_block"}
    assert {row["rule"] for row in rows} <= rules
    assert all(row["largest"] > 2 and row["records"] >= 3 * row["count"] for row in rows)


def test_what_linking_leaves_out_is_counted_and_said(world: World, tmp_path: Path) -> None:
    path = tmp_path / "link_report.parquet"
    capped = (Capped(3, "tokens(names), division", 2, 900, 500), Capped(8, "tokens(births), initial", 1, 410, 410))
    write_left_out(connect(), path, capped, {"same_number": 4, "school_number": 2, "birth_certificate": 0})
    rows = left_out(connect(), {"link_report": Artefact(path, "")})
    assert [(r["measure"], r["rule"], r["count"], r["records"], r["largest"]) for r in rows] == [
        ("hot_block", "tokens(births), initial", 1, 410, 410),
        ("hot_block", "tokens(names), division", 2, 900, 500),
        ("shared_number", "same_number", 4, None, None),
        ("shared_reference", "school_number", 2, None, None),
    ]
    lines = index_lines({"identity": {}, "left_out": rows}, ["zh", "en"])
    assert len(lines) == 8
    assert "tokens(names), division" in lines[5]
    write_left_out(connect(), path, (), {})
    assert left_out(connect(), {"link_report": Artefact(path, "")}) == []
