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
ACCUMULATED = ("o", "grouped", "profile", "repairs")
"""Tables that those who come into scope later are added to."""


@dataclass
class Cascade:
    """The tiers over table ``o``; judged pairs gather in table ``judged``."""

    con: duckdb.DuckDBPyConnection
    pack: CountryPack
    model: LinkageModel

    def begin(self) -> None:
        """Forget what was judged so far."""
        begin(self.con)
        for table in ACCUMULATED:
            self.con.execute(f"DROP TABLE IF EXISTS all_{table}")
        self.shared: Counter[str] = Counter()

    def sure(self, sources: Mapping[str, Path], configured: Mapping[str, SourceConfig], scope: Scope) -> Ints:
        """Tiers 0 to 2 and decisions for those in scope who were not judged yet; ``o``, ``grouped`` and ``profile`` hold all after that.

        Neighbourhoods have nothing to do with each other, so that those who come later can be judged alone.
        """
        self.con.execute("DROP VIEW IF EXISTS o")
        load_observations(self.con, sources, configured, self.pack, scope.newcomers())
        self._judge_sure()
        mark_new(self.con)
        for table in ACCUMULATED:
            self._accumulate(table)
        self.con.execute("CREATE OR REPLACE TEMP VIEW o AS FROM all_o")
        self.con.execute("CREATE OR REPLACE TEMP TABLE grouped AS FROM all_grouped")
        self.con.execute("CREATE OR REPLACE TEMP TABLE profile AS SELECT * EXCLUDE (content) FROM all_profile ORDER BY grp")
        self.nodes: Nodes = load_nodes(self.con)
        return self.con.execute("SELECT grp FROM grouped ORDER BY obs_id").df()["grp"].to_numpy(np.int64)

    def _accumulate(self, table: str) -> None:
        """Add the table of the newcomers to that of all so far; the first is renamed and not copied, since it may hold everybody."""
        con = self.con
        [(known,)] = con.execute(f"SELECT count(*) FROM duckdb_tables() WHERE temporary AND table_name = 'all_{table}'").fetchall()
        con.execute(f"INSERT INTO all_{table} BY NAME FROM {table}; DROP TABLE {table}" if known else f"ALTER TABLE {table} RENAME TO all_{table}")

    def _judge_sure(self) -> None:
        """Tiers 0 to 2 and decisions over table ``o``; makes ``grouped`` and ``profile``."""
        self.nodes = load_nodes(self.con)
        self.con.execute(f"""
            INSERT INTO judged
            SELECT least(l, r), greatest(l, r), 0, kind, NULL, CASE kind WHEN 'must_link' THEN 1 ELSE -1 END * {DECISION_WEIGHT},
                   CASE kind WHEN 'must_link' THEN 1 ELSE 0 END
            FROM decided WHERE l IN (SELECT obs_id FROM o) AND r IN (SELECT obs_id FROM o) AND l <> r
        """)
        self.shared += judge_sure(self.con, self.pack)
        labels = group(self.nodes, self._strong("tier <= 2 AND j.l IN (SELECT obs_id FROM o)"))
        put_groups(self.con, "grouped", self.nodes, labels)
        make_profiles(self.con, "grouped")

    def alike(self, labels: Ints) -> Ints:
        """Tier 3, in two rounds: groups that are all but certainly one are one candidate, before candidates share the odds."""
        self.con.execute("DELETE FROM judged WHERE tier = 3")
        tier_3(self.con, self.model)
        self.con.execute("CREATE OR REPLACE TEMP TABLE people AS SELECT grp, grp AS person FROM profile")
        share_odds(self.con, self.model, "people", "profile")
        likely = self.con.execute(f"""
            SELECT l, r, log_odds(least(probability, 1 - 1e-12)) AS weight FROM shared WHERE probability >= {ALL_BUT_CERTAIN} ORDER BY l, r
        """).df()
        put_joined(self.con, "likely", self.nodes, labels, regroup(self.nodes, labels, likely))
        self.con.execute("CREATE OR REPLACE TEMP TABLE likely_profile AS SELECT * FROM profile")
        update_profiles(self.con, "likely", "likely_profile")
        self.con.execute("UPDATE people SET person = likely.grp FROM likely WHERE people.grp = likely.was")
        share_odds(self.con, self.model, "people", "likely_profile")
        keep_shared(self.con)
        return self._join(labels, 3)

    def kin(self, labels: Ints) -> Ints:
        """Tier 4: parents of linked children make more children linkable, and these more parents."""
        for find in (parents, spouses, children, parents):
            find(self.con, self.pack)
            labels = self._join(labels, 4)
        return labels

    def _join(self, before: Ints, tier: int) -> Ints:
        """The groups joined further by the links of one tier; ``grouped`` and ``profile`` follow."""
        labels = regroup(self.nodes, before, self._strong(f"tier = {tier}"))
        put_joined(self.con, "joined", self.nodes, before, labels)
        self.con.execute("UPDATE grouped SET grp = joined.grp FROM joined WHERE grouped.obs_id = joined.obs_id AND joined.grp <> joined.was")
        update_profiles(self.con, "joined")
        return labels

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
