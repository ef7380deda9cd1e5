"""What readers get from the sample's nights: nobody named, figures that agree, evidence that a third party can verify."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.desk import Period, evidence_pack, period_report
from pipelines.flow import NightResult
from pipelines.night.workspace import Workspace
from pipelines.publish.evidence.verify import verify
from pipelines.storage.frames import scan
from tests.flow.conftest import NIGHTS

Sample = tuple[Workspace, list[NightResult]]
LONG = re.compile(r"(?<![0-9A-Za-z])88[0-9]{15}[0-9X](?![0-9a-f])")
"""An identity number of the samples' province; a school number (G and digits) is the school's own key, and stands on its own list only."""


def vintage(sample: Sample) -> Path:
    found = sample[1][-1].vintage
    assert found is not None
    return found.path


def readable(folder: Path) -> dict[str, str]:
    """Every readable file below a folder, workbooks part by part."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".parquet"):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as parts:
                found |= {f"{name}:{part}": parts.read(part).decode() for part in parts.namelist()}
        else:
            data = path.read_bytes()
            found[name] = data.decode("utf-8", errors="ignore") + data.decode("gb18030", errors="ignore")
    return found


@pytest.mark.parametrize("part", ["reports", "referrals", "exports"])
def test_no_name_and_no_number_reaches_a_reader(sample: Sample, part: str) -> None:
    folder = vintage(sample)
    with duckdb.connect() as con:
        names = {name for (name,) in con.execute(f"SELECT DISTINCT name FROM {scan(folder / 'persons.parquet')} WHERE length(name) >= 3").fetchall()}
    written = readable(folder / part)
    assert len(written) >= 4
    assert len(names) > 1000
    for where, text in written.items():
        assert not LONG.search(text), where
        words = set(re.findall(r"[\u3400-\u9fff·]{3,8}", text))
        assert not names & words, where


def test_every_status_line_shows_the_same_figures(sample: Sample) -> None:
    folder = vintage(sample)
    summary = json.loads((folder / "run.json").read_text(encoding="utf-8"))["summary"]
    with duckdb.connect() as con:
        open_cases = con.execute(
            f"SELECT count(*) FROM {scan(folder / 'cases.parquet')} WHERE state NOT IN ('closed', 'auto_cleared', 'merged')"
        ).fetchall()
        people = con.execute(f"SELECT count(*) FROM {scan(folder / 'persons.parquet')}").fetchall()
    assert open_cases == [(summary["headline"]["cases_open"],)]
    assert people == [(summary["headline"]["persons"],)]
    for language in ("zh", "en"):
        page = (folder / "reports" / f"report.{language}.html").read_text(encoding="utf-8")
        assert f'data-figure="cases_open">{summary["headline"]["cases_open"]:,}<' in page


def test_a_period_adds_up_its_nights(sample: Sample, tmp_path: Path) -> None:
    workspace = sample[0]
    period_report(workspace, tmp_path, Period(NIGHTS[-1], NIGHTS[0]))
    period = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    nightly: list[dict[str, Any]] = [dict(r.vintage.summary["headline"]) for r in sample[1][1:] if r.vintage]
    assert period["since"] == NIGHTS[0].isoformat()
    assert [row["night"] for row in period["trend"]] == [n.isoformat() for n in NIGHTS[:-1]]
    assert period["headline"]["cases_open"] == nightly[-1]["cases_open"]
    assert 0 < period["headline"]["cases_fixed"] <= sum(night["cases_fixed"] for night in nightly)
    assert period["headline"]["cases_new"] <= sum(night["cases_new"] for night in nightly)


@pytest.fixture(scope="module")
def packs(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The archive of one case of every rule."""
    with duckdb.connect() as con:
        query = f"SELECT code, min(case_id) FROM {scan(vintage(sample) / 'cases.parquet')} WHERE merged_into IS NULL GROUP BY code ORDER BY code"
        found = con.execute(query).fetchall()
    out = tmp_path_factory.mktemp("packs")
    return {code: evidence_pack(sample[0], case, out) for code, case in found}


def test_evidence_of_every_rule_verifies_against_the_delivered_bytes(sample: Sample, packs: dict[str, Path]) -> None:
    assert len(packs) >= 20
    for code, archive in packs.items():
        pack = archive.with_suffix("")
        rows = json.loads((pack / "rows.json").read_text(encoding="utf-8"))
        assert rows or code == "A01", code
        assert all(row["agrees"] for row in rows), code
        assert verify(pack, Path(sample[0].landing)) == [], code


def test_evidence_stands_alone(packs: dict[str, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(packs["D03"]) as archive:
        archive.extractall(tmp_path)
    pack = tmp_path / packs["D03"].stem
    command = [sys.executable, "-I", str(pack / "verify.py")]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout.endswith("\nverified\n")
    shipped = subprocess.run([*command, str(packs["D03"])], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (shipped.returncode, shipped.stdout.splitlines()[-1]) == (0, "verified")
    assert "configuration: has the hash that the vintage was made with" in shipped.stdout
    checked = subprocess.run(["sha256sum", "-c", "--quiet", "MANIFEST.sha256"], cwd=pack, capture_output=True, check=False)
    assert checked.returncode == 0


def test_the_same_case_gives_the_same_bytes(sample: Sample, packs: dict[str, Path], tmp_path: Path) -> None:
    again = evidence_pack(sample[0], packs["I01"].stem, tmp_path)
    assert again.read_bytes() == packs["I01"].read_bytes()


def test_evidence_leaves_out_what_ends_at_the_gate(packs: dict[str, Path]) -> None:
    rows = json.loads((packs["D01"].with_suffix("") / "rows.json").read_text(encoding="utf-8"))
    headings = {heading for row in rows if row["source"] == "death" for heading in row["cells"]}
    assert "死者姓名" in headings
    assert not headings & {"家属电话", "根本死因ICD编码"}


def _swap(pack: Path) -> None:
    text = (pack / "rows.json").read_text(encoding="utf-8")
    (pack / "rows.json").write_text(text.replace("88", "89", 1), encoding="utf-8")


def _reseal(pack: Path) -> None:
    """As a forger would: change a cell and write the manifest anew."""
    from pipelines.publish.evidence.pack import _seal

    rows = json.loads((pack / "rows.json").read_text(encoding="utf-8"))
    heading = next(h for h, cell in rows[0]["cells"].items() if cell)
    rows[0]["cells"][heading] += "1"
    (pack / "rows.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    (pack / "MANIFEST.sha256").unlink()
    _seal(pack)


def _cut(pack: Path) -> None:
    lines = (pack / "audit.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (pack / "audit.jsonl").write_text("".join(lines[1:]), encoding="utf-8")


def _configure(pack: Path) -> None:
    with (pack / "configuration" / "deployment.yml").open("a", encoding="utf-8") as file:
        file.write("\n")


def _remove(pack: Path) -> None:
    (pack / "links.json").unlink()


def _add(pack: Path) -> None:
    (pack / "more.json").write_text("{}", encoding="utf-8")


TAMPERED = [
    (_swap, "rows.json: was changed"),
    (_reseal, "its cells are not those of the register"),
    (_cut, "does not follow from the one before it"),
    (_configure, "configuration: has another hash"),
    (_remove, "links.json: is missing"),
    (_add, "more.json: is not in the manifest"),
]


@pytest.mark.parametrize(("tamper", "complaint"), TAMPERED, ids=[t.__name__.strip("_") for t, _ in TAMPERED])
def test_tampering_is_found(packs: dict[str, Path], tmp_path: Path, tamper: Any, complaint: str) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(packs["D01"].with_suffix(""), pack)
    tamper(pack)
    assert any(complaint in problem for problem in verify(pack))


def test_landed_bytes_that_changed_are_found(sample: Sample, packs: dict[str, Path], tmp_path: Path) -> None:
    pack = packs["D01"].with_suffix("")
    row = json.loads((pack / "rows.json").read_text(encoding="utf-8"))[0]
    digest = row["file_sha256"]
    landing = tmp_path / digest[:2]
    landing.mkdir()
    (landing / digest).write_bytes((Path(sample[0].landing) / digest[:2] / digest).read_bytes() + b"\n")
    assert any("the landed file was changed" in problem for problem in verify(pack, tmp_path))
    assert any("has no such file" in problem for problem in verify(pack, tmp_path / "nowhere"))
