"""The desk's commands from end to end, in one process: what they print, and their exit codes."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import UsageError
from tests.desk.conftest import World


def rollcall(*arguments: str) -> tuple[int, str]:
    """Exit code and output; an error of ours is raised, as the program's main would tell it."""
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_a_sample_goes_out_and_comes_back(world: World, tmp_path: Path) -> None:
    code, text = rollcall("sample-pairs", "--out", tmp_path, "--per-stratum", "2", "--seed", "3", "--json", *world.options)
    form = Path(json.loads(text)["files"][0])
    rows = list(csv.reader(form.read_text(encoding="utf-8-sig").splitlines()))
    answer = rows[0].index("是否同一人")
    for row in rows[1:]:
        row[answer] = "yes"
    rows[1][answer] = "?"
    csv.writer(form.open("w", encoding="utf-8", newline="")).writerows(rows)
    code, text = rollcall("evaluate", "--sample", form, "--json", *world.options)
    found = json.loads(text)
    assert code == 4
    assert found["sample"]["problems"][0]["line"] == 2
    assert found["unlinkable"]
    code, text = rollcall("evaluate", "--sample", form, *world.options)
    assert "RC-M26" in text


def test_evaluate_tells_thresholds_and_challenger(world: World, tmp_path: Path) -> None:
    chart = tmp_path / "chart.html"
    arguments = ("--truth", world.truth, "--chart", chart, "--challenger", "recordlinkage", "--pairs", "50", "--json")
    code, text = rollcall("evaluate", *arguments, *world.options)
    found = json.loads(text)
    assert code == 0
    assert found["chart"] == str(chart)
    assert chart.is_file()
    assert found["challenger"]["agree"] is True
    assert found["thresholds"][0]["precision"] > 0.9


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("evaluate", "--chart", "x.svg"), "RC-U32"),
        (("explain", "police|1", "police|2", "--path", "longest"), "RC-U33"),
        (("explain", "police|1", "police|2", "--as-at", "2020-01-01"), "RC-U34"),
        (("explain", "police|1", "--unmasked", "--by", "a", "--reason", "b"), "RC-U34"),
        (("evaluate", "--sample", "nowhere.csv"), "RC-M20"),
        (("vintage", "show", "--night", "2030-01-01"), "RC-U36"),
        (("report", "--night", "2030-01-01"), "RC-U36"),
        (("vintage", "prune"), "RC-U37"),
    ],
)
def test_wrong_options_are_refused(world: World, arguments: tuple[str, ...], error: str) -> None:
    with pytest.raises(UsageError, match=error):
        rollcall(*arguments, *world.options)


def test_status_and_vintage_show_tell_the_index(world: World) -> None:
    for command in (("status",), ("vintage", "show")):
        code, text = rollcall(*command, *world.options)
        assert code == 0
        assert "人员标识" in text
        found = json.loads(rollcall(*command, "--json", *world.options)[1])
        assert found["identity"]["created"] == 0
        assert found["left_out"] == []


def test_explain_two_records_on_a_terminal(world: World) -> None:
    [row] = world.ask("""
        SELECT min(concat_ws('|', source, record_key, role)) AS a, max(concat_ws('|', source, record_key, role)) AS b
        FROM {person_records} GROUP BY person_id HAVING count(*) >= 3 ORDER BY person_id LIMIT 1
    """)
    code, text = rollcall("explain", str(row["a"]), str(row["b"]), *world.options)
    assert code == 0
    assert "one person" in text
    assert "|#" in text
    assert "概率" in text
    assert "Probability" in text or "probability" in text
