"""What each column of an export means: as Frictionless metadata, as a page and as a table, from the contract and from nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from pipelines.contracts.columns import Column
from pipelines.contracts.tables import PERSONS
from pipelines.publish.edition import Edition
from pipelines.publish.exports.codebook import NOTES, VALUES
from pipelines.publish.labels import Language

TYPES: Mapping[str, str] = {"VARCHAR": "string", "DATE": "date", "INTEGER": "integer", "BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean"}
HEADINGS: Mapping[Language, tuple[str, ...]] = {
    "zh": ("列名", "标题", "类型", "可空", "代码", "说明"),
    "en": ("column", "title", "type", "nullable", "codes", "meaning"),
}


def data_package(edition: Edition, columns: Sequence[Column], count: int, *, identified: bool) -> dict[str, Any]:
    """``datapackage.json``: two resources, one schema. Titles in English with the Chinese beside them."""
    config = edition.deployment.config
    schema = {
        "fields": [_field(column) for column in columns],
        "primaryKey": list(PERSONS.key),
        "foreignKeys": [{"fields": side, "reference": {"resource": "", "fields": "person_id"}} for side in ("mother_person_id", "father_person_id")],
        "missingValues": [""],
    }
    shared = {"schema": schema, "rows": count}
    return {
        "profile": "data-package",
        "name": f"{config.name.replace('_', '-')}-persons",
        "title": f"{config.title.en}: persons as of {edition.night}",
        "title_zh": f"{config.title.zh}：人员表，截至 {edition.night}",
        "description": PERSONS.doc,
        "version": edition.run_id,
        "synthetic": config.synthetic,
        "identified": identified,
        "legal_basis": config.legal_basis.model_dump(),
        "purpose": config.purpose.model_dump(),
        "provenance": {"run_id": edition.run_id, "parent": edition.parent, "config_hash": edition.config_hash, "code_version": edition.code_version},
        "resources": [
            {
                "name": "persons",
                "path": "persons.csv",
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                **shared,
            },
            {"name": "persons-parquet", "path": "persons.parquet", "format": "parquet", "mediatype": "application/vnd.apache.parquet", **shared},
        ],
    }


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {} if column.null else {"required": True}
    if column.name in PERSONS.key:
        constraints["unique"] = True
    if column.name in VALUES:
        constraints["enum"] = list(VALUES[column.name])
    field = {
        "name": column.name,
        "type": TYPES[column.type],
        "title": column.doc,
        "title_zh": column.zh or column.doc,
        "description": _meaning(column, "en"),
    }
    return {**field, **({"constraints": constraints} if constraints else {}), **({"values": VALUES[column.name]} if column.name in VALUES else {})}


def dictionary_rows(columns: Sequence[Column], language: Language) -> list[tuple[str, ...]]:
    """One line per column: name, title, type, nullable, codes, meaning."""
    chinese = language == "zh"
    yes, no = ("是", "否") if chinese else ("yes", "no")
    return [
        (
            column.name,
            (column.zh or column.doc) if chinese else column.doc,
            TYPES[column.type],
            yes if column.null else no,
            "; ".join(f"{value} = {text[language]}" for value, text in VALUES.get(column.name, {}).items()),
            _meaning(column, language),
        )
        for column in columns
    ]


def _meaning(column: Column, language: Language) -> str:
    return NOTES[column.name][language] if column.name in NOTES else column.doc


def dictionary_csv(columns: Sequence[Column], language: Language) -> bytes:
    """The dictionary as CSV, UTF-8 with a BOM, as spreadsheets like it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS[language])
    writer.writerows(dictionary_rows(columns, language))
    return text.getvalue().encode("utf-8-sig")


def dictionary_html(edition: Edition, columns: Sequence[Column], count: int, language: Language) -> str:
    """The dictionary as one self-contained page."""
    chinese, config = language == "zh", edition.deployment.config
    synthetic = ("虚构样例数据：不涉及任何真实个人" if chinese else "SYNTHETIC data: no real person is described") if config.synthetic else ""
    title = f"{config.title.zh}：人员表数据字典" if chinese else f"{config.title.en}: dictionary of the person table"
    about = f"每人一行，共 {count:,} 行；截至 {edition.night}。" if chinese else f"One row per person, {count:,} rows; as of {edition.night}."
    page = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True).get_template("dictionary.html.j2")
    lines = dictionary_rows(columns, language)
    return page.render(lang="zh-Hans" if chinese else "en", title=title, about=about, synthetic=synthetic, headings=HEADINGS[language], lines=lines)
