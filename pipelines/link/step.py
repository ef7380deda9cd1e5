"""The step: observations in, judged pairs out. Cheapest evidence first; each tier sees what the earlier ones made of it."""

import hashlib
from dataclasses import dataclass

import duckdb
import pandas as pd

from matching import LinkageModel
from pipelines.link.groups import Ints, Nodes, group, load_nodes, put_groups, put_joined, regroup
from pipelines.link.judge import begin, prepare
from pipelines.link.kinship import children, parents, spouses
from pipelines.link.left_out import write_left_out
from pipelines.link.likeness import Likeness, keep_shared, score_new, share_odds, tier_3
from pipelines.link.observations import load_observations
from pipelines.link.outcome import write_outcome
from pipelines.link.profiles import make_profiles, update_profiles
from pipelines.link.relatives import find_relatives
from pipelines.link.scope import Parent, Scope
from pipelines.link.sure import tier_0, tier_1, tier_2
from pipelines.locales import CountryPack, load_pack
from pipelines.step import StepContext
from pipelines.storage.frames import scan

ALL_BUT_CERTAIN = 0.99
"""From this probability on, two groups are one candidate while candidates compete."""
DECISION_WEIGHT = 1000.0
"""Bits that a person's decision counts: more than any evidence."""


def run(ctx: StepContext) -> None:
    """Write ``links``, every pair judged worth a look and whether it ended in one person, and what the next night wants to know."""
    config = ctx.deployment.config
    model = LinkageModel.from_yaml(ctx.deployment.file(config.model))
    pack = load_pack(config.country, config.country_options)
    con = ctx.connect()
    prepare(con)
    _load_decisions(con, ctx)
    scope = Scope(con, _parent(ctx, model))
    scope.open(ctx.family("obs"), pack)
    cascade = Cascade(con, pack, model)
    likeness = judge_scope(ctx, cascade, scope)
    write_outcome(con, ctx, model, scope.parent)
    write_left_out(con, ctx.write("link_report"), likeness.capped, cascade.shared_numbers)
    con.close()


def judge_scope(ctx: StepContext, cascade: "Cascade", scope: Scope) -> Likeness:
    """Judge all in scope; whoever turns out to be concerned comes into scope, and then all in scope are judged again."""
    con, engine, likeness = cascade.con, ctx.deployment.config.engine, None
    while True:
        ctx.progress(0, 4, f"references and numbers of {scope.share}")
        load_observations(con, ctx.family("obs"), ctx.deployment.sources, cascade.pack, None if scope.whole else "scope")
        labels = cascade.sure()
        scope.mark_new_profiles()
        ctx.progress(1, 4, "likeness")
        if likeness is None or scope.whole:
            scope.put_partners(cascade.model)
            likeness = score_new(con, engine, cascade.model)
            if scope.add("SELECT id_l AS obs_id FROM scored UNION SELECT id_r FROM scored"):
                continue
        scope.carry()
        labels = cascade.alike(labels)
        ctx.progress(2, 4, "kinship")
        put_groups(con, "grouped", cascade.nodes, labels)
        if not scope.whole and scope.add(find_relatives(con)):
            continue
        cascade.kin(labels)
        ctx.progress(3, 4, "links")
        return likeness


def _parent(ctx: StepContext, model: LinkageModel) -> Parent:
    linker = "|".join((model.hash, ctx.run.code_version, ctx.run.config_hash))
    previous = {name: ctx.read(f"previous.{name}") for name in ("link_state", "link_profiles", "link_alike", "links")}
    return Parent(
        {name.removeprefix("previous."): path for name, path in ctx.family("previous.obs").items()},
        previous["link_state"], previous["link_profiles"], previous["link_alike"], previous["links"],
        hashlib.sha256(linker.encode()).hexdigest()[:16],
    )  # fmt: skip


def _load_decisions(con: duckdb.DuckDBPyConnection, ctx: StepContext) -> None:
    """Make ``decided`` (decision_id, kind, l, r, decided_on)."""
    con.execute(f"""
        CREATE TEMP TABLE decided AS
        SELECT decision_id, kind, decided_on,
               obs_id(left_source, left_record_key, left_role) AS l, obs_id(right_source, right_record_key, right_role) AS r
        FROM {scan(ctx.read("inputs.decisions"))}
    """)


@dataclass
class Cascade:
    """The tiers over table ``o``; judged pairs gather in table ``judged``."""

    con: duckdb.DuckDBPyConnection
    pack: CountryPack
    model: LinkageModel

    def sure(self) -> Ints:
        """Tiers 0 to 2 and decisions; makes ``grouped`` and ``profile``."""
        begin(self.con)
        self.nodes: Nodes = load_nodes(self.con)
        self.con.execute(f"""
            INSERT INTO judged
            SELECT least(l, r), greatest(l, r), 0, kind, NULL, CASE kind WHEN 'must_link' THEN 1 ELSE -1 END * {DECISION_WEIGHT},
                   CASE kind WHEN 'must_link' THEN 1 ELSE 0 END
            FROM decided WHERE l IN (SELECT obs_id FROM o) AND r IN (SELECT obs_id FROM o) AND l <> r
        """)
        tier_0(self.con, self.pack)
        self.shared_numbers = tier_1(self.con, self.pack)
        tier_2(self.con, self.pack)
        labels = group(self.nodes, self._strong("tier <= 2"))
        put_groups(self.con, "grouped", self.nodes, labels)
        make_profiles(self.con, "grouped")
        return labels

    def alike(self, labels: Ints) -> Ints:
        """Tier 3, in two rounds: groups that are all but certainly one are one candidate, before candidates share the odds."""
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
        self.best()
        limits = self.model.thresholds
        return self.con.execute(f"""
            SELECT j.l, j.r, log_odds(least(j.probability, 1 - 1e-12)) AS weight
            FROM judged_best j LEFT JOIN were a ON a.obs_id = j.l LEFT JOIN were b ON b.obs_id = j.r
            WHERE j.rule NOT IN ('must_link', 'cannot_link') AND {condition}
              AND (j.probability >= {limits.join} OR (j.probability >= {limits.break_} AND a.grp = b.grp))
            ORDER BY j.l, j.r
        """).df()

    def best(self) -> None:
        """Make ``judged_best``: the best judgement of each pair (decisions first, then probability, then the earlier tier)."""
        self.con.execute("""
            CREATE OR REPLACE TEMP TABLE judged_best AS
            SELECT * FROM judged
            QUALIFY row_number() OVER (
                PARTITION BY l, r ORDER BY rule IN ('must_link', 'cannot_link') DESC, probability DESC, tier, rule, levels) = 1
        """)
