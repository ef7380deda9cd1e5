"""The records of cases side by side: masked, with the characters marked in which records of one person differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from pipelines.publish.masking import Mask, Value, compare, month
from pipelines.publish.statements import Fact

WHOLE = ("sex", "division", "address")
"""Attributes that differ as a whole, never by a character."""

COMPARED = (
    ("name", "name_fold", "names"),
    ("former_name", "former_name_fold", "names"),
    ("sex", "sex", ""),
    ("birth_date", "birth_date", "month"),
    ("number", "number", "numbers"),
    ("old_id_number", "old_id_number", "numbers"),
    ("mother_id", "mother_id", "numbers"),
    ("father_id", "father_id", "numbers"),
    ("spouse_id", "spouse_id", "numbers"),
    ("division", "division", ""),
    ("address", "address_key", "hidden"),
)
"""Attributes shown side by side: the attribute, what two records are compared by, and how it is masked. ``sex`` and ``division`` are codes still."""

Texts = list[str | None]


@dataclass(frozen=True)
class Record:
    """One record of a case. ``values`` by attribute of ``COMPARED``, only those that some record of the person has; ``person`` numbers
    the case's people from 1 (0 = of no person).
    """

    source: str
    key: str
    role: str
    person: int
    live: bool
    delivery_id: str
    file: str
    row_number: int
    changed_on: str
    id_kind: str | None
    id_reasons: str | None
    values: Mapping[str, Value]
    facts: tuple[Fact, ...]


def side_by_side(members: pd.DataFrame, mask: Mask, own: Mapping[tuple[str, str], tuple[Fact, ...]]) -> dict[str, tuple[Record, ...]]:
    """The records of each case.

    Args:
        members: rows of ``figures/case_records.sql``.
        own: each record's statements, by source and record key.

    Returns:
        Records by case id, in the order of ``members``.
    """
    values = _compared(members, mask)
    placed = members.rename(columns={"record_key": "key"}).assign(key=mask.keys(members["record_key"]))
    fields = [name for name in Record.__dataclass_fields__ if name not in ("values", "facts")]
    found: dict[str, list[Record]] = {}
    columns = zip(members["case_id"], members["record_key"], placed[fields].to_dict("records"), values, strict=True)
    for case_id, key, row, said in columns:
        record = Record(**{str(name): value for name, value in row.items()}, values=said, facts=own.get((row["source"], key), ()))
        found.setdefault(case_id, []).append(record)
    return {case_id: tuple(records) for case_id, records in found.items()}


def _compared(members: pd.DataFrame, mask: Mask) -> list[dict[str, Value]]:
    """Each record's values, compared with the other records of the same person in the same case."""
    full = {name: texts(members[name]) for name in {n for pair in COMPARED for n in pair[:2]}}
    shown = _masked(members, mask)
    values: list[dict[str, Value]] = [{} for _ in range(len(members))]
    for index in members.groupby(["case_id", "person"], sort=False).indices.values():
        for name, by, _ in COMPARED:
            if any(full[name][i] is not None for i in index):
                columns = ([column[i] for i in index] for column in (full[name], shown[name], full[by]))
                marked = compare(*columns, by_character=name not in WHOLE)
                for i, value in zip(index, marked, strict=True):
                    values[i][name] = value
    return values


def _masked(members: pd.DataFrame, mask: Mask) -> dict[str, Texts]:
    """Every compared attribute as a reader may see it."""
    ways: Mapping[str, Callable[[pd.Series], Texts]] = {
        "": texts,
        "names": lambda raw: texts(mask.names(raw)),
        "numbers": lambda raw: texts(mask.numbers(raw)),
        "month": lambda raw: [month(text) for text in texts(raw)],
        "hidden": lambda raw: [None if text is None else "****" for text in texts(raw)],
    }
    return {name: ways[how](members[name]) for name, _, how in COMPARED}


def texts(column: pd.Series) -> Texts:
    """A column as text; blanks null."""
    return [None if pd.isna(value) or value == "" else str(value) for value in column.astype(object)]
