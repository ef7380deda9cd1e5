"""Small hand-made worlds: observations as readable rows, one night of link and identify over them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipelines import identify, link
from pipelines.contracts.tables import DECISIONS, LINK_REPORT, LINKED, OBS, PERSON_HISTORY, PERSON_RECORDS
from pipelines.locales import load_pack
from pipelines.settings import Deployment, load_deployment
from pipelines.step import RunPin, StepContext
from pipelines.storage.frames import connect, empty, write_table

ROOT = Path(__file__).parents[2]
ROLES = {"police": "self", "census": "self", "death": "deceased", "cremation": "deceased", "school": "pupil",
         "pension": "beneficiary", "electricity": "holder"}  # fmt: skip
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(born: str, sequence: int, division: str = "880105") -> str:
    """A right number of the made-up province: ``born`` as 2010-03-05, an odd sequence for a man."""
    body = division + born.replace("-", "") + f"{sequence:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def row(source: str, key: str, role: str | None = None, **values: Any) -> dict[str, Any]:
    """One observation. ``no`` is the number's cell, ``born`` the birth date (2010-03-05, 2010-03 or 2010)."""
    return {"source": source, "record_key": key, "role": role or ROLES[source], **values}


def birth(key: str, born: str, child: Mapping[str, Any], mother: Mapping[str, Any], father: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The three observations of a birth certificate."""
    dad = father or {}
    known = {"mother_name": mother.get("name"), "mother_id": mother.get("no"), "father_name": dad.get("name"), "father_id": dad.get("no")}
    rows = [
        row("birth", key, "child", born=born, ref_birth_cert=key, event_date=born, **known, **child),
        row("birth", key, "mother", sex="F", event_date=born, **mother),
    ]
    return [*rows, row("birth", key, "father", sex="M", event_date=born, **dad)] if dad else rows


def observations(rows: Iterable[Mapping[str, Any]], night: str = "2026-01-31") -> pd.DataFrame:
    """The rows as the ``obs`` contract has them, standardised by the country pack."""
    pack = load_pack("zh_CN")
    given = pd.DataFrame(list(rows))
    for column in ("name", "no", "born", "former_name", "old_id_number", "mother_name", "father_name", "guardian_name", "spouse_name"):
        given[column] = given[column].astype(object).where(given[column].notna(), None) if column in given else None
    names = pack.names.standardise(given["name"])
    former = pack.names.standardise(given["former_name"])
    numbers = pack.numbers.parse(given["no"])
    valid = numbers["valid"].astype(bool)
    frame = given.drop(columns=["no", "born"]).assign(
        **{column: names[column] for column in ("name", "name_fold", "name_sound", "name_kind")},
        former_name=former["name"], former_name_fold=former["name_fold"],
        id_text=numbers["number"], id_number=numbers["number"].where(valid, None), id_kind=numbers["kind"], id_valid=valid,
        id_reasons=numbers["reasons"],
        birth_date=given["born"].map(lambda b: None if b is None else (b + "-01-01")[:10] if len(b) == 4 else (b + "-01")[:10]),
        birth_precision=given["born"].map(lambda b: None if b is None else {4: "year", 7: "month", 10: "day"}[len(b)]),
        delivery_id="d", file="f", row_number=1, changed_on=given.get("changed_on", pd.Series(night, index=given.index)).fillna(night),
        live=given.get("live", pd.Series(True, index=given.index)).fillna(value=True).astype(bool),
    )  # fmt: skip
    for column in ("mother_name", "father_name", "guardian_name", "spouse_name"):
        frame[column] = pack.names.standardise(given[column])["name_fold"]
    said = frame.drop(columns=["changed_on", "live"]).astype(str).agg("|".join, axis=1)
    return frame.assign(obs_hash=said)


@dataclass(frozen=True)
class Night:
    """One night's observations and outputs."""

    folder: Path
    sources: tuple[str, ...]

    def table(self, name: str) -> pd.DataFrame:
        """A table of the night."""
        return connect().execute(f"SELECT * FROM read_parquet('{self.folder / name}.parquet')").df()

    def persons(self) -> dict[tuple[str, str, str], str]:
        """The person of each (source, record_key, role)."""
        frame = self.table("person_records")
        return {tuple(key): person for *key, person in frame[["source", "record_key", "role", "person_id"]].values.tolist()}

    def together(self) -> list[set[str]]:
        """The persons as sets of record keys (with the role where a row has several)."""
        frame = self.table("person_records")
        several = frame["source"].isin(["birth", "marriage"])
        frame["key"] = frame["record_key"].where(~several, frame["record_key"] + "." + frame["role"])
        return sorted((set(keys) for keys in frame.groupby("person_id")["key"].agg(list)), key=sorted)


@cache
def deployment(engine: str = "recordlinkage") -> Deployment:
    """The sample deployment, with an engine."""
    found = load_deployment(ROOT / "deployments" / "yunzhou")
    return found.model_copy(update={"config": found.config.model_copy(update={"engine": engine})})


def run_night(
    folder: Path,
    rows: Iterable[Mapping[str, Any]],
    *,
    before: Night | None = None,
    night: date = date(2026, 1, 31),
    decisions: Iterable[Mapping[str, Any]] = (),
    engine: str = "recordlinkage",
) -> Night:
    """Run link and identify over ``rows``; ``before`` is the parent vintage."""
    folder.mkdir(parents=True)
    frame = observations(rows, night.isoformat())
    sources = tuple(sorted(frame["source"].unique()))
    con = connect()
    for source in sources:
        some = frame[frame["source"] == source]
        missing = {c.name: None for c in OBS if c.name not in some.columns and c.name != "obs_id"}
        con.register("observed", some.assign(**missing))
        columns = ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in OBS if c.name != "obs_id")
        write_table(con, f"SELECT obs_id(source, record_key, role) AS obs_id, {columns} FROM observed", OBS, folder / f"obs_{source}.parquet")
    _decisions(con, decisions, folder / "decisions.parquet")
    _run(folder, sources, before, night, engine)
    return Night(folder, sources)


def _decisions(con: duckdb.DuckDBPyConnection, decisions: Iterable[Mapping[str, Any]], path: Path) -> None:
    rows = pd.DataFrame([{"decision_id": f"x{n}", "decided_on": "2026-01-01", **d} for n, d in enumerate(decisions)])
    if rows.empty:
        empty(DECISIONS, path)
        return
    con.register("decisions", rows)
    write_table(con, "SELECT * FROM decisions", DECISIONS, path)


def _run(folder: Path, sources: tuple[str, ...], before: Night | None, night: date, engine: str) -> None:
    inputs = {f"obs_{s}": folder / f"obs_{s}.parquet" for s in sources} | {"inputs.decisions": folder / "decisions.parquet"}
    for table in (*LINKED, PERSON_RECORDS, PERSON_HISTORY):
        path = (before.folder if before else folder) / f"{'' if before else 'none_'}{table.name}.parquet"
        if not before:
            empty(table, path)
        inputs[f"previous.{table.name}"] = path
    if before:
        inputs |= {f"previous.obs_{s}": before.folder / f"obs_{s}.parquet" for s in before.sources}
    inputs["links"] = folder / "links.parquet"
    written = frozenset(table.name for table in (*LINKED, LINK_REPORT, PERSON_RECORDS, PERSON_HISTORY))
    ctx = StepContext(
        run=RunPin(night, "r", "v" if before else None, "c", "x"), deployment=deployment(engine), inputs=inputs, outputs=folder,
        declared=written, connect=connect,
    )  # fmt: skip
    link.run(ctx)
    identify.run(replace(ctx))
