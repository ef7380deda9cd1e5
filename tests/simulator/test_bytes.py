"""The same arguments give the same bytes; other arguments do not; wrong ones are refused."""

import hashlib
from pathlib import Path

import pytest

from data_samples.simulator import simulate


def hashes(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(root.rglob("*")) if path.is_file()}


def test_the_bundle_is_what_the_simulator_makes(bundle: Path, tmp_path: Path) -> None:
    report = simulate(2000, 3, 88, tmp_path / "again", "2010")
    assert hashes(tmp_path / "again") == hashes(bundle)
    assert report.rows["police"] > 2000


def test_an_earlier_simulation_is_replaced_whole_and_another_seed_differs(tmp_path: Path) -> None:
    out = tmp_path / "world"
    simulate(600, 2, 1, out)
    first = hashes(out)
    simulate(600, 1, 2, out, "2024")
    second = hashes(out)
    assert not any("20260131" in name for name in second)
    assert first["inbox/police/20260130/hukou.csv"] != second["inbox/police/20260130/hukou.csv"]


@pytest.mark.parametrize(
    ("persons", "nights", "scenario", "complaint"), [(100, 1, "2010", "at least 500"), (600, 0, "2010", "at least 1"), (600, 1, "1953", "unknown")]
)
def test_wrong_arguments_are_refused(tmp_path: Path, persons: int, nights: int, scenario: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        simulate(persons, nights, 1, tmp_path / "none", scenario)


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(ValueError, match="no earlier simulation"):
        simulate(600, 1, 1, tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_the_bundle_is_small(bundle: Path) -> None:
    assert sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file()) < 4_000_000
