"""The inbox: which rows of which register each delivery holds, in which file and form."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from data_samples.simulator import write
from data_samples.simulator.clock import calendar_date, month_index
from data_samples.simulator.registers import electricity, pension, school
from data_samples.simulator.sources import BY_NAME, Delivery
from data_samples.simulator.write import FileForm, Part

ONE_WORKBOOK, DISTRICT_WORKBOOK = 12_000, 3_000
QUIRKS: tuple[tuple[str, str], ...] = (
    ("birth", "bom_missing"),
    ("death", "bom"),
    ("cremation", "column_order"),
    ("marriage", "crlf"),
    ("police", "lf"),
    ("birth", "heading_spaced"),
    ("death", "extra_column"),
    ("cremation", "footer"),
    ("marriage", "heading_initials"),
    ("police", "quoted_newline"),
)
HEADINGS = {"新生儿姓名": "新生儿 姓名", "男方姓名": "NFXM", "女方姓名": "NVFXM"}
EXTRA_COLUMN = "备注"


@dataclass(frozen=True)
class Content:
    """One register ready to deliver: its frame and, row by row, its cells."""

    source: str
    rows: pd.DataFrame
    cells: pa.Table


def quirks_of(delivery: Delivery, nights: list[int]) -> list[str]:
    """File-level dirt: five quirks on the second night, five on the third, and so on in turn."""
    if delivery.folder not in nights[1:]:
        return []
    turn = (nights.index(delivery.folder) - 1) % 2
    return [quirk for source, quirk in QUIRKS[turn * 5 : turn * 5 + 5] if source == delivery.source]


def selection(content: Content, delivery: Delivery) -> np.ndarray:
    """Positions of the versions that a delivery shows."""
    rows, night = content.rows, delivery.folder
    chosen = (rows["seen"] <= night) & (rows["until"] > night)
    if delivery.mode != "full":
        chosen &= rows["seen"] > delivery.since
    return np.flatnonzero(chosen.to_numpy())


def twist(table: pa.Table, quirk: str) -> pa.Table:
    """Column-level surprises: another order, another heading, one column more, a line break inside a cell."""
    names = table.column_names
    if quirk == "column_order":
        return table.select([*names[1:3], names[0], *names[3:]])
    if quirk in ("heading_spaced", "heading_initials"):
        return table.rename_columns([HEADINGS.get(name, name) for name in names])
    if quirk == "extra_column":
        return table.append_column(EXTRA_COLUMN, pa.array(["SYNTHETIC"] * len(table), pa.string()))
    if quirk == "quoted_newline" and len(table):
        place = names.index("户籍地址")
        values = table.column(place).to_pylist()
        values[0] = f"{values[0][:6]}\n{values[0][6:]}" if values[0] else values[0]
        return table.set_column(place, "户籍地址", pa.array(values, pa.string()))
    return table


def school_parts(content: Content, chosen: np.ndarray, folder: Path, night: int) -> list[Part]:
    """One workbook; above 12,000 pupils a part per district, text instead of a workbook for the largest."""
    table = content.cells.take(pa.array(chosen))
    title = f"云州省{calendar_date(night).year}年学籍信息表 SYNTHETIC"
    if len(table) <= ONE_WORKBOOK:
        return [write.write_workbook(table, folder / "enrolment.xlsx", title)]
    codes = school.district(content.rows.iloc[chosen])
    made = []
    for code in np.unique(codes):
        part = table.take(pa.array(np.flatnonzero(codes == code)))
        if len(part) > DISTRICT_WORKBOOK:
            made.append(write.write_csv(part, folder / f"enrolment_{code}.csv", FileForm.of(BY_NAME["school"])))
        else:
            made.append(write.write_workbook(part, folder / f"enrolment_{code}.xlsx", title))
    return made


def table_of(content: Content, delivery: Delivery) -> pa.Table:
    """The rows of a delivery in key order."""
    if content.source == "pension":
        month = int(month_index(np.array([delivery.folder]))[0])
        chosen = np.flatnonzero(content.rows.index.isin(pension.on_file(content.rows, month).index))
        fixed = content.cells.take(pa.array(chosen))
        return pension.monthly(content.rows.iloc[chosen], fixed, month, delivery.folder)
    chosen = selection(content, delivery)
    cells = content.cells.take(pa.array(chosen))
    if content.source == "electricity":
        for name, column in electricity.meter(content.rows.iloc[chosen], delivery.folder).items():
            cells = cells.set_column(cells.column_names.index(name), name, column)
    return cells


def deliver(content: Content, delivery: Delivery, inbox: Path, nights: list[int]) -> int:
    """Write one folder; returns the number of rows."""
    source = BY_NAME[content.source]
    folder = inbox / source.name / calendar_date(delivery.folder).strftime("%Y%m%d")
    folder.mkdir(parents=True, exist_ok=True)
    if source.name == "school":
        parts = school_parts(content, selection(content, delivery), folder, delivery.folder)
    else:
        table, form = table_of(content, delivery), FileForm.of(source)
        for quirk in quirks_of(delivery, nights):
            table, form = twist(table, quirk), form.with_quirk(quirk)
        parts = [write.write_csv(table, folder / source.file, form)]
    write.write_manifest(folder, delivery, parts)
    return sum(part.rows for part in parts)


def file_dirt(deliveries: list[Delivery], nights: list[int]) -> list[dict[str, str]]:
    """Every file-level surprise, so that a deployment can declare the other headings and expect the rest."""
    return [
        {"source": item.source, "date": calendar_date(item.folder).isoformat(), "kind": quirk}
        for item in deliveries
        for quirk in quirks_of(item, nights)
    ]


def aliases() -> dict[str, str]:
    """Other spelling of a heading -> the contract's."""
    return {other: heading for heading, other in HEADINGS.items()}
