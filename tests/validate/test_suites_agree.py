"""Each suite says the same by Great Expectations and by SQL: over good rows, over every kind of planted bad row, and over mixtures."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from expectations import FOLDER
from pipelines.settings import SourceConfig
from pipelines.validate.by_gx import ROW, flag_frame
from pipelines.validate.compile import flag_rows
from pipelines.validate.suite import SuiteRule, read_suite
from tests.receive.deliver import deployment

SOURCES = deployment().sources
GOOD = {
    "number": ["880105198001010014", "88010519800101009X", "880101800101001"],
    "YYYYMMDD": ["19800101", "20240229"],
    "YYYY-MM-DD": ["1980-01-01", "2024-02-29"],
    "YYYY年M月D日": ["1980年1月1日", "2024年12月31日"],
    "YYYYMM": ["198001", "202412"],
    "YYYYMMDDHHMMSS": ["19800101000000", "20240229235959"],
    "YYYY-MM-DD HH:MM": ["1980-01-01 00:00", "2024-02-29 23:59"],
}
ODD = [
    None, "", " ", "\n", "无", "不详", "0", "-1", "1.5", "1.555", "张三", "张\n三", "<b>", "a|b",
    "x" * 61, "J880101-2020-000001", "K880000001", "k880000001", "880105198001010014",
    "880105198001010015", "88010519800101009x", "８８０１０５１９８００１０１００１８", "88010519800101001Х",
    "8801051980010100", "1.1E+17", "880101800101001", "88010180010100", "000000000000000000",
    "'880105198001010018", "880105198001010018\n", "19800101", "19801301", "19800230", "20230229",
    "17991231", "21010101", "99991231", "00000000", "1980-01-01", "1980-1-1", "1980-02-30",
    "1980/01/01", "1980年1月1日", "1980年01月01日", "1980年13月1日", "1980年2月30日", "１９８０年1月1日", "198001",
    "198013", "19800101240000", "19800101235960", "20240229120000", "2024-02-29 23:59",
    "2024-02-29 24:00", "2023-02-29 10:00", "男", "女", "未知", "未婚", "死亡", "换发", "离婚", "终止", "销户",
    "880105", "88010", "户主1", "户主",
]  # fmt: skip


@cache
def rules_of(suite: str) -> tuple[SuiteRule, ...]:
    """A suite's rules."""
    return read_suite(FOLDER / suite)


def frame_of(source: SourceConfig, rows: Sequence[dict[str, str | None]]) -> pd.DataFrame:
    """Rows as ``raw`` has them."""
    headings = [*source.columns, *source.drop]
    cells = [{h: row.get(h) or None for h in headings} for row in rows]
    head = [{"delivery_id": f"d{i % 2}", "file": "f", "row_number": i, "row_hash": str(hash(tuple(c.values())) % 1000)} for i, c in enumerate(cells)]
    return pd.DataFrame(
        [h | c for h, c in zip(head, cells, strict=True)], columns=["delivery_id", "file", "row_number", "row_hash", *headings]
    ).astype(dict.fromkeys(headings, object))


def by_sql(frame: pd.DataFrame, rules: Sequence[SuiteRule]) -> dict[tuple[object, ...], int]:
    """Masks by the compiled path."""
    con = duckdb.connect()
    con.register("frame", frame)
    con.execute("CREATE TABLE rows AS SELECT * FROM frame")
    flag_rows(con, rules, "rows", ", ".join(ROW), "flagged")
    masks = {tuple(row[:3]): row[3] for row in con.execute("SELECT * FROM flagged").fetchall()}
    con.close()
    return masks


def rows_of(source: SourceConfig) -> list[dict[str, str | None]]:
    """A good row, then every odd cell in every column, then rows with one key and two contents."""
    good: dict[str, str | None] = {h: f"K88{i:07}" for i, h in enumerate(source.columns)}
    planted = [{**good, source.key[0]: f"P{n}", heading: odd} for heading in source.columns for n, odd in enumerate(ODD)]
    asked = [
        {**good, r.kwargs["column_A"]: (r.kwargs.get("values") or ["x"])[0], r.column: None} for r in rules_of(source.suite) if "column_A" in r.kwargs
    ]
    twins = [{**good, source.key[0]: "TWIN", list(source.columns)[-1]: str(i)} for i in range(4)]
    same = [{**good, source.key[0]: "SAME"} for _ in range(4)]
    return [good, *planted, *asked, *twins, *same]


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_suite_agrees(name: str) -> None:
    source = SOURCES[name]
    rules = rules_of(source.suite)
    frame = frame_of(source, rows_of(source))
    compiled = by_sql(frame, rules)
    assert compiled == flag_frame(frame, FOLDER / source.suite, rules)
    broken = {rule.rule for i, rule in enumerate(rules) if any(mask >> i & 1 for mask in compiled.values())}
    assert broken == {rule.rule for rule in rules}, "the planted rows break every rule of the suite"


@pytest.mark.parametrize("suite", sorted(p.name for p in FOLDER.glob("vintage_*.yml")))
def test_a_table_suite_agrees(suite: str) -> None:
    """Every column of the suite takes values of its kind, right, wrong and null."""
    rules = rules_of(suite)
    frame = table_of(rules)
    compiled = by_sql(frame, rules)
    assert compiled == flag_frame(frame, FOLDER / suite, rules)
    broken = {rule.rule for i, rule in enumerate(rules) if any(mask >> i & 1 for mask in compiled.values())}
    assert broken == {rule.rule for rule in rules}


def table_of(rules: Sequence[SuiteRule]) -> pd.DataFrame:
    """A table with right, wrong, missing and repeated values in each column that the rules name."""
    columns = dict.fromkeys(
        c for r in rules for c in (r.kwargs.get("column"), r.kwargs.get("column_A"), r.kwargs.get("column_B"), *r.kwargs.get("column_list", ())) if c
    )
    numeric = {r.kwargs["column"] for r in rules if r.type == "expect_column_values_to_be_between"}
    pairs = {c for r in rules if "column_A" in r.kwargs for c in (r.kwargs["column_A"], r.kwargs["column_B"])}
    count = 12
    values: dict[str, object] = {"delivery_id": [f"d{i}" for i in range(count)], "file": ["f"] * count, "row_number": list(range(count))}
    for shift, column in enumerate(columns):
        if column in numeric:
            values[column] = [float("nan") if i == shift % count else float(i - 2) for i in range(count)]
        elif column in pairs:
            values[column] = [float("nan") if i == shift else float((i * (shift + 3)) % 5) for i in range(count)]
        elif column != "delivery_id":
            values[column] = [None if i == shift % count else "same" if i % 5 == 0 else f"v{i}" for i in range(count)]
        else:
            values[column] = [None, *(f"d{i // 2}" for i in range(1, count))]
    frame = pd.DataFrame(values)
    return pd.concat([frame, frame.tail(1).assign(row_number=count)], ignore_index=True)


def test_good_values_pass() -> None:
    kinds = {"expect_column_values_to_be_identity_numbers": lambda _: "number", "expect_column_values_to_be_dates": lambda r: r.kwargs["forms"][0]}
    for source in SOURCES.values():
        rules = [r for r in rules_of(source.suite) if r.type in kinds]
        for number in range(2):
            row = {r.column: GOOD[kinds[r.type](r)][number] for r in rules}
            young = {c: v for c, v in row.items() if not v.startswith("1980")} if number == 0 else row
            assert not by_sql(frame_of(source, [young]), rules), source.source


def test_every_suite_names_columns_of_its_source() -> None:
    for source in SOURCES.values():
        named = {r.column for r in rules_of(source.suite)}
        assert named <= {*source.columns, *source.drop}, source.source
        assert set(source.row_key_columns) <= {r.column for r in rules_of(source.suite) if r.severity == "critical"}, "keys are critical"


def test_a_type_that_is_not_compiled_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.yml"
    path.write_text(
        "name: odd\nexpectations:\n  - {type: expect_column_mean_to_be_between, kwargs: {column: a}, severity: info, meta: {rule: Q-1, column: a}}\n"
    )
    with pytest.raises(Exception, match=r"RC-C21 odd.yml, expectation 1: 'expect_column_mean_to_be_between' is not compiled"):
        read_suite(path)
