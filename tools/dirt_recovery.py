"""Of the planted dirt of a sample, how much still compares: the table of docs/locales.md.

    rollcall run --inbox data_samples/yunzhou/inbox --data out/dirt --date 2026-01-31
    python -m tools.dirt_recovery --data out/dirt --truth data_samples/yunzhou/truth --write

Each record that carries one kind of dirt is set against the person it is of. ``--write`` puts the table into the page between its marks.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pandas as pd

from pipelines.locales import CountryPack, load_pack

PAGE = Path(__file__).parents[1] / "docs" / "locales.md"
SHORTEST = 15
"""Fewer characters than this (``8.80102E+17``) are not a number any more."""
START, END = "<!-- dirt: start -->", "<!-- dirt: end -->"
KINDS: dict[str, tuple[str, ...]] = {
    "name": (
        "spaces", "fullwidth_latin", "traditional", "glyph_variant", "second_round", "middle_dot", "private_use", "rare_question", "rare_box",
        "rare_star", "rare_mou", "rare_pinyin", "rare_halves", "homophone", "shape_alike", "former_name", "newborn_temporary", "uyghur_cut",
        "no_surname",
    ),
    "number": (
        "digits15", "wrong_digit", "swapped_digits", "chars17", "x_lower", "x_fullwidth", "x_cyrillic", "apostrophe", "scientific", "tail000",
        "placeholder_zeros", "placeholder_nines", "placeholder_text", "missing_number",
    ),
    "birth date": (
        "form_slash", "form_dot", "excel_serial", "chinese_numerals", "date_zeros", "date_nines", "date_1900", "day_month_swap", "birth_typo",
        "lunar", "january_first", "birth_other",
    ),
    "place": ("old_place_name", "old_place_code", "missing_province", "chinese_room"),
}  # fmt: skip
"""What a kind of dirt is on -> kinds, as the truth of the samples names them."""


def dirty_records(data: Path, truth: Path) -> pd.DataFrame:
    """One row per observation and kind of dirt, with what the pipeline read and who the person is (``true_`` columns)."""
    vintage = max(path for path in (data / "vintages").iterdir() if path.is_dir())
    query = """
        SELECT unnest(string_split(r.dirt, ';')) AS dirt, o.name, o.id_text, o.id_number, o.birth_date, o.birth_precision, o.sex,
               o.division, o.address_key,
               p.name AS true_name, p.id_number AS true_id_number, p.birth AS true_birth_date, p.division AS true_division,
               (SELECT list(DISTINCT k.address_key) FROM observed k JOIN records c USING (source, record_key, role)
                WHERE c.person = r.person AND c.dirt NOT LIKE '%room%') AS true_address_keys
        FROM records r JOIN persons p USING (person) JOIN observed o USING (source, record_key, role)
        WHERE r.dirt <> '' ORDER BY ALL"""
    with duckdb.connect() as con:
        con.read_parquet(str(vintage / "observations.parquet")).create_view("observed")
        for name in ("records", "persons"):
            con.read_parquet(str(truth / f"{name}.parquet")).create_view(name)
        return con.execute(query).df()


def levels(rows: pd.DataFrame, about: str, dirt: str, pack: CountryPack) -> pd.Series:
    """Level of each dirty observation against its person."""
    if about == "name":
        return pack.names.compare(rows["name"], rows["true_name"])
    if about == "birth date":
        precisions = (rows["birth_precision"], rows["birth_precision"].where(rows["birth_precision"].isna(), "day"))
        return pack.dates.compare(rows["birth_date"], rows["true_birth_date"], precisions)
    if dirt == "chinese_room":
        others = [{k for k in keys if k} if isinstance(keys, Iterable) else set() for keys in rows["true_address_keys"]]
        found = ["missing" if not keys else "same" if key in keys else "different" for key, keys in zip(rows["address_key"], others, strict=True)]
        return pd.Series(found, index=rows.index)
    if about == "place":
        return pack.places.compare(rows["division"], rows["true_division"])
    repaired = pack.numbers.repair(rows.rename(columns={"id_text": "number"})[["number", "birth_date", "birth_precision", "sex"]])
    candidates = set(zip(repaired["index"], repaired["candidate"], strict=True))
    return pd.Series([_number_level(row, candidates) for row in rows.itertuples()], index=rows.index)


def _number_level(row: object, candidates: set[tuple[object, str]]) -> str:
    index, text, number, right = (getattr(row, name) for name in ("Index", "id_text", "id_number", "true_id_number"))
    if text is None or len(text) < SHORTEST:
        return "missing"
    return "same" if number == right else "repaired" if (index, right) in candidates else "different"


def recovery(rows: pd.DataFrame, pack: CountryPack) -> pd.DataFrame:
    """One row per kind of dirt: on, dirt, pairs, compared (share of those that say something), missing, levels."""
    found = []
    for about, kinds in KINDS.items():
        for dirt in kinds:
            hit = rows[rows["dirt"] == dirt].reset_index(drop=True)
            if hit.empty:
                continue
            counts = levels(hit, about, dirt, pack).value_counts()
            told = len(hit) - counts.get("missing", 0)
            share = f"{(told - counts.get('different', 0)) / told:.0%}" if told else "-"
            listed = ", ".join(f"{level} {count}" for level, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
            found.append((about, dirt, len(hit), share, listed))
    return pd.DataFrame(found, columns=["on", "dirt", "pairs", "not different", "levels"])


def markdown(table: pd.DataFrame) -> str:
    """The table as it stands on the page."""
    lines = [table.columns.tolist(), ["---"] * len(table.columns), *table.astype(str).to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Print the table, or write it into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    text = markdown(recovery(dirty_records(arguments.data, arguments.truth), load_pack("zh_CN")))
    print(text)
    if arguments.write:
        page = PAGE.read_text("utf-8")
        head, rest = page.split(START)
        PAGE.write_text(f"{head}{START}\n{text}\n{END}{rest.split(END)[1]}", "utf-8")


if __name__ == "__main__":
    main()
