"""Whom tonight's changes can reach, so that the cost of linking follows the changes and not the population.

What was ever compared, directly or through others, is one *neighbourhood*; it is judged as a whole or not at all, and what the parent
vintage says of every other one stays true. A neighbourhood is in scope when

- an observation of it is new, changed, gone, or newly decided about, or shares a key of tiers 0 to 2 with one that is;
- a profile of it shares a block with a new profile and looks like it (tier 3);
- family, its own or by way of somebody in scope, could tell something new about it (tier 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.contracts.tables import LINK_STATE
from pipelines.link.index import CODE, NEAR, meets_sql, put_findable
from pipelines.link.kept_profiles import Kept
from pipelines.link.sure import put_repairs
from pipelines.locales import CountryPack
from pipelines.storage.frames import column_names, scan

WHOLE = 0.3
"""From this share of all observations on, everybody is judged anew: it costs no more."""
SOUGHT = """
    SELECT obs_id FROM (SELECT obs_id, unnest(sought) AS key FROM state WHERE sought IS NOT NULL)
    WHERE key IN (SELECT number FROM news UNION SELECT old_number FROM news UNION SELECT code(candidate) FROM repairs)"""
"""``obs_id`` of those whose wrong number may be meant for one that touched observations have or are meant to have."""


@dataclass(frozen=True)
class Parent:
    """The parent vintage's tables; ``linker`` names the model, code and configuration of tonight."""

    obs: Mapping[str, Path]
    state: Path
    profiles: Kept
    alike: Path
    links: Path
    linker: str


@dataclass
class Scope:
    """Table ``scope`` (obs_id), which only grows; ``x`` (obs_id, content, hood, is_new) holds every observation of tonight.

    ``state`` is the parent vintage's `LINK_STATE`, empty when everybody is judged anew.
    """

    con: duckdb.DuckDBPyConnection
    parent: Parent
    whole: bool = False

    def open(self, files: Mapping[str, Path], pack: CountryPack) -> None:
        """Make ``x``, ``state``, ``were`` (obs_id, grp: the person of the parent vintage) and ``scope``; needs ``decided``."""
        con, parent = self.con, self.parent
        con.execute(CODE)
        con.execute(f"CREATE TEMP TABLE were AS SELECT obs_id, grp FROM {scan(parent.state)}")
        con.execute(f"CREATE TEMP TABLE state ({LINK_STATE.ddl()})")
        if set(column_names(parent.state)) == set(LINK_STATE.names):  # an older version's table may look otherwise
            con.execute(f"INSERT INTO state BY NAME SELECT * FROM {scan(parent.state)} WHERE linker = '{parent.linker}'")
        con.execute(f"""
            CREATE TEMP TABLE x AS
            SELECT now.*, coalesce(hood, obs_id) AS hood, state.content IS DISTINCT FROM now.content AS is_new
            FROM (SELECT obs_id, content(obs_hash, live) AS content FROM {scan(*files.values())}) now LEFT JOIN state USING (obs_id)
        """)
        con.execute("CREATE TEMP TABLE scope (obs_id BIGINT); CREATE TEMP TABLE handed_out (obs_id BIGINT)")
        self._touch()
        self.add("SELECT obs_id FROM touched")
        if not self.whole:
            put_findable(con, files, parent.obs)
            put_repairs(con, pack, f"SELECT * FROM {scan(*files.values())} SEMI JOIN touched USING (obs_id)")
            self.add(f"FROM ({meets_sql()}) UNION ALL FROM ({NEAR}) UNION ALL FROM ({SOUGHT})")

    def _touch(self) -> None:
        """Make ``touched`` (obs_id): new, changed and vanished observations, and those of decisions that were made or withdrawn."""
        decisions = f"SELECT obs_id_l AS l, obs_id_r AS r, rule FROM {scan(self.parent.links)} WHERE rule IN ('must_link', 'cannot_link')"
        self.con.execute(f"""
            CREATE TEMP TABLE touched AS
            WITH were_decided AS ({decisions}),
            are_decided AS (SELECT least(l, r) AS l, greatest(l, r) AS r, kind AS rule FROM decided
                            WHERE l IN (SELECT obs_id FROM x) AND r IN (SELECT obs_id FROM x) AND l <> r),
            news AS (SELECT l, r FROM (FROM were_decided EXCEPT FROM are_decided) UNION SELECT l, r FROM (FROM are_decided EXCEPT FROM were_decided))
            SELECT obs_id FROM x WHERE is_new
            UNION SELECT obs_id FROM state ANTI JOIN x USING (obs_id)
            UNION SELECT l FROM news UNION SELECT r FROM news
        """)

    def _sizes(self) -> tuple[int, int]:
        """Observations in scope, and all."""
        [sizes] = self.con.execute("SELECT (SELECT count(*) FROM scope), (SELECT count(*) FROM x)").fetchall()
        return sizes

    @property
    def share(self) -> str:
        """How much is in scope, in words."""
        inside, everybody = self._sizes()
        return f"{inside} of {everybody} observations"

    def add(self, observations: str) -> bool:
        """Bring in the neighbourhoods of these observations (a query of obs_id). True when there was somebody new."""
        if self.whole:
            return False
        con = self.con
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE hoods AS
            WITH given AS ({observations})
            SELECT hood FROM x SEMI JOIN given USING (obs_id) UNION SELECT hood FROM state SEMI JOIN given USING (obs_id)
        """)
        [(added,)] = con.execute("INSERT INTO scope SELECT obs_id FROM x SEMI JOIN hoods USING (hood) ANTI JOIN scope USING (obs_id)").fetchall()
        inside, everybody = self._sizes()
        if inside > WHOLE * everybody:
            self.whole = True
            con.execute("INSERT INTO scope SELECT obs_id FROM x ANTI JOIN scope USING (obs_id)")
            con.execute("DELETE FROM state")
        return bool(added)

    def newcomers(self) -> str | None:
        """A table of those in scope who were not handed out before; None for everybody."""
        if self.whole:
            return None
        self.con.execute("CREATE OR REPLACE TEMP TABLE newcomer AS FROM scope ANTI JOIN handed_out USING (obs_id)")
        self.con.execute("INSERT INTO handed_out FROM newcomer")
        return "newcomer"

    def carry(self) -> None:
        """Make ``carried`` (g, h, levels, weight): the parent vintage's pairs of unchanged profiles in scope that ``alike`` lacks."""
        self.con.execute(f"""
            CREATE OR REPLACE TEMP TABLE carried AS
            SELECT g, h, levels, weight FROM {scan(self.parent.alike)} ANTI JOIN alike USING (g, h)
            WHERE g IN (SELECT grp FROM profile WHERE NOT is_new) AND h IN (SELECT grp FROM profile WHERE NOT is_new)
        """)
