"""Receive: what the departments put into the inbox, checked against its manifest, kept as delivered, and read as text rows.

Reads the inbox and ``inputs.deliveries`` (and ``inputs.overrides`` when declared); writes ``deliveries``, ``raw`` and ``rejects`` of one source.
"""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pandas as pd

from pipelines.contracts.tables import DELIVERIES, REJECTS
from pipelines.errors import DeliveryError, RollcallError
from pipelines.locales import load_pack
from pipelines.receive.headings import wanted
from pipelines.receive.inbox import Folder, folders
from pipelines.receive.intake import MANIFEST, Intake, Part, take
from pipelines.receive.landing import Landing
from pipelines.receive.manifest import Manifest, read_manifest
from pipelines.receive.order import Candidate, Seen, of_each_date, settle, taken_before
from pipelines.settings import SourceConfig
from pipelines.step import StepContext
from pipelines.storage.frames import quoted, scan, write_frame, write_query

SEQUENCE_GATE = "sequence"


@dataclass(frozen=True)
class Received:
    """One delivery folder after its files were looked at."""

    folder: Folder
    candidate: Candidate
    manifest: Manifest | None = None
    parts: tuple[Part, ...] = ()
    rows: int | None = None


def run(ctx: StepContext) -> None:
    """Receive one source's deliveries up to the night."""
    if ctx.source is None:
        raise RollcallError("RC-F09", "receive runs once per source")
    ctx.outputs.mkdir(parents=True, exist_ok=True)
    con = ctx.connect()
    known = _known(con, ctx)
    by_date = of_each_date(known)
    with _workshop(ctx) as intake:
        received = [_look(folder, intake, by_date.get(folder.business_date, ())) for folder in folders(ctx.inbox, ctx.source.source, ctx.run.night)]
        verdicts = {c.delivery_id: c for c in settle([r.candidate for r in received if r.manifest], known, _overridden(con, ctx))}
        settled = [replace(r, candidate=verdicts[r.candidate.delivery_id]) if r.manifest else r for r in received]
        parts = [part for r in settled if r.candidate.status == "accepted" for part in r.parts]
        _write_raw(con, parts, ctx.source, ctx.write("raw"))
    write_frame(_deliveries(settled, ctx.source.source), DELIVERIES, ctx.write("deliveries"), con)
    write_frame(_rejects(parts, ctx.source), REJECTS, ctx.write("rejects"), con)
    con.close()


@contextmanager
def _workshop(ctx: StepContext) -> Iterator[Intake]:
    """A folder among the outputs for parts, gone at the end of the step."""
    assert ctx.source is not None
    folder = ctx.outputs / f"parts_{ctx.source.source}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    config = ctx.deployment.config

    def detect(sample: bytes) -> str:
        return load_pack(config.country, config.country_options).text.detect(sample).encoding

    try:
        yield Intake(ctx.source, Landing.at(ctx.landing), folder, f"{ctx.run.run_id}-{ctx.source.source}", detect)
    finally:
        shutil.rmtree(folder)


def _known(con: duckdb.DuckDBPyConnection, ctx: StepContext) -> list[Seen]:
    rows = con.execute(
        f"""SELECT delivery_id, business_date, sequence, mode, content_hash, status FROM {scan(ctx.read("inputs.deliveries"))}
            WHERE source = ? AND sequence IS NOT NULL""",
        [ctx.source.source if ctx.source else ""],
    ).fetchall()
    return [Seen(*row) for row in rows]


def _overridden(con: duckdb.DuckDBPyConnection, ctx: StepContext) -> set[str]:
    if "inputs.overrides" not in ctx.inputs:
        return set()
    sql = f"SELECT delivery_id FROM {scan(ctx.read('inputs.overrides'))} WHERE gate = ?"
    return {delivery for (delivery,) in con.execute(sql, [SEQUENCE_GATE]).fetchall()}


def _look(folder: Folder, intake: Intake, same_date: Sequence[Seen]) -> Received:
    """Check one folder; what is wrong with it becomes a code, and stops nothing else. ``same_date``: what is known of its business date."""
    if MANIFEST not in folder.files:
        detail = f"{folder.where}: no {MANIFEST} yet; still being uploaded?"
        return Received(folder, replace(_unnamed(folder, b""), status="waiting", code="RC-D01", detail=detail))
    text = folder.read(MANIFEST)
    try:
        manifest = read_manifest(text, intake.source, folder.business_date, folder.where)
    except DeliveryError as error:
        unread = replace(_unnamed(folder, text), status="refused", code=error.code, detail=error.line())
        intake.landing.remember(unread.delivery_id, text)
        return Received(folder, unread)
    candidate = Candidate(manifest.delivery_id, manifest.business_date, manifest.sequence, manifest.mode, manifest.content_hash)
    if taken_before(candidate, same_date):
        return Received(folder, candidate, manifest)
    intake.landing.remember(manifest.delivery_id, text)
    try:
        parts, rows = take(folder, manifest, intake)
    except DeliveryError as error:
        return Received(folder, replace(candidate, code=error.code, detail=error.line()), manifest)
    return Received(folder, candidate, manifest, tuple(parts), rows)


def _unnamed(folder: Folder, manifest: bytes) -> Candidate:
    """A delivery whose manifest can't be read: sequence 0 and the hash of the manifest's bytes."""
    digest = hashlib.sha256(manifest).hexdigest()
    return Candidate(f"{folder.source}-{folder.business_date:%Y%m%d}-0-{digest[:8]}", folder.business_date, 0, "", "")


def _write_raw(con: duckdb.DuckDBPyConnection, parts: Sequence[Part], source: SourceConfig, path: Path) -> None:
    """All accepted parts as ``raw``, in order of delivery, file and row, with the hash of the allow-listed cells."""
    text = ", ".join(f'"{h}"' for h in wanted(source))
    if parts:
        files = ", ".join(quoted(p.path) for p in sorted(parts, key=lambda p: (p.delivery_id, p.file)))
        cells = ", ".join(f'coalesce("{h}", chr(30))' for h in source.columns if h not in source.drop)
        sql = f"SELECT delivery_id, file, row_number, md5(concat_ws(chr(31), {cells})) AS row_hash, {text} FROM read_parquet([{files}])"
    else:
        nothing = ", ".join(f'CAST(NULL AS VARCHAR) AS "{h}"' for h in ("delivery_id", "file", "row_hash", *wanted(source)))
        sql = f"SELECT delivery_id, file, row_number, row_hash, {text} FROM (SELECT {nothing}, CAST(NULL AS BIGINT) AS row_number) WHERE false"
    write_query(con, sql, path)


def _deliveries(received: Sequence[Received], source: str) -> pd.DataFrame:
    rows = [
        {
            "delivery_id": r.candidate.delivery_id,
            "source": source,
            "business_date": r.candidate.business_date,
            "sequence": r.manifest.sequence if r.manifest else None,
            "mode": r.manifest.mode if r.manifest else None,
            "content_hash": r.manifest.content_hash if r.manifest else None,
            "status": r.candidate.status,
            "code": r.candidate.code or None,
            "detail": r.candidate.detail or None,
            "rows_declared": r.manifest.rows if r.manifest else None,
            "rows_read": r.rows,
            "bytes": r.manifest.bytes if r.manifest else None,
        }
        for r in received
    ]
    return pd.DataFrame(rows, columns=list(DELIVERIES.names)).drop_duplicates("delivery_id")


def _rejects(parts: Sequence[Part], source: SourceConfig) -> pd.DataFrame:
    rows = [
        {
            "source": source.source,
            "delivery_id": part.delivery_id,
            "file": part.file,
            "row_number": reject.row_number,
            "rule": reject.code,
            "column": reject.column,
            "severity": reject.severity,
            "owner": source.owner.zh,
        }
        for part in parts
        for reject in part.rejects
    ]
    return pd.DataFrame(rows, columns=list(REJECTS.names))
