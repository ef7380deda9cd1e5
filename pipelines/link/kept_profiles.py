"""Profiles kept from night to night: a file of all is written now and then, and in between only what came since.

Which of the kept rows stand, ``link_state`` says (its column ``profile``). So a night writes in proportion to what changed, and looks for
partners of its new profiles by a few integers per kept one.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from matching import LinkageModel
from matching.model import Block
from matching.predicates import Key
from pipelines.contracts.tables import LINK_PROFILES, LINK_PROFILES_SINCE
from pipelines.storage.frames import column_names, keep_file, row_count, scan, write_table

MOVED = 0.2
"""From this share of all on, what came since and what stands no more is cleared up, and all are written anew."""


@dataclass(frozen=True)
class Kept:
    """A vintage's profiles: ``whole`` as all were written last, ``since`` what came later."""

    whole: Path
    since: Path

    @property
    def rows(self) -> str:
        """Every kept row as an SQL table expression, also of profiles that stand no more. No (grp, content) comes twice."""
        return scan(self.whole, self.since)


def mark_new(con: duckdb.DuckDBPyConnection) -> None:
    """Give ``profile`` the columns ``content`` and ``is_new``: the parent vintage (``state``) has no equal one."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE marked AS
        SELECT p.*, state.profile IS DISTINCT FROM p.content AS is_new
        FROM (SELECT *, (hash(profile) >> 1)::BIGINT AS content FROM profile) p LEFT JOIN state ON state.obs_id = p.grp
    """)
    con.execute("DROP TABLE profile; ALTER TABLE marked RENAME TO profile")


def put_partners(con: duckdb.DuckDBPyConnection, model: LinkageModel, kept: Kept) -> None:
    """Make ``partner`` (columns that the model reads): profiles out of scope that share a block with a new profile of ``profile``.

    A few come along that share none, where 32 bits of the keys are equal by chance; the engine looks at the keys themselves. A vintage of
    an older version may have kept profiles in another form: then everybody is judged anew, and nobody is out of scope.
    """
    if "blocks" not in column_names(kept.whole):
        con.execute("CREATE OR REPLACE TEMP TABLE partner AS SELECT * EXCLUDE (content, is_new) FROM profile WHERE false")
        return
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE reached AS
        WITH met AS (SELECT unnest({_blocks_sql(model)}) AS block FROM profile WHERE is_new),
        known AS (SELECT grp AS obs_id, content AS profile, unnest(blocks) AS block FROM {kept.rows})
        SELECT DISTINCT obs_id AS grp, profile AS content
        FROM known SEMI JOIN met USING (block) SEMI JOIN state USING (obs_id, profile) SEMI JOIN x USING (obs_id) ANTI JOIN scope USING (obs_id)
    """)
    con.execute(f"CREATE OR REPLACE TEMP TABLE partner AS SELECT * EXCLUDE (content, blocks) FROM {kept.rows} SEMI JOIN reached USING (grp, content)")


def write_profiles(con: duckdb.DuckDBPyConnection, model: LinkageModel, before: Kept | None, after: Kept) -> None:
    """Keep the profiles that stand: those of ``all_profile``, and of the parent vintage those that ``standing`` (grp, content) names.

    ``before`` is None when everybody was judged anew.
    """
    columns = ", ".join(dict.fromkeys(("grp", "content", *model.columns)))
    new = f"SELECT {columns}, {_blocks_sql(model)} AS blocks FROM all_profile WHERE is_new"
    if before is None:
        _write_whole(con, new, after)
        return
    since = f"""SELECT * FROM {scan(before.since)} SEMI JOIN standing USING (grp, content)
                UNION ALL BY NAME SELECT * FROM ({new}) ANTI JOIN {before.rows} USING (grp, content)"""
    write_table(con, since, LINK_PROFILES_SINCE, after.since)
    came, all_kept = row_count(after.since), row_count(before.whole) + row_count(after.since)
    [(stand,)] = con.execute("SELECT count(*) FROM standing").fetchall()
    if came + all_kept - stand > MOVED * stand:
        _write_whole(con, f"SELECT * FROM {scan(before.whole, after.since)} SEMI JOIN standing USING (grp, content)", after)
    else:
        keep_file(before.whole, after.whole)


def _write_whole(con: duckdb.DuckDBPyConnection, profiles: str, after: Kept) -> None:
    write_table(con, profiles, LINK_PROFILES, after.whole)
    write_table(con, f"SELECT * FROM {scan(after.whole)} WHERE false", LINK_PROFILES_SINCE, after.since)


def _blocks_sql(model: LinkageModel) -> str:
    """The blocks that a profile stands in, as a list of integers; `matching.block` says what a block is."""
    return f"flatten([{', '.join(_codes(rule, block) for rule, block in enumerate(model.blocks))}])"


def _codes(rule: int, block: Block) -> str:
    """The blocks of one rule, null when a key is missing."""
    several = [key.column for key in block.keys if key.transform == "tokens"]
    single = [_value(key) for key in block.keys if key.transform != "tokens"]
    words = [f"w{place}" for place in range(len(several))]
    sql = f"[(hash({', '.join((str(rule), *single, *words))}) >> 33)::INTEGER]"
    for column, word in zip(several, words, strict=True):
        sql = f"flatten(list_transform(string_split({column}, ' '), lambda {word}: {sql}))"
    return f"CASE WHEN {' AND '.join(f'{value} IS NOT NULL' for value in single)} THEN {sql} END" if single else sql


def _value(key: Key) -> str:
    return f"left(CAST({key.column} AS VARCHAR), {key.characters})" if key.characters else key.column
