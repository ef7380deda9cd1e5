"""The engine beyond one machine: the same SQL on Spark, local mode here, a cluster where there is one.

Edit distances and similarities run in Arrow functions on rapidfuzz, as in the other engines.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import rapidfuzz.distance
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import arrow_udf
from rapidfuzz.process import cpdist

from matching.engines.session import SqlEngine
from matching.engines.sql import Dialect
from matching.tables import Table, as_arrow, is_path

FUNCTIONS = {
    "codepoint_levenshtein": ("Levenshtein.distance", "int"),
    "codepoint_damerau": ("DamerauLevenshtein.distance", "int"),
    "codepoint_jaro_winkler": ("JaroWinkler.similarity", "double"),
}
"""Functions given to Spark: scorer in rapidfuzz.distance (by name, as workers get it by name), type of the result."""

LOCAL = {
    "spark.driver.memory": "2g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
}
"""Settings of a session of our own: this machine only, nothing listening beyond it."""

SPARK = Dialect(
    name="spark",
    text="cast({0} as string)",
    levenshtein=lambda _column, a, b, most: f"codepoint_levenshtein({a}, {b}) <= {most}",
    damerau=lambda _column, a, b, most: f"codepoint_damerau({a}, {b}) <= {most}",
    jaro_winkler=lambda _column, a, b, least: f"codepoint_jaro_winkler({a}, {b}) >= {least!r}",
    days_between="datediff({0}, {1})",
    date="case when {0} rlike '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$' and {0} >= '0001' then try_cast({0} as date) end",
    words="array_sort(array_distinct(filter(split({0}, ' '), x -> x <> '')))",
    shared="size(array_intersect({0}, {1}))",
    explode="explode({0})",
    once="",
    is_ascii=None,
    hashed="xxhash64({0})",
)


class _Views:
    """`matching.engines.session.Database` on a Spark session of its own, in temporary views."""

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark
        self._kept: dict[str, DataFrame] = {}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._spark.sql(sql).collect()]

    def keep(self, name: str, sql: str) -> None:
        self._kept[name] = self._spark.sql(sql).cache()
        self._kept[name].createOrReplaceTempView(name)

    def view(self, name: str, sql: str) -> None:
        self._spark.sql(sql).createOrReplaceTempView(name)

    def drop(self, name: str) -> None:
        """Nothing yet: what is computed from it is computed later. See `close`."""

    def close(self) -> None:
        for frame in self._kept.values():
            frame.unpersist()

    def arrow(self, sql: str) -> pa.Table:
        table: pa.Table = self._spark.sql(sql).toArrow()
        # Spark says which columns may be null; the interface does not
        return table.cast(pa.schema([pa.field(field.name, field.type) for field in table.schema])).combine_chunks()

    def source(self, name: str, table: Table) -> str:
        if isinstance(table, str) and not is_path(table):
            return table
        stored = isinstance(table, str | Path)
        frame = self._spark.read.parquet(str(table)) if stored else self._spark.createDataFrame(as_arrow(table))
        frame.createOrReplaceTempView(name)
        return name

    def kinds(self, source: str) -> dict[str, str]:
        return {name: kind.upper() for name, kind in self._spark.table(source).dtypes}

    def dialect(self, _ascii_columns: frozenset[str]) -> Dialect:
        return SPARK


class SparkEngine(SqlEngine):
    """`matching.engines.base.Engine` on Spark. `spark`: the session to use; else one is made on this machine, with
    `cores` of it and with `settings` beyond `LOCAL`."""

    name = "spark"

    def __init__(self, spark: SparkSession | None = None, *, cores: int = 2, settings: Mapping[str, str] | None = None) -> None:
        self._spark = spark or _local_session(cores, settings or {})

    @contextmanager
    def open(self) -> Iterator[_Views]:
        """A session of its own (views, functions and settings), on the shared cluster."""
        spark = self._spark.newSession()
        spark.conf.set("spark.sql.ansi.doubleQuotedIdentifiers", "true")
        for name, (scorer, kind) in FUNCTIONS.items():
            spark.udf.register(name, _vectorised(scorer, kind))
        views = _Views(spark)
        try:
            yield views
        finally:
            views.close()


def _local_session(cores: int, settings: Mapping[str, str]) -> SparkSession:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers take "python3" of the path otherwise
    builder = SparkSession.builder.master(f"local[{cores}]").appName("linkage")
    for name, value in {**LOCAL, **settings}.items():
        builder = builder.config(name, value)
    session: SparkSession = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _vectorised(scorer: str, kind: str) -> Any:
    """An Arrow function of two texts; null where one is null."""
    dtype, arrow = (np.float64, pa.float64()) if kind == "double" else (np.int32, pa.int32())

    def distance(a: pa.Array, b: pa.Array) -> pa.Array:
        measure = attrgetter(scorer)(rapidfuzz.distance)
        values = cpdist(a.fill_null("").to_pylist(), b.fill_null("").to_pylist(), scorer=measure, dtype=dtype)
        missing = a.is_null().to_numpy(zero_copy_only=False) | b.is_null().to_numpy(zero_copy_only=False)
        return pa.array(values, arrow, mask=missing)

    distance.__annotations__ = {"a": pa.Array, "b": pa.Array, "return": pa.Array}
    return arrow_udf(distance, kind)
