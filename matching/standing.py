"""A linkage of two tables that stands from one night to the next, in a DuckDB database.

Its tables hold what a later night needs so that it has to look at its own changes only (`matching.relink`), each with
`standing_` before its name:

    record_l, record_r   id, the text of each column (t_x), a hash of each sure key (key_0, ...; null when a part is missing) and
                         of each value whose frequency counts (value_0, ...)
    sure                 id_l, id_r, tier: pairs that a sure key linked
    block_l, block_r     rule, key (hash of rule and keys), id: in which blocks the records stand that no sure key linked
    hot                  rule, key, n: the blocks that are left out
    pair                 id_l, id_r, the level of each comparison, the most that these levels can weigh, and, where its frequency
                         counts, the hash of each side's value (value_0_l, ...): every compared pair
    count_0, ...         value, n for each such column: add up n by value
    link                 id_l, id_r: scored pairs that are the best of both their records
    about                what it was made with

Levels are kept, weights are not: each night they follow from the levels and from how frequent a value then is, so that the
result is that of a full run, to the last bit. Keys and values are told apart by hashes of 64 bits; text is kept as it is, since
a night reads few records here and there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from matching.block import Capped
from matching.cascade import Cascaded, Sure, best_sql, find
from matching.engines.base import Call, Scored
from matching.engines.duckdb import Cursor, DuckDBEngine
from matching.engines.pairs_sql import Rule, rules_of
from matching.engines.session import Session
from matching.engines.signs import SLACK, most_weights
from matching.engines.sql import Dialect, forms, frequency_sql, key_sql, probability_sql, quoted, text_sql, total_sql
from matching.model import Comparison, LinkageModel
from matching.predicates import write, write_key
from matching.score import adjusted_levels, frequency_column, least_weight, level_column
from matching.tables import Table, check_columns

SIDES = ("l", "r")
FORM = 2
"""Of the tables above; a change of it means to start again."""


class StandingError(RuntimeError):
    """The database holds no standing linkage, or one made in another way; it says what to do."""


@dataclass(frozen=True)
class Terms:
    """How two tables are linked, the same every night: sure keys, then, of the pairs of the rest whose probability reaches
    `threshold`, the best of both records. Another value of any of these means to start again."""

    model: LinkageModel
    sure: tuple[Sure, ...]
    threshold: float
    id_column: str = "id"

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that model and sure keys read, each once, sorted."""
        return tuple(sorted({*self.model.columns, *(name for rule in self.sure for name in rule.columns)}))

    @property
    def signature(self) -> str:
        """All that decides a result or the form of the tables, as text."""
        import duckdb

        keys = (f"{','.join(write_key(key) for key in rule.block.keys)}:{write(rule.when) if rule.when else ''}" for rule in self.sure)
        return "|".join([str(FORM), duckdb.__version__, self.model.hash, repr(self.threshold), *keys])


@contextmanager
def transaction(engine: DuckDBEngine) -> Iterator[Cursor]:
    """A cursor whose changes of the database happen wholly, or, after an error, not at all."""
    with engine.open() as database:
        database.cursor.begin()
        try:
            yield database
        except BaseException:
            database.cursor.rollback()
            raise
        database.cursor.commit()


def start(engine: DuckDBEngine, left: Table, right: Table, terms: Terms) -> None:
    """A full run, kept in the engine's database in place of what stood there.

    Raises:
        TableError: a table lacks a column that the model or a sure key names.
    """
    with transaction(engine) as database:
        run = database.cursor.execute
        for (name,) in database.rows("select table_name from duckdb_tables() where starts_with(table_name, 'standing_') and not temporary"):
            run(f"drop table {name}")
        for side, table in zip(SIDES, (left, right), strict=True):
            _create(database, f"standing_record_{side}", records_sql(database, f"given_{side}", table, terms))
            given = ", ".join(f"{quoted('t_' + name)} as {quoted(name)}" for name in terms.columns)
            run(f"create temp view as_given_{side} as select id, {given} from standing_record_{side}")
        session = find(database, "as_given_l", "as_given_r", terms.model, terms.sure, one_to_one=True, call=Call(), frequencies={})
        session.find_pairs()
        run("create table standing_sure as select id_l, id_r, tier from sure")
        texts = ", ".join(quoted("t_" + name) for name in terms.model.columns)
        for side in SIDES:
            rest = f"(select id, {texts} from prepared_{side})"
            run(f"create table standing_block_{side} as {blocks_sql(rest, terms.model, session.dialect)}")
        every = "select rule, key from standing_block_l union all select rule, key from standing_block_r"
        sizes = f"select rule, key, count(*) as n from ({every}) group by rule, key"
        run(f"create table standing_hot as select * from ({sizes}) where n > {cap_sql(terms.model)}")
        run(f"create table standing_pair as {levels_sql(session)}")
        for place in range(len(terms.model.frequency_columns)):
            rows = " union all ".join(f"select value_{place} as value from standing_record_{side}" for side in SIDES)
            run(f"create table standing_count_{place} as select value, count(*) as n from ({rows}) where value is not null group by value")
        run(f"create table standing_link as {best_sql(f'({weighed_sql(database, terms)})')}")
        run("create table standing_about as select ? as signature", [terms.signature])


def _create(database: Cursor, name: str, sql: str) -> None:
    """A table whose text is not packed: to unpack a few rows costs as much as all."""
    kinds = database.rows(f"describe {sql}")
    columns = ", ".join(f"{quoted(str(row[0]))} {row[1]}{' using compression uncompressed' if row[1] == 'VARCHAR' else ''}" for row in kinds)
    database.cursor.execute(f"create table {name} ({columns})")
    database.cursor.execute(f"insert into {name} {sql}")


def check(database: Cursor, terms: Terms) -> None:
    """Refuse a database without a standing linkage, or with one that other terms made.

    Raises:
        StandingError: as above.
    """
    import duckdb

    try:
        [(signature,)] = database.rows("select signature from standing_about")
    except duckdb.CatalogException as error:
        raise StandingError("the database holds no standing linkage; make one with matching.standing.start") from error
    if signature != terms.signature:
        raise StandingError("the standing linkage was made with another model, sure keys, threshold or version; start it again")


def links(engine: DuckDBEngine) -> pa.Table:
    """All links as they stand: id_l, id_r (int64), in no order."""
    with engine.open() as database:
        return database.arrow("select id_l, id_r from standing_sure union all select id_l, id_r from standing_link")


def cascaded(engine: DuckDBEngine, terms: Terms) -> Cascaded:
    """What `matching.cascade.cascade` gives, one to one, for the tables as they stand.

    Raises:
        StandingError: nothing stands there, or other terms made it.
    """
    with engine.open() as database:
        check(database, terms)
        names = ", ".join(level_column(comparison.name) for comparison in terms.model.comparisons)
        probability = probability_sql("weight", terms.model)
        scored = weighed_sql(database, terms)
        pairs = database.arrow(f"select id_l, id_r, {names}, weight, {probability} as probability from ({scored}) order by id_l, id_r")
        [(compared,)] = database.rows("select count(*) from standing_pair")
        sure = database.arrow("select id_l, id_r, tier from standing_sure order by id_l, id_r")
        return Cascaded(sure, Scored(pairs, compared, capped(database, terms.model)))


def capped(database: Cursor, model: LinkageModel) -> tuple[Capped, ...]:
    """The blocks that are left out, by rule."""
    rows = database.rows("select rule, count(*), sum(n), max(n) from standing_hot group by rule order by rule")
    return tuple(Capped(rule, model.blocks[rule].name, blocks, int(records), largest) for rule, blocks, records, largest in rows)


def records_sql(database: Cursor, name: str, table: Table, terms: Terms) -> str:
    """The rows of `standing_record_*` for a caller's table."""
    source = database.source(name, table)
    kinds = database.kinds(source)
    check_columns(list(kinds), [terms.id_column, *terms.columns])
    dialect = database.dialect(frozenset())
    texts = ", ".join(f"{text_sql(column, kinds[column], dialect)} as {quoted('t_' + column)}" for column in terms.columns)
    keys = "".join(f", {_hash_sql(rule)} as key_{place}" for place, rule in enumerate(terms.sure))
    keys += "".join(f", {_value_sql(quoted('t_' + name))} as value_{place}" for place, name in enumerate(terms.model.frequency_columns))
    return f"select *{keys} from (select cast({quoted(terms.id_column)} as bigint) as id, {texts} from {source})"


def _hash_sql(rule: Sure) -> str:
    keys = [key_sql(key) for key in rule.block.keys]
    return f"case when {' and '.join(f'{key} is not null' for key in keys)} then hash({', '.join(keys)}) end"


def _value_sql(text: str) -> str:
    return f"case when {text} is not null then hash({text}) end"


def blocks_sql(table: str, model: LinkageModel, dialect: Dialect) -> str:
    """The rows of `standing_block_*` for a table of id and texts."""
    words = [column for column, needed in forms(model).items() if "w" in needed]
    split = "".join(f", {dialect.words.format(quoted('t_' + column))} as {quoted('w_' + column)}" for column in words)
    rows = f"(select *, true as is_new{split} from {table})"
    blocks = ((rule.place, _rows_sql(rule, rows, dialect)) for rule in rules_of(model))
    return " union all ".join(
        f"select cast({place} as utinyint) as rule, hash({place}, block) as key, id from ({sql}) where block is not null" for place, sql in blocks
    )


def _rows_sql(rule: Rule, table: str, dialect: Dialect) -> str:
    return rule.words_sql(table, dialect) if rule.block.exploding else f"select id, {rule.block_sql(dialect)} as block from {table}"


def cap_sql(model: LinkageModel) -> str:
    """The largest block of the column `rule`."""
    return f"case rule {' '.join(f'when {place} then {model.cap_of(block)}' for place, block in enumerate(model.blocks))} end"


def levels_sql(session: Session) -> str:
    """The rows of `standing_pair` for the table `pairs` of a session."""
    names = ", ".join(level_column(comparison.name) for comparison in session.model.comparisons)
    values = "".join(
        f", case when {_counts_sql(session.model, column)} then {_value_sql(f'{side}.' + quoted('t_' + column))} end as value_{place}_{side}"
        for place, column in enumerate(session.model.frequency_columns)
        for side in SIDES
    )
    most = " + ".join(_most_sql(comparison) for comparison in session.model.comparisons)
    return f"""select id_l, id_r, {names}, {most} as most{values} from ({session.compared_sql()})
               join prepared_l l on l.id = id_l join prepared_r r on r.id = id_r"""


def _most_sql(comparison: Comparison) -> str:
    """The most that the level of a pair can weigh."""
    most = {level.name: weight for level, weight in most_weights(comparison)}
    cases = (f"when {number} then '{most[level.name]!r}'::double" for number, level in zip(comparison.numbers, comparison.levels, strict=True))
    return f"case {level_column(comparison.name)} {' '.join(cases)} end"


def weighed_sql(database: Cursor, terms: Terms) -> str:
    """id_l, id_r, levels and weight of the pairs whose probability reaches the threshold, in no order."""
    model, taken, joins, least = terms.model, "", "", least_weight(terms.threshold, terms.model)
    likely = f"from standing_pair where most >= {least - SLACK!r}"
    for place, column in enumerate(model.frequency_columns):
        both = " union ".join(f"select value_{place}_{side} as value {likely}" for side in SIDES)
        database.keep(
            f"frequency_now_{place}",
            f"""select value, cast(sum(n) as bigint) / (select sum(n) from standing_count_{place}) as frequency
                from standing_count_{place} semi join ({both}) needed using (value) group by value""",
        )
        for side in SIDES:
            name = f"{side}{place}"
            taken += f", {name}.frequency as {quoted(f'f_{column}_{side}')}"
            joins += f" left join frequency_now_{place} {name} on p.value_{place}_{side} = {name}.value"
    counted = "".join(f", {sql} as {frequency_column(c.name)}" for c in model.comparisons if (sql := frequency_sql(c)) is not None)
    names = ", ".join(level_column(comparison.name) for comparison in model.comparisons)
    return f"""select id_l, id_r, {names}, weight from (select *, {total_sql(model)} as weight from (
                   select *{counted} from (select p.*{taken} from ({likely}) p{joins})))
               where weight >= {least!r}"""


def _counts_sql(model: LinkageModel, column: str) -> str:
    """Is a pair at a level where the frequency of this column's value counts?"""
    levels = {c.name: [number for number, (name, *_) in adjusted_levels(c).items() if name == column] for c in model.comparisons}
    return " or ".join(f"{level_column(name)} in ({', '.join(map(str, numbers))})" for name, numbers in levels.items() if numbers)
