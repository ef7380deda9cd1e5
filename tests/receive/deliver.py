"""Small deliveries of the sample deployment, and the three steps that take them in, for tests."""

import atexit
import csv
import hashlib
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import pandas as pd
import xlsxwriter

from pipelines.contracts.tables import INPUT_TABLES, KNOWN_DELIVERIES, LEDGER, OBS, OVERRIDES, REC
from pipelines.settings import Deployment, SourceConfig, load_deployment
from pipelines.step import RunPin, StepContext
from pipelines.storage.frames import connect, empty, write_frame

DEPLOYMENT = Path(__file__).resolve().parents[2] / "deployments" / "yunzhou"
Row = Mapping[str, str]


@cache
def deployment() -> Deployment:
    """The sample deployment."""
    return load_deployment(DEPLOYMENT)


def text(headings: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str = ",", newline: str = "\r\n") -> str:
    """A delimited file's text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline)
    writer.writerow(headings)
    writer.writerows(rows)
    return out.getvalue()


def workbook(path: Path, headings: Sequence[str], rows: Sequence[Sequence[str]], title: str = "在校生名册", footer: str = "合计") -> bytes:
    """A workbook with a title line above the header and a footer line below."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    lines = [[title], headings, *rows, [footer, str(len(rows))]] if title else [headings, *rows]
    for number, line in enumerate(lines):
        for column, cell in enumerate(line):
            sheet.write_string(number, column, cell)
    book.close()
    return path.read_bytes()


def content(source: SourceConfig, rows: Sequence[Row], folder: Path, headings: Sequence[str] | None = None) -> tuple[str, bytes]:
    """File name and bytes of a delivery as the source's contract wants it."""
    columns = list(headings or [*source.columns, *source.drop])
    cells = [[row.get(c, "") for c in columns] for row in rows]
    name = source.form.files[0].replace("*", "")
    if source.form.kind == "excel":
        return name, workbook(folder / "made.xlsx", columns, cells)
    return name, text(columns, cells, source.form.delimiter).encode(source.form.encoding)


def put(inbox: Path, source: str, day: date, sequence: int, mode: str, files: Mapping[str, tuple[bytes, int]], **manifest: object) -> Path:
    """Write a delivery folder: files as name -> (bytes, rows). ``manifest`` overrides fields of the manifest."""
    folder = inbox / source / f"{day:%Y%m%d}"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    listed = []
    for name, (data, rows) in files.items():
        (folder / name).write_bytes(data)
        listed.append({"name": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "rows": rows})
    head = {"contract": 1, "source": source, "business_date": day.isoformat(), "sequence": sequence, "mode": mode, "files": listed}
    (folder / "manifest.json").write_text(json.dumps({**head, **manifest}))
    return folder


@cache
def _empty_tables() -> Mapping[str, Path]:
    """An empty file of each table that a step may read from before the night."""
    folder = Path(mkdtemp(prefix="rollcall-nothing-"))
    atexit.register(shutil.rmtree, folder)
    for table in (REC, OBS, LEDGER, *INPUT_TABLES.values()):
        empty(table, folder / f"{table.name}.parquet")
    return {path.stem: path for path in folder.iterdir()}


def nothing(source: str) -> Mapping[str, Path]:
    """What the first night starts from."""
    return {name if name.startswith("inputs.") else f"previous.{name}_{source}": path for name, path in _empty_tables().items()}


@dataclass
class Desk:
    """An inbox, a landing store, and what the nights so far have left: enough to run the three steps as the flow does."""

    base: Path
    config: Deployment = field(default_factory=deployment)
    known: list[dict[str, object]] = field(default_factory=list)
    overrides: list[dict[str, object]] = field(default_factory=list)
    previous: dict[str, Path] = field(default_factory=dict)
    nights: int = 0

    @property
    def inbox(self) -> Path:
        """Where deliveries are put."""
        return self.base / "inbox"

    def source(self, name: str) -> SourceConfig:
        """A source's settings."""
        return self.config.sources[name]

    def deliver(self, source: str, day: date, sequence: int, mode: str, rows: Sequence[Row], headings: Sequence[str] | None = None) -> Path:
        """A right delivery of these rows."""
        self.base.mkdir(parents=True, exist_ok=True)
        name, data = content(self.source(source), rows, self.base, headings)
        return put(self.inbox, source, day, sequence, mode, {name: (data, len(rows))})

    def context(self, source: str, night: date, declared: Sequence[str], outputs: Path) -> StepContext:
        """The context of one call."""
        inputs = dict(nothing(source))
        for table, rows in ((KNOWN_DELIVERIES, self.known), (OVERRIDES, self.overrides)):
            if rows:
                inputs[table.name] = self.base / f"{table.name}-{self.nights}.parquet"
                write_frame(pd.DataFrame(rows), table, inputs[table.name])
        inputs |= self.previous | {p.stem: p for p in outputs.glob("*.parquet")} if outputs.exists() else self.previous
        pin = RunPin(night, f"R{self.nights}", None, "config", "code")
        return StepContext(
            run=pin, deployment=self.config, inputs=inputs, outputs=outputs, declared=frozenset(declared), connect=connect,
            source=self.source(source), inbox=str(self.inbox), landing=str(self.base / "landing"),
        )  # fmt: skip

    def night(self, source: str, night: date) -> "Night":
        """Run the three steps for a source and keep what the next night starts from."""
        from pipelines import receive, standardise, validate

        self.nights += 1
        outputs = self.base / f"night{self.nights}"
        steps = {
            receive.run: ("deliveries", "raw", "rejects"),
            validate.run: ("good", "quarantine", "gates"),
            standardise.run: ("rec", "obs", "ledger"),
        }
        for run, writes in steps.items():
            run(replace(self.context(source, night, writes, outputs)))
        for table in ("rec", "obs"):
            self.previous[f"previous.{table}_{source}"] = outputs / f"{table}_{source}.parquet"
        done = Night(outputs, source)
        self._remember(done)
        return done

    def receive(self, source: str, night: date) -> "Night":
        """Run receive alone."""
        from pipelines import receive

        self.nights += 1
        outputs = self.base / f"night{self.nights}"
        receive.run(self.context(source, night, ("deliveries", "raw", "rejects"), outputs))
        return Night(outputs, source)

    def _remember(self, done: "Night") -> None:
        ended = {r["delivery_id"]: r["status"] for r in done.rows("ledger")}
        settled = {k["delivery_id"] for k in self.known if k["status"] == "applied"}
        for row in done.rows("deliveries"):
            if row["status"] != "waiting" and row["delivery_id"] not in settled:
                kept = {k: row[k] for k in KNOWN_DELIVERIES.names}
                self.known = [k for k in self.known if k["delivery_id"] != row["delivery_id"]]
                self.known.append(kept | {"status": ended.get(row["delivery_id"], row["status"])})


@dataclass(frozen=True)
class Night:
    """What the steps wrote."""

    outputs: Path
    source: str

    def path(self, table: str) -> Path:
        """A written table."""
        return self.outputs / f"{table}_{self.source}.parquet"

    def rows(self, table: str, where: str = "true") -> list[dict[str, object]]:
        """Rows of a table as dictionaries."""
        con = duckdb.connect()
        found = con.execute(f"SELECT * FROM read_parquet('{self.path(table)}') WHERE {where}")
        names = [d[0] for d in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        con.close()
        return rows

    def count(self, table: str, where: str = "true") -> int:
        """How many rows."""
        return len(self.rows(table, where))

    def delivery(self) -> dict[str, object]:
        """The only delivery."""
        [row] = self.rows("deliveries")
        return row
