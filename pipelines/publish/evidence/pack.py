"""Gather and write an evidence pack. It names people: it holds their source rows as delivered, for those who may see them."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import fsspec

from pipelines.errors import UsageError
from pipelines.publish.edition import Edition, from_vintage
from pipelines.publish.evidence import verify
from pipelines.publish.evidence.readme import DUE, README
from pipelines.publish.labels import labels
from pipelines.publish.pinned import CONFIGURATION, pin_configuration, pinned_rule
from pipelines.publish.summary import query, rows
from pipelines.settings import Deployment, SourceConfig

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every entry of the archive: the same case gives the same bytes."""

VINTAGE_KEYS = (
    "vintage", "content", "night", "parent", "run_id", "synthetic", "legal_basis", "purpose", "code_version", "config_hash", "engine",
    "model_hashes", "audit_head",
)  # fmt: skip
"""What of ``run.json`` says which vintage it was and how it was made."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Trail:
    """What was done to a case, from the control database: its events, decisions on its records, the audit chain from the first entry on."""

    history: Sequence[Row] = ()
    decisions: Sequence[Row] = ()
    chain: Sequence[Row] = ()


def build(case_id: str, vintage: Path, deployment: Deployment, landing: str, out: Path, trail: Trail | None = None) -> Path:
    """Write ``out/<case_id>/`` and the same as ``out/<case_id>.zip``; gives the archive.

    Args:
        vintage: folder of the vintage that the case is told from.
        landing: path or fsspec URL of the landing store.

    Raises:
        UsageError: RC-E01 no such case in the vintage, RC-E02 a row's delivery is not in landing (or past retention).
    """
    edition, done = from_vintage(vintage, deployment), trail or Trail()
    folder = out / case_id
    shutil.rmtree(folder, ignore_errors=True)
    with edition.open() as con:
        con.execute("CREATE TEMP TABLE chosen AS SELECT ? AS case_id, 1 AS position", [case_id])
        found = rows(con, query("case_rows"))
        if not found:
            raise UsageError("RC-E01", "the vintage holds no such case", where=case_id, todo="See 'rollcall cases list'")
        folder.mkdir(parents=True, mode=0o700)
        _write_case(folder, found[0], edition, con)
        _write_rows(folder, edition, con, landing)
    _write(folder / "vintage.json", {key: value for key, value in _run(vintage).items() if key in VINTAGE_KEYS})
    _write(folder / "history.json", list(done.history))
    _write(folder / "decisions.json", list(done.decisions))
    lines = [json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n" for entry in done.chain]
    (folder / "audit.jsonl").write_text("".join(lines), encoding="utf-8")
    _copy_rules(folder, found[0]["code"], edition, vintage)
    shutil.copyfile(verify.__file__, folder / "verify.py")
    (folder / "README.txt").write_text(_readme(found[0], _run(vintage).get("vintage", vintage.name), edition, done.history), encoding="utf-8")
    _seal(folder)
    return _archive(folder)


def _write_case(folder: Path, case: Row, edition: Edition, con: duckdb.DuckDBPyConnection) -> None:
    told = {key: json.loads(value) if key in ("dates", "links", "tested") and value else value for key, value in case.items() if key != "change"}
    _write(folder / "case.json", told)
    for name in ("case_observations", "case_links", "case_people"):
        _write(folder / f"{name.removeprefix('case_')}.json", rows(con, query(name)))
    _write(folder / "people_history.json", rows(con, query("case_people_history")))
    _write(folder / "sources.json", {name: _reading(config) for name, config in edition.deployment.sources.items()})


def _reading(config: SourceConfig) -> dict[str, Any]:
    """What is needed to read a source's rows again: its form, and its allow-listed headings with their other spellings, in order."""
    form = config.form
    return {
        "title": config.title.model_dump(),
        "owner": config.owner.model_dump(),
        "form": {
            "kind": form.kind,
            "encoding": form.encoding,
            "delimiter": form.delimiter,
            "footer": list(form.footer),
            "private_use": dict(form.private_use),
        },
        "headings": {heading: list(column.aliases) for heading, column in config.columns.items() if heading not in config.drop},
    }


def _write_rows(folder: Path, edition: Edition, con: duckdb.DuckDBPyConnection, landing: str) -> None:
    """Every register row of the case's records as delivered, read again from the landed bytes, and the manifests that brought them.

    ``agrees``: the delivered cells have the hash that the register holds.
    """
    files, root = fsspec.core.url_to_fs(landing)
    (folder / "manifests").mkdir()
    found = []
    for source, config in edition.deployment.sources.items():
        reading = _reading(config)
        held = rows(con, query("case_source_rows").format(source=source))
        for (delivery, name), listed in groupby(held, key=lambda row: (row["delivery_id"], row["file"])):
            here = list(listed)
            digest, data = _landed(files, root, delivery, name, folder / "manifests")
            read = verify.landed_rows(data, reading["form"], reading["headings"], [row["row_number"] for row in here])
            for row in here:
                cells = read[row["row_number"]]
                agrees = verify.row_hash(cells, list(reading["headings"])) == row["row_hash"]
                found.append({**row, "file_sha256": digest, "agrees": agrees, "cells": cells})
    _write(folder / "rows.json", found)


def _landed(files: fsspec.AbstractFileSystem, root: str, delivery: str, name: str, manifests: Path) -> tuple[str, bytes]:
    """Hash and bytes of a delivered file; its manifest is copied."""
    try:
        manifest = files.cat_file(f"{root}/deliveries/{delivery}.json")
        digest = next(str(file["sha256"]) for file in json.loads(manifest)["files"] if file["name"] == name)
        data: bytes = files.cat_file(f"{root}/{digest[:2]}/{digest}")
    except (FileNotFoundError, StopIteration):
        raise UsageError("RC-E02", "the delivery is not in the landing store", where=delivery, why="past its retention?") from None
    (manifests / f"{delivery}.json").write_bytes(manifest)
    return digest, data


def _copy_rules(folder: Path, code: str, edition: Edition, vintage: Path) -> None:
    """The rule and the configuration that the vintage was made with: its own copies, or today's where they are still the same."""
    deployment = edition.deployment
    rule = pinned_rule(vintage, deployment.folder, code)
    if rule is not None:
        (folder / "rule").mkdir()
        shutil.copyfile(rule, folder / "rule" / rule.name)
    if (vintage / CONFIGURATION).is_dir():
        pin_configuration(vintage / CONFIGURATION, folder / CONFIGURATION)
    elif deployment.config_hash == edition.config_hash:
        pin_configuration(deployment.folder, folder / CONFIGURATION)


def _readme(case: Row, vintage: str, edition: Edition, history: Sequence[Row]) -> str:
    """The text that opens the pack: what the case says, what lies where, how to verify it and what that proves."""
    zh, en = labels("zh", edition.deployment), labels("en", edition.deployment)
    code = case["code"]
    return README.format(
        case=case["case_id"],
        vintage=vintage,
        night=edition.night,
        code=code,
        version=case["rule_version"] or "",
        title_zh=zh.rule(code),
        title_en=en.rule(code),
        reason_zh=case["reason_zh"] or zh.fires(code),
        reason_en=case["reason"] or en.fires(code),
        owner_zh=zh.owner(case["owner"]),
        owner_en=en.owner(case["owner"]),
        asks_zh=zh.asks(code),
        asks_en=en.asks(code),
        due=_due_dates(history),
    )


def _due_dates(history: Sequence[Row]) -> str:
    """The case's due dates, with the day and the event that set each; nothing when there never was one.

    >>> events = [("referred", "2026-01-30", "2026-02-14"), ("commented", "2026-02-01", "2026-02-14"), ("escalated", "2026-02-15", "2026-03-02")]
    >>> _due_dates([{"event": event, "night": night, "due_on": due} for event, night, due in events]).strip()
    '答复期限 / due: 2026-02-14 (referred 2026-01-30) -> 2026-03-02 (escalated 2026-02-15)'
    >>> _due_dates([{"event": "raised", "night": "2026-01-30"}])
    ''
    """
    told, before = [], None
    for event in history:
        due = event.get("due_on")
        if due is not None and due != before:
            told.append(f"{due} ({event['event']} {event['night']})")
        before = due
    return DUE.format(dates=" -> ".join(told)) if told else ""


def _run(vintage: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((vintage / "run.json").read_text(encoding="utf-8"))
    return found


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def _seal(folder: Path) -> None:
    """Write the manifest: the lines that ``sha256sum -c`` reads."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    lines = [f"{verify.sha256(p.read_bytes())}  {p.relative_to(folder).as_posix()}\n" for p in files]
    (folder / verify.MANIFEST).write_text("".join(lines), encoding="utf-8")


def _archive(folder: Path) -> Path:
    """The folder as an archive whose bytes depend on nothing but its content."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{file.relative_to(folder).as_posix()}", EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, file.read_bytes())
    path.chmod(0o600)
    return path
