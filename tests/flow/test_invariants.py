"""Invariants 1, 2 and 3 of the design on the bundled nights: balances, idempotence, replay, order."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines import desk
from pipelines.flow import NightResult
from pipelines.night.workspace import Workspace
from tests.flow.conftest import NIGHTS, SAMPLES, at, nights
from tests.flow.shuffled import shuffled_inbox

Sample = tuple[Workspace, list[NightResult]]


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    return duckdb.connect().execute(sql.replace("{", f"'{folder}/").replace("}", ".parquet'")).fetchall()


def folder_of(result: NightResult) -> Path:
    assert result.vintage is not None
    return result.vintage.path


def test_rows_balance(sample: Sample) -> None:
    wrong = rows(folder_of(sample[1][-1]), """SELECT * FROM {ledger} WHERE delivered <> new + changed + unchanged + quarantined + exact_duplicates""")
    assert wrong == []


def test_every_delivered_row_is_in_the_ledger(sample: Sample) -> None:
    """Counted again, from the manifests themselves."""
    declared = sum(f["rows"] for m in (SAMPLES / "inbox").glob("*/*/manifest.json") for f in json.loads(m.read_text())["files"])
    [(delivered,)] = rows(folder_of(sample[1][-1]), "SELECT sum(delivered) FROM {ledger} WHERE status <> 'repeated'")
    assert delivered == declared


def test_keys_balance(sample: Sample) -> None:
    folder = folder_of(sample[1][-1])
    assert rows(folder, "SELECT * FROM {ledger} WHERE live_before + opened - closed <> live_after") == []
    for source in sample[0].deployment.sources:
        [(live,)] = rows(folder, f"SELECT count(*) FROM {{rec_{source}}} WHERE closed_on IS NULL")
        [(opened, closed)] = rows(folder, f"SELECT coalesce(sum(opened), 0), coalesce(sum(closed), 0) FROM {{ledger}} WHERE source = '{source}'")
        assert live == opened - closed, source


def test_persons_balance(sample: Sample) -> None:
    """before + created + splits - merges = after, night by night; a retired id is never used again."""
    before = 0
    for result in sample[1]:
        folder = folder_of(result)
        [(after,)] = rows(folder, "SELECT count(DISTINCT person_id) FROM {person_records}")
        counted = f"SELECT event, count(DISTINCT person_id) FROM {{person_history}} WHERE night = DATE '{result.night}' GROUP BY event"
        events = dict(rows(folder, counted))
        gained = events.get("created", 0) + events.get("split", 0)
        lost = events.get("merged", 0) + events.get("retired", 0)
        assert before + gained - lost == after, result.night
        before = after
    last = folder_of(sample[1][-1])
    reused = "SELECT person_id FROM {person_history} WHERE event IN ('merged', 'retired') INTERSECT SELECT person_id FROM {person_records}"
    assert rows(last, reused) == []


def test_each_observation_is_one_persons(sample: Sample) -> None:
    folder = folder_of(sample[1][-1])
    assert rows(folder, "SELECT source, record_key, role FROM {observations} EXCEPT SELECT source, record_key, role FROM {person_records}") == []
    assert rows(folder, "SELECT source, record_key, role FROM {person_records} GROUP BY ALL HAVING count(*) > 1") == []


def test_the_same_night_again_changes_nothing(copy_of_sample: Callable[[int], Workspace]) -> None:
    workspace = copy_of_sample(len(NIGHTS))
    before = desk.status(workspace)
    [again] = nights(workspace, NIGHTS[-1], NIGHTS[-1])
    after = desk.status(workspace)
    assert again.repeated
    assert {k: v for k, v in after.items() if k != "runs"} == {k: v for k, v in before.items() if k != "runs"}
    assert len(desk.vintages(workspace)) == len(NIGHTS)


def test_a_rebuild_from_landing_is_the_same(sample: Sample, tmp_path: Path) -> None:
    report = desk.rebuild(sample[0], tmp_path / "rebuild", lambda _done, _total, _what: None)
    assert report["nights"] == [{**night, "same": True, "differing": ""} for night in report["nights"]]
    assert len(report["nights"]) == len(NIGHTS)


@pytest.mark.parametrize("table", ["person_records", "persons", "findings", "links"])
def test_order_does_not_matter(sample: Sample, shuffled: list[NightResult], table: str) -> None:
    """Rows in another order, in one file or two: the same people, links and findings."""
    one, other = (json.loads((folder_of(r[-1]) / "run.json").read_text())["tables"][table]["content"] for r in (sample[1], shuffled))
    assert one == other


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> list[NightResult]:
    folder = tmp_path_factory.mktemp("shuffled")
    return nights(at(folder / "data", shuffled_inbox(SAMPLES / "inbox", folder / "inbox", seed=7)))


def test_nights_go_forward(copy_of_sample: Callable[[int], Workspace]) -> None:
    with pytest.raises(Exception, match="RC-U10"):
        nights(copy_of_sample(len(NIGHTS)), date(2001, 1, 1), date(2001, 1, 1))
