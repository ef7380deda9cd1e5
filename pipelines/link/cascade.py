"""The cascade: cheapest evidence first; each tier sees what the earlier ones made of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from matching import LinkageModel
from pipelines.link.groups import Ints, Nodes, group, load_nodes, put_groups, put_joined, regroup
from pipelines.link.judge import begin
from pipelines.link.kept_profiles import mark_new
from pipelines.link.kinship import children, parents, spouses
from pipelines.link.likeness import keep_shared, share_odds, tier_3
from pipelines.link.observations import load_observations
from pipelines.link.profiles import make_profiles, update_profiles
from pipelines.link.scope import Scope
from pipelines.link.sure import judge_sure
from pipelines.locales import CountryPack
from pipelines.settings import SourceConfig

ALL_BUT_CERTAIN = 0.99
"""From this probability on, two groups are one candidate while candidates compete."""
DECISION_WEIGHT = 1000.0
"""Bits that a person's decision counts: more than any evidence."""
BEST = """
    SELECT * FROM judged
    QUALIFY row_number() OVER (PARTITION BY l, r ORDER BY rule IN ('must_link', 'cannot_link') DESC, probability DESC, tier, rule, levels) = 1"""
"""The best judgement of each pair: decisions first, then probability, then the earlier tier."""
GATHERED = ("o", "repairs")
"""Tables that those who come into scope later are added to."""
JOINED = ("grouped", "profile")
"""The same, but later tiers join what they hold: ``all_grouped`` and ``all_profile`` stay as tiers 0 to 2 left them."""


@dataclass
class Cascade:
    """The tiers over table ``o``; judged pairs gather in table ``judged``."""

    con: duckdb.DuckDBPyConnection
    pack: CountryPack
    model: LinkageModel

    def begin(self) -> None:
        """Forget what was judged so far."""
        begin(self.con)
        for table in (*JOINED, *(f"all_{table}" for table in GATHERED + JOINED)):
            self.con.execute(f"DROP TABLE IF EXISTS {table}")
        self.shared: Counter[str] = Counter()

    def sure(self, sources: Mapping[str, Path], configured: Mapping[str, SourceConfig], scope: Scope) -> str | None:
        """Tiers 0 to 2 and decisions for those in scope who were not judged yet; ``o``, ``grouped`` and ``profile`` hold all after that.

        Neighbourhoods have nothing to do with each other, so that those who come later can be judged alone. Gives a table of them
        (obs_id); None is everybody.
        """
        newcomers = scope.newcomers()
        self.con.execute("DROP VIEW IF EXISTS o")
        [(known,)] = self.con.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary AND table_name = 'all_o'").fetchall()
        for table in JOINED if known else ():
            self.con.execute(f"ALTER TABLE {table} RENAME TO earlier_{table}")
        load_observations(self.con, sources, configured, self.pack, newcomers)
        self._judge_sure()
        mark_new(self.con)
        self._gather(known=bool(known))
        self.con.execute("CREATE OR REPLACE TEMP VIEW o AS FROM all_o")
        return newcomers

    def _gather(self, *, known: bool) -> None:
        """Add the tables of the newcomers to those of all so far; the first are renamed and not copied, since they may hold everybody."""
        con = self.con
        for table in GATHERED:
            con.execute(
                f"INSERT INTO all_{table} BY NAME FROM {table}; DROP TABLE {table}" if known else f"ALTER TABLE {table} RENAME TO all_{table}"
            )
        for table in JOINED:
            con.execute(f"INSERT INTO all_{table} BY NAME FROM {table}" if known else f"CREATE TEMP TABLE all_{table} AS FROM {table}")
            if known:
                con.execute(f"INSERT INTO earlier_{table} BY NAME FROM {table}; DROP TABLE {table}; ALTER TABLE earlier_{table} RENAME TO {table}")

    def _judge_sure(self) -> None:
        """Tiers 0 to 2 and decisions over table ``o``; makes ``grouped`` and ``profile``."""
        nodes = load_nodes(self.con)
        self.con.execute(f"""
            INSERT INTO judged
            SELECT least(l, r), greatest(l, r), 0, kind, NULL, CASE kind WHEN 'must_link' THEN 1 ELSE -1 END * {DECISION_WEIGHT},
                   CASE kind WHEN 'must_link' THEN 1 ELSE 0 END
            FROM decided WHERE l IN (SELECT obs_id FROM o) AND r IN (SELECT obs_id FROM o) AND l <> r
        """)
        self.shared += judge_sure(self.con, self.pack)
        labels = group(nodes, self._strong("tier <= 2 AND j.l IN (SELECT obs_id FROM o)"))
        put_groups(self.con, "grouped", nodes, labels)
        make_profiles(self.con, "grouped")

    def alike(self, late: str | None = None) -> None:
        """Tier 3, in two rounds: groups that are all but certainly one are one candidate, before candidates share the odds.

        ``late`` is a table of those who came into scope after the others had been through tier 3, None for all.
        """
        among = f"SEMI JOIN {late} USING (obs_id)" if late else ""
        self._take(among)
        tier_3(self.con, self.model)
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE people AS SELECT DISTINCT grp, grp AS person FROM grouped {among}")
        share_odds(self.con, self.model, "people", "profile")
        likely = self.con.execute(f"""
            SELECT l, r, log_odds(least(probability, 1 - 1e-12)) AS weight FROM shared WHERE probability >= {ALL_BUT_CERTAIN} ORDER BY l, r
        """).df()
        groups = regroup(self.nodes, self.labels, likely)
        if (groups != self.labels).any():
            put_joined(self.con, "likely", self.nodes, self.labels, groups)
            self.con.execute("CREATE OR REPLACE TEMP TABLE likely_profile AS SELECT * FROM profile SEMI JOIN people USING (grp)")
            update_profiles(self.con, "likely", "likely_profile")
            self.con.execute("UPDATE people SET person = likely.grp FROM likely WHERE people.grp = likely.was")
            share_odds(self.con, self.model, "people", "likely_profile")
        keep_shared(self.con)
        self._join(f"tier = 3 AND j.l IN (SELECT obs_id FROM {late})" if late else "tier = 3")
        if late:
            self._take()

    def kin(self) -> None:
        """Tier 4: parents of linked children make more children linkable, and these more parents."""
        for find in (parents, spouses, children, parents):
            find(self.con, self.pack)
            self._join("tier = 4")

    def _take(self, among: str = "") -> None:
        """Take up all, or those whom a semi-join names, as they are grouped now."""
        self.nodes: Nodes = load_nodes(self.con, f"o {among}")
        self.labels: Ints = self.con.execute(f"SELECT grp FROM grouped {among} ORDER BY obs_id").df()["grp"].to_numpy(np.int64)

    def _join(self, links: str) -> None:
        """Join the groups taken up further by some links; ``grouped`` and ``profile`` follow."""
        labels = regroup(self.nodes, self.labels, self._strong(links))
        if (labels != self.labels).any():
            put_joined(self.con, "joined", self.nodes, self.labels, labels)
            self.con.execute("UPDATE grouped SET grp = joined.grp FROM joined WHERE grouped.obs_id = joined.obs_id AND joined.grp <> joined.was")
            update_profiles(self.con, "joined")
            self.labels = labels

    def _strong(self, condition: str) -> pd.DataFrame:
        """Links (l, r, weight) that reach ``join``, or ``break`` between records that were one person in the parent vintage."""
        limits = self.model.thresholds
        return self.con.execute(f"""
            SELECT j.l, j.r, log_odds(least(j.probability, 1 - 1e-12)) AS weight
            FROM ({BEST}) j LEFT JOIN were a ON a.obs_id = j.l LEFT JOIN were b ON b.obs_id = j.r
            WHERE j.rule NOT IN ('must_link', 'cannot_link') AND {condition}
              AND (j.probability >= {limits.join} OR (j.probability >= {limits.break_} AND a.grp = b.grp))
            ORDER BY j.l, j.r
        """).df()
