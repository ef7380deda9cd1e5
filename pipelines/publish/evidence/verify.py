#!/usr/bin/env python3
"""Verify an evidence pack without Rollcall. Needs nothing but Python's standard library.

    python verify.py                       the pack that this file lies in
    python verify.py PACK                  another pack: its folder or its archive
    python verify.py PACK --landing DIR    and the rows, read again from the bytes that the departments delivered

Checks that every file is the one that MANIFEST.sha256 names and that no other lies there; that the configuration has the hash that the
vintage was made with; that each source row's file stands in its delivery's manifest; that each row has the hash that the register
holds; and that the audit chain is whole. With the landing store at hand, each row is read again from the delivered bytes.
Prints what was checked and what is wrong; ends with 0 (verified), 6 (not) or 2 (usage).
"""

import argparse
import codecs
import csv
import hashlib
import io
import json
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

MANIFEST = "MANIFEST.sha256"
FIRST = "0" * 64
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CODECS = {"utf-8": "utf-8-sig", "gbk": "gb18030", "gb2312": "gb18030"}
HEADER_WITHIN = 10
Line = list[str | None]
Cells = dict[str, str | None]


def sha256(data: bytes | str) -> str:
    """In hexadecimal."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def folded(heading: str) -> str:
    """A heading without white space, in one width and case."""
    return "".join(unicodedata.normalize("NFKC", heading).replace("\ufeff", "").replace("\u200b", "").split()).casefold()


def landed_rows(data: bytes, form: Mapping[str, Any], headings: Mapping[str, Sequence[str]], numbers: Sequence[int]) -> dict[int, Cells]:
    """Rows of a delivered file by number (the first data row is 1): cells by contract heading, blank = null.

    Raises:
        ValueError: the file is not readable as ``form`` says, or lacks one of the rows.
    """
    lines = _workbook(data) if form["kind"] == "excel" else _delimited(data, form)
    places: dict[str, int] = {}
    found: dict[int, Cells] = {}
    wanted, seen = set(numbers), 0
    for place, line in enumerate(lines):
        if not places:
            places = _places(line, headings)
            if not places and place >= HEADER_WITHIN:
                break
        elif any(cell is not None for cell in line) and (line[0] or "").strip() not in form["footer"]:
            seen += 1
            if seen in wanted:
                found[seen] = {heading: line[at] if at < len(line) else None for heading, at in places.items()}
    if missing := sorted(wanted - set(found)):
        raise ValueError(f"no row {missing[0]}")
    return found


def _places(line: Line, headings: Mapping[str, Sequence[str]]) -> dict[str, int]:
    known = {folded(name): heading for heading, names in headings.items() for name in (heading, *names)}
    found = {known[folded(cell or "")]: at for at, cell in enumerate(line) if folded(cell or "") in known}
    return found if len(found) * 2 > len(headings) else {}


def _delimited(data: bytes, form: Mapping[str, Any]) -> Iterator[Line]:
    encoding = str(form["encoding"]).lower()
    text = codecs.decode(data, CODECS.get(encoding, encoding)).translate(str.maketrans(dict(form.get("private_use") or {})))
    csv.field_size_limit(1 << 24)
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=form["delimiter"]):
        if cells:
            yield [cell or None for cell in cells]


def _workbook(data: bytes) -> Iterator[Line]:
    """Rows of the first sheet as text."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        relations = {r.get("Id"): r.get("Target") for r in ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))}  # noqa: S314
        sheet = next(ElementTree.fromstring(parts.read("xl/workbook.xml")).iter(f"{SHEET}sheet"))  # noqa: S314
        target = str(relations[sheet.get(RELATION)]).lstrip("/")
        shared: list[str] = []
        if "xl/sharedStrings.xml" in parts.namelist():
            strings = ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))  # noqa: S314
            shared = ["".join(t.text or "" for t in item.iter(f"{SHEET}t")) for item in strings.iter(f"{SHEET}si")]
        page = ElementTree.fromstring(parts.read(target if target.startswith("xl/") else f"xl/{target}"))  # noqa: S314
    for row in page.iter(f"{SHEET}row"):
        cells = {_column(cell.get("r") or ""): _text(cell, shared) for cell in row.iter(f"{SHEET}c")}
        yield [cells.get(at) for at in range(max(cells, default=-1) + 1)]


def _column(reference: str) -> int:
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number - 1


def _text(cell: ElementTree.Element, shared: Sequence[str]) -> str | None:
    if cell.get("t") == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{SHEET}t")) or None
    value = cell.find(f"{SHEET}v")
    if value is None or not value.text:
        return None
    if cell.get("t") == "s":
        return shared[int(value.text)] or None
    return value.text.removesuffix(".0")


def row_hash(cells: Mapping[str, str | None], order: Sequence[str]) -> str:
    """The hash that the register holds of a row: md5 over the allow-listed cells in the contract's order."""
    joined = "\x1f".join("\x1e" if cells.get(heading) is None else str(cells[heading]) for heading in order)
    return hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()


def configuration_hash(folder: Path) -> str:
    """The hash of a deployment folder: paths and bytes of its files, in order."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in {".yml", ".csv", ".sql"}):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def check_files(pack: Path) -> Iterator[str]:
    """Files against the manifest."""
    listed = {}
    for line in (pack / MANIFEST).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    there = {p.relative_to(pack).as_posix() for p in pack.rglob("*") if p.is_file() and "__pycache__" not in p.parts} - {MANIFEST}
    yield from (f"{name}: is missing" for name in sorted(set(listed) - there))
    yield from (f"{name}: is not in the manifest" for name in sorted(there - set(listed)))
    yield from (f"{name}: was changed" for name in sorted(there & set(listed)) if sha256((pack / name).read_bytes()) != listed[name])


def check_configuration(pack: Path) -> Iterator[str]:
    """The configuration against the hash in the vintage's record."""
    wanted = _json(pack / "vintage.json")["config_hash"]
    if (pack / "configuration").is_dir() and configuration_hash(pack / "configuration") != wanted:
        yield "configuration: has another hash than the vintage was made with"


def check_rows(pack: Path, landing: Path | None) -> Iterator[str]:
    """Source rows against delivery manifests, against the registers' hashes and, with ``landing``, against the delivered bytes."""
    sources = _json(pack / "sources.json")
    for row in _json(pack / "rows.json"):
        where = f"{row['delivery_id']} {row['file']} row {row['row_number']}"
        manifest = _json(pack / "manifests" / f"{row['delivery_id']}.json")
        if {f["name"]: f["sha256"] for f in manifest["files"]}.get(row["file"]) != row["file_sha256"]:
            yield f"{where}: the delivery's manifest names another file"
        source = sources[row["source"]]
        if row_hash(row["cells"], list(source["headings"])) != row["row_hash"]:
            yield f"{where}: its cells are not those of the register"
        if landing is not None:
            yield from _check_landed(row, source, landing, where)


def _check_landed(row: Mapping[str, Any], source: Mapping[str, Any], landing: Path, where: str) -> Iterator[str]:
    path = landing / row["file_sha256"][:2] / row["file_sha256"]
    if not path.is_file():
        yield f"{where}: the landing store has no such file"
        return
    data = path.read_bytes()
    if sha256(data) != row["file_sha256"]:
        yield f"{where}: the landed file was changed"
    elif landed_rows(data, source["form"], source["headings"], [row["row_number"]])[row["row_number"]] != row["cells"]:
        yield f"{where}: the delivered bytes say otherwise"


def check_chain(pack: Path) -> Iterator[str]:
    """The audit chain from its first entry on."""
    before = FIRST
    for number, line in enumerate((pack / "audit.jsonl").read_text(encoding="utf-8").splitlines(), 1):
        entry = json.loads(line)
        parts = [entry[name] for name in ("seq", "at", "actor", "action", "object", "payload_hash", "previous_hash")]
        if entry["seq"] != number or entry["previous_hash"] != before:
            yield f"audit entry {number}: does not follow from the one before it"
        if entry["payload_hash"] != sha256(entry["payload"]) or entry["hash"] != sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":"))):
            yield f"audit entry {number}: was changed"
        before = entry["hash"]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def verify(pack: Path, landing: Path | None = None) -> list[str]:
    """Everything that is wrong with a pack; empty = verified."""
    try:
        return [*check_files(pack), *check_configuration(pack), *check_rows(pack, landing), *check_chain(pack)]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        return [f"not readable as an evidence pack: {type(error).__name__}"]


def told(pack: Path, landing: Path | None) -> list[str]:
    """What was checked, for a reader of a verified pack."""
    files = len((pack / MANIFEST).read_text(encoding="utf-8").splitlines())
    pinned = "has the hash that the vintage was made with" if (pack / "configuration").is_dir() else "is not in the pack"
    read = "each read again from the delivered bytes" if landing else "the delivered bytes were not at hand (--landing DIR)"
    chain = (pack / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    last = f", the last with hash {json.loads(chain[-1])['hash']}" if chain else ""
    return [
        f"files: {files}, each as {MANIFEST} names it",
        f"configuration: {pinned}",
        f"source rows: {len(_json(pack / 'rows.json'))}, each as the register holds it; {read}",
        f"audit chain: {len(chain)} entries, whole{last}",
        f"vintage: {_json(pack / 'vintage.json').get('content', '')}",
    ]


def unpacked(pack: Path, into: Path) -> Path:
    """The folder of a pack that may be an archive."""
    if not zipfile.is_zipfile(pack):
        return pack
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(into)
    return next((path.parent for path in into.glob(f"*/{MANIFEST}")), into)


def main(arguments: list[str]) -> int:
    """Verify, print, and give the exit code."""
    parser = argparse.ArgumentParser(description="Verify an evidence pack.")
    parser.add_argument("pack", type=Path, nargs="?", default=Path(__file__).resolve().parent)
    parser.add_argument("--landing", type=Path, help="folder of the bytes as delivered")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as beside:
        pack = unpacked(given.pack, Path(beside))
        if not (pack / MANIFEST).is_file():
            sys.stderr.write(f"no {MANIFEST} in {given.pack}: give the folder of a pack, or its archive\n")
            return 2
        problems = verify(pack, given.landing)
        lines = [*problems, "NOT verified"] if problems else [*told(pack, given.landing), "verified"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 6 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
