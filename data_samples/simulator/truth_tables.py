"""The truth as files: records, anomalies, innocents, persons."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_samples.simulator import numbers
from data_samples.simulator.clock import NEVER, IntArray, blank, calendar_date, digits
from data_samples.simulator.places import CODES
from data_samples.simulator.planted.plan import Plan
from data_samples.simulator.world import World

Dirt = Mapping[tuple[str, int, str], str]


def person_id(person: IntArray | pd.Series) -> pa.Array:
    """``T0000042``; null for nobody (-1)."""
    values = np.asarray(person, dtype=np.int64)
    return blank(pc.binary_join_element_wise("T", digits(np.maximum(values, 0), 7), ""), values < 0)


def dates(days: IntArray) -> pa.Array:
    """Days as dates; never = null."""
    values = np.asarray(days, dtype=np.int64)
    return pa.array(np.where(values >= NEVER, 0, values).astype("datetime64[D]"), mask=values >= NEVER)


def write_records(observations: pd.DataFrame, nobody: pd.DataFrame, dirt: Dirt, path: Path) -> None:
    """source, record_key, role, person, dirt (kinds joined by ``;``): one row per record and role."""
    rows = pd.concat([observations, nobody], ignore_index=True).drop_duplicates(["source", "base", "role"], keep="last")
    kinds = np.full(len(rows), "", dtype=object)
    if dirt:
        marks = pd.Series(dirt)
        index = pd.MultiIndex.from_arrays([rows["source"], rows["base"], rows["role"]])
        kinds = marks.reindex(index).fillna("").to_numpy()
    table = pa.table(
        {
            "source": pa.array(rows["source"], pa.string()),
            "record_key": pa.array(rows["key"], pa.string()),
            "role": pa.array(rows["role"], pa.string()),
            "person": person_id(rows["person"]),
            "dirt": pa.array(kinds, pa.string()),
        }
    )
    pq.write_table(table.sort_by([(name, "ascending") for name in ("source", "record_key", "role")]), path, compression="zstd")


def write_persons(world: World, path: Path) -> None:
    """person, name, sex, birth, death, division, number, mother, father, spouse, twin, household, registered, left."""
    people, kin = world.people, world.families
    everyone = np.arange(len(people))
    known = np.where(world.registered <= world.last, world.number, 0)
    table = pa.table(
        {
            "person": person_id(everyone),
            "name": world.name,
            "sex": pa.array(np.where(people.male, "M", "F")),
            "birth": dates(people.birth),
            "death": dates(people.death),
            "division": pc.cast(pa.array(CODES[people.territory]), pa.string()),
            "id_number": numbers.text(known),
            "mother": person_id(kin.mother),
            "father": person_id(kin.father),
            "spouse": person_id(kin.spouse),
            "twin_group": blank(person_id(np.maximum(people.twin - 1, 0)), people.twin == 0),
            "household": pa.array(world.household),
            "registered": dates(np.where(world.registered <= world.last, world.registered, NEVER)),
            "left": dates(world.left),
        }
    )
    pq.write_table(table, path, compression="zstd")


def record_names(observations: pd.DataFrame, nobody: pd.DataFrame, plan: Plan) -> dict[tuple[str, int, str], str]:
    """``source|key|role`` of the records that plants mention."""
    mentioned = {(m.source, m.base, m.role) for innocent in plan.innocents for m in innocent.mentions}
    mentioned |= {("police", base, "self") for _, _, bases in plan.silent_moves for base in bases}
    wanted = {base for _, base, _ in mentioned}
    rows = pd.concat([observations, nobody], ignore_index=True)
    rows = rows[rows["base"].isin(wanted)]
    names = {(row.source, row.base, row.role): f"{row.source}|{row.key}|{row.role}" for row in rows.itertuples()}
    return {key: names[key] for key in mentioned if key in names}


def write_innocents(plan: Plan, names: Mapping[tuple[str, int, str], str], found: pd.DataFrame, path: Path) -> pd.DataFrame:
    """code, kind, persons, records, note: what a naive rule would raise, and no night of the run rightly does (``found``)."""
    due = found[found["status"] == "open"]
    guilty = {(code, person) for code, persons in zip(due["code"], due["persons"], strict=True) for person in persons}
    spared = [item for item in plan.innocents if not any((item.code, f"T{person:07d}") in guilty for person in item.persons)]
    frame = pd.DataFrame(
        {
            "code": [item.code for item in spared],
            "kind": [item.kind for item in spared],
            "persons": [[f"T{person:07d}" for person in item.persons] for item in spared],
            "records": [sorted(names[key] for m in item.mentions if (key := (m.source, m.base, m.role)) in names) for item in spared],
            "note": [item.note for item in spared],
        }
    ).sort_values(["code", "kind", "note"], kind="stable", ignore_index=True)
    write_lists(frame, path)
    return frame


def write_anomalies(found: pd.DataFrame, plan: Plan, names: Mapping[tuple[str, int, str], str], path: Path) -> pd.DataFrame:
    """code, status, subject, persons, records, since, first_night, fixed_night, planted, note."""
    planted = [
        bool(plan.planted.get(code, set()).intersection(persons))
        for code, persons in zip(found["code"].tolist(), found["persons"].tolist(), strict=True)
    ]
    frame = found.assign(planted=planted, note="")
    silent = []
    for source, target, bases in plan.silent_moves:
        records = sorted(names[key] for base in bases if (key := ("police", base, "self")) in names)
        night = calendar_date(plan.fix_nights[0])
        for division, word in ((source, "left without a departure"), (target, "came without an arrival")):
            silent.append(
                {
                    "code": "A01",
                    "status": "open",
                    "subject": str(division),
                    "persons": [],
                    "records": records,
                    "since": night,
                    "first_night": night,
                    "fixed_night": None,
                    "planted": True,
                    "note": f"{len(bases)} entries {word}",
                }
            )
    if silent:
        frame = pd.concat([frame, pd.DataFrame(silent)], ignore_index=True)
    frame = frame.sort_values(["code", "status", "subject"], kind="stable", ignore_index=True)
    write_lists(frame, path)
    return frame


def write_lists(frame: pd.DataFrame, path: Path) -> None:
    """A frame with list and date columns as Parquet."""
    kinds = {"persons": pa.list_(pa.string()), "records": pa.list_(pa.string()), "planted": pa.bool_()}
    kinds |= {name: pa.date32() for name in ("since", "first_night", "fixed_night")}
    columns = {}
    for name in frame.columns:
        values = [None if isinstance(value, float) else list(value) if name in ("persons", "records") else value for value in frame[name].tolist()]
        values = [None if value is None or (isinstance(value, date) and pd.isna(value)) else value for value in values]
        columns[name] = pa.array(values, kinds.get(name, pa.string()))
    pq.write_table(pa.table(columns), path, compression="zstd")
