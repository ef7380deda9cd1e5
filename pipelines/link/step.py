"""The step: observations in, judged pairs out; and judged is only what tonight's changes can reach."""

import hashlib

import duckdb

from matching import LinkageModel
from matching.block import Capped
from pipelines.contracts.tables import LINKED
from pipelines.link.cascade import Cascade
from pipelines.link.judge import prepare
from pipelines.link.kept_profiles import Kept, put_partners
from pipelines.link.left_out import write_left_out
from pipelines.link.likeness import score_new
from pipelines.link.outcome import write_outcome
from pipelines.link.relatives import find_relatives
from pipelines.link.scope import Parent, Scope
from pipelines.locales import load_pack
from pipelines.step import StepContext
from pipelines.storage.frames import scan


def run(ctx: StepContext) -> None:
    """Write ``links``, every pair judged worth a look and whether it ended in one person, and what the next night wants to know."""
    config = ctx.deployment.config
    model = LinkageModel.from_yaml(ctx.deployment.file(config.model))
    con = ctx.connect()
    prepare(con)
    _load_decisions(con, ctx)
    cascade = Cascade(con, load_pack(config.country, config.country_options), model)
    scope = Scope(con, _parent(ctx, model))
    scope.open(ctx.family("obs"), cascade.pack)
    capped = judge(ctx, cascade, scope)
    write_outcome(con, ctx, model, scope)
    write_left_out(con, ctx.write("link_report"), capped, cascade.shared)
    con.close()


def judge(ctx: StepContext, cascade: Cascade, scope: Scope) -> tuple[Capped, ...]:
    """Judge all in scope. Whoever turns out to be concerned on the way comes into scope, too. Gives what hot blocks left out."""
    while (capped := _judge(ctx, cascade, scope)) is None:
        pass
    return capped


def _judge(ctx: StepContext, cascade: Cascade, scope: Scope) -> tuple[Capped, ...] | None:
    """One pass; None when everybody has come into scope on the way, which makes it one in vain."""
    con, obs, sources = cascade.con, ctx.family("obs"), ctx.deployment.sources
    was_whole = scope.whole
    cascade.begin()
    ctx.progress(0, 4, f"references and numbers of {scope.share}")
    cascade.sure(obs, sources, scope)
    ctx.progress(1, 4, "likeness")
    put_partners(con, cascade.model, scope.parent.profiles)
    capped = score_new(con, ctx.deployment.config.engine, cascade.model)
    concerned = scope.add("SELECT id_l AS obs_id FROM scored UNION SELECT id_r FROM scored")
    if scope.whole != was_whole:
        return None
    if concerned:
        cascade.sure(obs, sources, scope)
    scope.carry()
    cascade.alike()
    ctx.progress(2, 4, f"kinship of {scope.share}")
    concerned = not scope.whole and scope.add(find_relatives(con))
    if scope.whole != was_whole:
        return None
    if concerned:
        late = cascade.sure(obs, sources, scope)
        scope.carry()
        cascade.alike(late)
    cascade.kin()
    ctx.progress(3, 4, f"links of {scope.share}")
    return capped


def _parent(ctx: StepContext, model: LinkageModel) -> Parent:
    # what hashes come to is DuckDB's own affair from version to version
    linker = "|".join((model.hash, ctx.run.code_version, ctx.run.config_hash, duckdb.__version__))
    previous = {table.name: ctx.read(f"previous.{table.name}") for table in LINKED}
    return Parent(
        {name.removeprefix("previous."): path for name, path in ctx.family("previous.obs").items()},
        previous["link_state"], Kept(previous["link_profiles"], previous["link_profiles_since"]), previous["link_alike"], previous["links"],
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
