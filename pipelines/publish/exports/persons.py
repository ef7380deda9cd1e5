"""The person table as a package: Parquet, CSV, Frictionless metadata, a dictionary in both languages, checksums last.

By default the package names nobody: the columns that identify a person directly are left out, the lasting id stays.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb

from pipelines.contracts.columns import Column
from pipelines.contracts.tables import PERSONS
from pipelines.publish.edition import Edition
from pipelines.publish.exports.dictionary import data_package, dictionary_csv, dictionary_html
from pipelines.publish.exports.formats import FORMATS
from pipelines.publish.labels import LANGUAGES

IDENTIFYING = ("name", "name_source", "id_number", "id_number_source", "address", "address_source")
"""Columns of ``persons`` that name somebody, and those that say where these came from."""

README = """persons.parquet, persons.csv   one row per person, {rows:,} rows; as of {night}
datapackage.json               columns, types, constraints (Frictionless Table Schema)
dictionary.*.html, *.csv       what each column means, in Chinese and English
checksums.sha256               verify with: sha256sum -c checksums.sha256

Python   pandas.read_parquet("persons.parquet")
R        arrow::read_parquet("persons.parquet")
"""


def exported(*, identified: bool) -> tuple[Column, ...]:
    """Columns of the package."""
    return tuple(column for column in PERSONS if identified or column.name not in IDENTIFYING)


def write_persons(edition: Edition, con: duckdb.DuckDBPyConnection, folder: Path, *, identified: bool = False) -> list[Path]:
    """Write the package; ``con`` is from :meth:`Edition.open`.

    Args:
        identified: keep names, identity numbers and addresses. For those who may hold them, on request; never made at night.

    Returns:
        The files written, ``checksums.sha256`` last.
    """
    folder.mkdir(parents=True, exist_ok=True)
    columns = exported(identified=identified)
    listed = ", ".join(f'"{column.name}"' for column in columns)
    query = f"SELECT {listed} FROM persons ORDER BY person_id"
    [(count,)] = con.execute("SELECT count(*) FROM persons").fetchall()
    for name, write in FORMATS.items():
        write(con, query, folder / f"persons.{name}")
    package = data_package(edition, columns, count, identified=identified)
    (folder / "datapackage.json").write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for language in LANGUAGES:
        (folder / f"dictionary.{language}.csv").write_bytes(dictionary_csv(columns, language))
        (folder / f"dictionary.{language}.html").write_text(dictionary_html(edition, columns, count, language), encoding="utf-8")
    (folder / "README.txt").write_text(README.format(rows=count, night=edition.night), encoding="utf-8")
    return [*_contents(folder), write_checksums(folder)]


def write_checksums(folder: Path) -> Path:
    """Write ``checksums.sha256`` over every other file of a folder: the lines that ``sha256sum -c`` reads."""
    path = folder / "checksums.sha256"
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n" for file in _contents(folder)]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _contents(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and file.name != "checksums.sha256")
