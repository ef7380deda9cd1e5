"""The person package: what was written is what is read, and what each column means is beside it."""

import hashlib
import json
import subprocess
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipelines.contracts.tables import PERSONS
from pipelines.publish.edition import from_context
from pipelines.publish.exports.persons import IDENTIFYING, exported, write_persons
from tests.publish.conftest import Published


@pytest.fixture(scope="module")
def package(published: Published) -> Path:
    return published.out / "exports" / "persons"


def test_csv_and_parquet_hold_the_same_rows(package: Path) -> None:
    listed = ", ".join(f"CAST({c.name} AS {c.type}) AS {c.name}" for c in exported(identified=False))
    with duckdb.connect() as con:
        columns = "{" + ", ".join(f"'{c.name}': '{c.type}'" for c in exported(identified=False)) + "}"
        csv = con.execute(f"SELECT * FROM read_csv('{package / 'persons.csv'}', header = true, columns = {columns})").fetchall()
        parquet = con.execute(f"SELECT {listed} FROM read_parquet('{package / 'persons.parquet'}')").fetchall()
    assert len(csv) == 60
    assert csv == parquet
    assert csv == sorted(csv)


def test_identifying_columns_are_left_out_unless_asked_for(published: Published, package: Path, tmp_path: Path) -> None:
    assert not set(IDENTIFYING) & set(pd.read_parquet(package / "persons.parquet").columns)
    assert {c.name for c in PERSONS if c.personal} - set(IDENTIFYING) == {"birth_date", "death_date"}
    edition = from_context(published.ctx, {})
    with edition.open() as con:
        write_persons(edition, con, tmp_path / "full", identified=True)
    full = pd.read_parquet(tmp_path / "full" / "persons.parquet")
    assert list(full.columns) == list(PERSONS.names)
    assert set(full["name"]) == set(published.world.names)
    assert json.loads((tmp_path / "full" / "datapackage.json").read_text(encoding="utf-8"))["identified"] is True


def test_metadata_describes_every_column(package: Path) -> None:
    meta = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    columns = list(pd.read_parquet(package / "persons.parquet").columns)
    for resource in meta["resources"]:
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == columns
        assert all(field["title"] and field["title_zh"] and field["description"] for field in fields)
        assert (package / resource["path"]).is_file()
        assert resource["rows"] == 60
    for language in ("zh", "en"):
        dictionary = pd.read_csv(package / f"dictionary.{language}.csv", encoding="utf-8-sig")
        assert list(dictionary.iloc[:, 0]) == columns
        assert dictionary.iloc[:, -1].notna().all()


def test_checksums_verify_with_the_ordinary_tool(package: Path) -> None:
    done = subprocess.run(["sha256sum", "-c", "--strict", "checksums.sha256"], cwd=package, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = {line.split("  ")[1] for line in (package / "checksums.sha256").read_text(encoding="utf-8").splitlines()}
    assert listed == {path.name for path in package.iterdir()} - {"checksums.sha256"}
    assert hashlib.sha256((package / "persons.csv").read_bytes()).hexdigest() in (package / "checksums.sha256").read_text(encoding="utf-8")
