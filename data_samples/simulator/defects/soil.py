"""Spoil a register's cells at the scenario's rates, and remember what was done to which record."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator.clock import IntArray
from data_samples.simulator.defects.columns import Target, targets
from data_samples.simulator.defects.kinds import Kind
from data_samples.simulator.name_lists import TIBETAN
from data_samples.simulator.observe import ROLES, Patch
from data_samples.simulator.planted.plan import CellText, Plan
from data_samples.simulator.registers import police
from data_samples.simulator.world import World

ENOUGH = 2


@dataclass
class Soil:
    """Cells to overwrite, what the records then say, and the kinds of dirt per (source, base, role)."""

    texts: list[CellText] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)
    marks: dict[tuple[str, int, str], list[str]] = field(default_factory=dict)

    def mark(self, source: str, base: int, role: str, kind: str) -> None:
        """Note a kind of dirt on a record's role."""
        kinds = self.marks.setdefault((source, base, role), [])
        if kind not in kinds:
            kinds.append(kind)


def soil(world: World, plan: Plan, source: str, rows: pd.DataFrame, cells: pa.Table) -> Soil:
    """All dirt of one register; what was planted stays as it is."""
    made = Soil()
    rng = world.rng(f"dirt {source}")
    first = np.flatnonzero(~rows["base"].duplicated(keep="last").to_numpy())
    for target in targets(source, world.scenario):
        free = first[~involved(rows, first, source, target.role, plan)]
        for position, kind in chosen(rng, cells, untouched(made, rows, free, target), target):
            spoil(made, rng, source, rows, cells, (position, target, kind))
    natural_marks(world, made, source, rows)
    return made


def untouched(made: Soil, rows: pd.DataFrame, free: IntArray, target: Target) -> IntArray:
    """The free records whose cell in this column is still clean."""
    spoilt = [base for (_, base, role), columns in made.marks.items() if role == "cells" and target.column in columns]
    return free[~np.isin(rows["base"].to_numpy()[free], np.array(spoilt, dtype=np.int64))]


def involved(rows: pd.DataFrame, first: IntArray, source: str, role: str, plan: Plan) -> np.ndarray:
    """Records that a plant rests on: of a used person in this role (any role for a column of the event), or of nobody."""
    used = np.array(sorted(plan.used), dtype=np.int64)
    hit = np.zeros(len(first), dtype=bool)
    for one in ROLES[source]:
        if role in ("", one.name):
            person = rows[one.person].to_numpy()[first]
            hit |= np.isin(person, used) | (person < 0) & (one.name == role)
    return hit


def chosen(rng: np.random.Generator, cells: pa.Table, free: IntArray, target: Target) -> Iterator[tuple[int, Kind]]:
    """Positions and kinds: at random by weight, then what a small world would lack."""
    column = cells.column(target.column)
    filled = free[~column.is_null().to_numpy()[free]]
    if target.share <= 0 or len(filled) == 0:
        return
    able = {name: filled[matching(column, kind, filled)] for name, kind in target.kinds.items()}
    done = np.empty(0, dtype=np.int64)
    total = sum(kind.weight for kind in target.kinds.values())
    for name, kind in target.kinds.items():
        wanted = int(rng.binomial(len(filled), min(1.0, target.share * kind.weight / total)))
        free_cells = np.setdiff1d(able[name], done)
        wanted = min(max(wanted, ENOUGH if target.ensured else 0), len(free_cells))
        picked = np.sort(rng.choice(free_cells, wanted, replace=False))
        done = np.r_[done, picked]
        for position in picked.tolist():
            yield position, kind


def matching(column: pa.ChunkedArray, kind: Kind, filled: IntArray) -> np.ndarray:
    """Which of the filled cells a kind can apply to."""
    if kind.pattern == ".":
        return np.ones(len(filled), dtype=bool)
    return np.asarray(pc.match_substring_regex(column.take(pa.array(filled)), kind.pattern).to_numpy())


def spoil(made: Soil, rng: np.random.Generator, source: str, rows: pd.DataFrame, cells: pa.Table, what: tuple[int, Target, Kind]) -> None:
    """Dirty one cell of all versions of a record."""
    position, target, kind = what
    base = int(rows["base"].to_numpy()[position])
    roles = [target.role] if target.role else [role.name for role in ROLES[source]]
    dirty = kind.spoil(cells.column(target.column)[position].as_py(), rng)
    if dirty is None:
        return
    made.mark(source, base, "cells", target.column)
    made.texts.append(CellText(source, base, target.column, dirty.text))
    for role in roles:
        made.mark(source, base, role, kind.name)
        made.patches.extend(Patch(base, role, name, value) for name, value in dirty.says)


def natural_marks(world: World, made: Soil, source: str, rows: pd.DataFrame) -> None:
    """Peculiarities that are in the facts already: newborns' names, names without surname, permits, a parent's number."""
    role = ROLES[source][0]
    person = rows[role.person].to_numpy()
    bases = rows["base"].to_numpy()
    if source != "police":
        tibetan = (person >= 0) & (world.people.ethnicity[np.maximum(person, 0)] == TIBETAN)
        for base in np.unique(bases[tibetan]).tolist():
            made.mark(source, base, role.name, "no_surname")
    if source == "birth":
        for base in np.unique(bases[rows["named"].to_numpy() == 1]).tolist():
            made.mark(source, base, "child", "newborn_temporary")
    if source == "school":
        for paper, kind in ((1, "permit"), (2, "foreign_resident")):
            for base in np.unique(bases[rows["paper"].to_numpy() == paper]).tolist():
                made.mark(source, base, "pupil", kind)


def former_names(world: World, plan: Plan, made: Soil, source: str, rows: pd.DataFrame) -> None:
    """School and pension rows that still carry the name that the police hold as 曾用名."""
    column = {"school": "姓名", "pension": "姓名", "marriage": "男方姓名", "electricity": "户名", "census": "姓名"}.get(source)
    if column is None:
        return
    entries = plan.registers["police"]
    entries = entries[(entries["former"] >= 0) & ~entries["person"].isin(sorted(plan.used))].drop_duplicates("person")
    names = police.former_name(world, entries, entries["person"].to_numpy()).to_pylist()
    former = {person: name for person, name in zip(entries["person"].tolist(), names, strict=True) if name}
    role = ROLES[source][0]
    held = rows[rows[role.person].isin(former.keys())].drop_duplicates("base")
    for base, person in zip(held["base"].tolist(), held[role.person].tolist(), strict=True):
        if person % 3 == 0 and column not in made.marks.get((source, base, "cells"), ()):
            made.texts.append(CellText(source, base, column, former[person]))
            made.mark(source, base, role.name, "former_name")


def joined(marks: dict[tuple[str, int, str], list[str]]) -> dict[tuple[str, int, str], str]:
    """Kinds per record and role, joined by ``;``."""
    return {key: ";".join(sorted(kinds)) for key, kinds in marks.items() if key[2] != "cells"}
