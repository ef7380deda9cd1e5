"""Twenty thousand people: a workbook of thousands of rows, bounded time and memory; big districts send text."""

import resource
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from data_samples.simulator import deliver, simulate


def test_twenty_thousand_people(tmp_path: Path) -> None:
    report = simulate(20_000, 3, 5, tmp_path / "world")
    assert report.seconds < 90, "some 5 seconds on an idle machine"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3_000_000
    assert 20_000 < report.rows["police"] < 50_000
    assert set(report.anomalies) >= set(report.innocents)


def test_the_smallest_world_may_lack_somebody_to_plant_an_innocent_on(tmp_path: Path) -> None:
    """Of these 500 people no infant is left for a late registration: the world is made without it."""
    simulate(500, 1, 9, tmp_path / "world")
    planted = pd.read_parquet(tmp_path / "world" / "truth" / "innocents.parquet")
    assert "B01" in set(planted["code"])
    assert not ((planted["code"] == "B02") & planted.isin(["grace"]).any(axis=1)).any()


def test_a_large_district_sends_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "ONE_WORKBOOK", 10)
    monkeypatch.setattr(deliver, "DISTRICT_WORKBOOK", 30)
    simulate(1_000, 1, 5, tmp_path / "world")
    names = sorted(path.name for path in (tmp_path / "world/inbox/school/20260130").iterdir())
    assert any(name.endswith(".csv") for name in names)
    assert any(name.endswith(".xlsx") for name in names)
    text = next((tmp_path / "world/inbox/school/20260130").glob("*.csv")).read_text(encoding="utf-8")
    assert text.startswith("学校标识码,")
    assert "合计" not in text


def test_small_and_large_tables_are_written_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from data_samples.simulator import write

    table = pa.table({"a": ["x,y", 'q"q', "n\nl", "", "王"], "b": [None, "1", " 2 ", "'3", "y"]})
    form = write.FileForm("gb18030", ",", "\r\n", bom=False)
    small = write.write_csv(table, tmp_path / "small.csv", form)
    monkeypatch.setattr(write, "FEW", 0)
    large = write.write_csv(table, tmp_path / "large.csv", form)
    assert (small.sha256, small.bytes, small.rows) == (large.sha256, large.bytes, large.rows)
