"""Why records are one person: the path of links that joins two of them, each link in one sentence, Chinese and English.

No sentence holds a value of a record; records are named by source, key and role.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import pandas as pd
import pyarrow as pa

from matching import LinkageModel
from matching.explain import PRIOR, Step, percent, sentences, waterfall
from matching.model import Label
from matching.score import level_column, to_weight
from pipelines.errors import UsageError
from pipelines.settings import Text
from pipelines.storage.frames import scan

if TYPE_CHECKING:
    import networkx as nx

RULES: Mapping[str, Text] = {
    "must_link": Text(zh="由人工决定为同一人", en="A person decided that they are one person"),
    "cannot_link": Text(zh="由人工决定不是同一人", en="A person decided that they are not one person"),
    "birth_certificate": Text(zh="引用同一出生医学证明编号", en="Both cite the same birth certificate"),
    "death_certificate": Text(zh="引用同一死亡证明编号", en="Both cite the same death certificate"),
    "school_number": Text(zh="全国学籍号相同", en="The same school number"),
    "prior_record": Text(zh="一条记录引用另一条为原记录", en="One record cites the other as the one it replaces or ends"),
    "same_number": Text(zh="有效身份号码相同", en="The same valid identity number"),
    "repaired": Text(zh="更正一处书写错误后身份号码相同", en="The identity numbers are equal once one writing error is mended"),
    "same_wrong_number": Text(zh="身份号码有同样的错误", en="The identity numbers are wrong in the same way"),
    "earlier_number": Text(zh="一方登记了另一方的号码为原身份号码", en="One record gives the other's number as an earlier number of the same person"),
    "parent_of_child": Text(zh="同一子女的同一父亲或母亲", en="The same parent of the same child"),
    "spouse_of_person": Text(zh="同一人的配偶或同一子女的另一方父母", en="The spouse of the same person, or parent with the same person"),
    "child_named": Text(zh="父母、出生日期、性别相同，姓名相符", en="The same parents, day of birth and sex, and names that agree"),
    "child_left": Text(
        zh="父母、出生日期、性别相同，且无其他子女可对应", en="The same parents, day of birth and sex, and no other child is left on either side"
    ),
    "child_order": Text(zh="多胞胎，按出生次序与登记次序对应", en="Children of a multiple birth, paired by order of birth and of registration"),
}  # fmt: skip
AGREEMENT: Mapping[str, Mapping[str, Text]] = {
    "name": {
        "same": Text(zh="姓名相同", en="names the same"), "variant": Text(zh="姓名为异写", en="names written in two ways"),
        "former": Text(zh="与曾用名相同", en="name equal to a former name"), "homophone": Text(zh="姓名同音", en="names sound the same"),
        "pinyin": Text(zh="姓名与拼音相符", en="name and pinyin agree"), "one_character": Text(zh="姓名差一字", en="names one character apart"),
        "rare_substitute": Text(zh="生僻字被替代", en="a rare character was replaced"), "partial": Text(zh="姓名部分相符", en="names agree in part"),
        "different": Text(zh="姓名不同", en="names differ"), "missing": Text(zh="姓名无法比较", en="names can't be compared"),
    },
    "birth_date": {
        "same": Text(zh="出生日期相同", en="birth dates the same"),
        "coarse": Text(zh="出生日期大致相符", en="birth dates agree as far as they are known"),
        "typo": Text(zh="出生日期差一处", en="birth dates one slip apart"),
        "calendar": Text(zh="出生日期相差不足两月", en="birth dates less than two months apart"),
        "differ": Text(zh="出生日期不同", en="birth dates differ"), "missing": Text(zh="出生日期无法比较", en="birth dates can't be compared"),
    },
    "sex": {"differ": Text(zh="性别不同", en="sexes differ")},
    "spouse": {"same": Text(zh="配偶相同", en="the same spouse")},
    "parents": {"same": Text(zh="父母相同", en="the same parents")},
}  # fmt: skip


RIVALS = Label("其他候选人分走的机会", "shared with other candidates")
LITTLE = 0.05
"""Bits below which a share is rounding."""


@dataclass(frozen=True)
class Record:
    """One observation, as a reader names it."""

    source: str
    record_key: str
    role: str

    def __str__(self) -> str:
        return f"{self.source}|{self.record_key}|{self.role}"


@dataclass(frozen=True)
class Hop:
    """One link on the way from one record to another."""

    left: Record
    right: Record
    tier: int
    rule: str
    levels: str
    weight: float
    probability: float
    sentence: Text


def explain_person(con: duckdb.DuckDBPyConnection, links: Path, person_records: Path, person_id: str, model: LinkageModel) -> tuple[Hop, ...]:
    """The strongest links that hold a person together: one less than it has records, strongest first.

    Raises:
        UsageError: RC-I04 nobody has that id tonight.
    """
    import networkx as nx

    graph = _graph(con, links, person_records, person_id)
    tree = nx.maximum_spanning_tree(graph, weight="weight")
    edges = sorted(tree.edges(data=True), key=lambda e: (-e[2]["weight"], str(min(e[:2], key=str)), str(max(e[:2], key=str))))
    return _hops([(*sorted(edge[:2], key=str), edge[2]) for edge in edges], model)


def explain_records(
    con: duckdb.DuckDBPyConnection,
    links: Path,
    person_records: Path,
    left: Record,
    right: Record,
    model: LinkageModel,
    way: Literal["strongest", "shortest"] = "strongest",
) -> tuple[Hop, ...]:
    """The path that joins two records of one person; empty when they are two persons'.

    ``strongest``: the weakest link on it is as strong as can be. ``shortest``: as few links as can be, and among such paths the likeliest.

    Raises:
        UsageError: RC-I05 a record is not held.
    """
    import networkx as nx

    person, other = (person_of(con, person_records, record) for record in (left, right))
    if person != other or left == right:
        return ()
    graph = _graph(con, links, person_records, person)
    if way == "strongest":
        graph = nx.maximum_spanning_tree(graph, weight="weight")
    doubt = {(one, two): 1 + (1 - data["probability"]) / graph.number_of_nodes() for one, two, data in graph.edges(data=True)}
    nx.set_edge_attributes(graph, doubt, "doubt")
    path = nx.shortest_path(graph, left, right, weight="doubt")
    return _hops([(one, two, graph.edges[one, two]) for one, two in pairwise(path)], model)


def explain_refused(
    con: duckdb.DuckDBPyConnection, links: Path, person_records: Path, persons: tuple[str, str], model: LinkageModel
) -> tuple[Hop, ...]:
    """The judged pairs between two persons, which did not join them; strongest first."""
    mine = f"SELECT obs_id(source, record_key, role) AS id, person_id, source, record_key, role FROM {scan(person_records)} WHERE person_id IN (?, ?)"
    found = con.execute(
        f"""WITH mine AS ({mine})
            SELECT l.source, l.record_key, l.role, r.source, r.record_key, r.role, tier, rule, levels, weight, probability
            FROM {scan(links)} JOIN mine l ON l.id = obs_id_l JOIN mine r ON r.id = obs_id_r
            WHERE l.person_id <> r.person_id ORDER BY probability DESC, tier, obs_id_l, obs_id_r""",
        list(persons),
    ).fetchall()
    edges = [
        (Record(*row[:3]), Record(*row[3:6]), {"tier": row[6], "rule": row[7], "levels": row[8], "bits": row[9], "probability": row[10]})
        for row in found
    ]
    return _hops(edges, model)


def evidence(hop: Hop, model: LinkageModel) -> tuple[Step, ...]:
    """What a link's certainty is made of, in bits, from the prior on; the last sum is the log odds of its probability.

    A link of tier 3 has a step for each comparison and, where other candidates took a share of the odds, one for these; other tiers have one for
    their rule.
    """
    odds = to_weight(min(max(hop.probability, 1e-12), 1 - 1e-12))
    if hop.tier != 3:
        told = _rule(hop.rule)
        prior = Step("prior", "prior", PRIOR, to_weight(model.prior), to_weight(model.prior))
        return (prior, Step("rule", hop.rule, Label(told.zh, told.en), odds - prior.total, odds))
    steps = waterfall({c.name: _level(hop.levels, c.name) for c in model.comparisons}, hop.weight, model)
    rest = odds - steps[-1].total
    return (*steps, Step("rivals", "rivals", RIVALS, rest, odds)) if rest < -LITTLE else steps


def person_of(con: duckdb.DuckDBPyConnection, person_records: Path, record: Record) -> str:
    """Whose record it is.

    Raises:
        UsageError: RC-I05 a record is not held.
    """
    sql = f"SELECT person_id FROM {scan(person_records)} WHERE source = ? AND record_key = ? AND role = ?"
    found = con.execute(sql, [record.source, record.record_key, record.role]).fetchall()
    if not found:
        raise UsageError("RC-I05", "no such record is held", where=str(record), todo="Give source, key and role as person_records has them")
    return str(found[0][0])


def _graph(con: duckdb.DuckDBPyConnection, links: Path, person_records: Path, person_id: str) -> "nx.Graph[Record]":
    """A person's records, joined by the accepted links between them."""
    import networkx as nx

    mine = f"SELECT obs_id(source, record_key, role) AS id, source, record_key, role FROM {scan(person_records)} WHERE person_id = ?"
    records = con.execute(f"{mine} ORDER BY source, record_key, role", [person_id]).fetchall()
    if not records:
        raise UsageError("RC-I04", "nobody has that id tonight", where=person_id, todo="Look in person_history whom it was merged into")
    names = {key: Record(*rest) for key, *rest in records}
    graph: nx.Graph[Record] = nx.Graph()
    graph.add_nodes_from(names.values())
    found = con.execute(
        f"""WITH mine AS ({mine})
            SELECT obs_id_l, obs_id_r, tier, rule, levels, weight, probability FROM {scan(links)}
            WHERE accepted AND obs_id_l IN (SELECT id FROM mine) AND obs_id_r IN (SELECT id FROM mine) ORDER BY obs_id_l, obs_id_r""",
        [person_id],
    ).fetchall()
    for left, right, tier, rule, levels, weight, probability in found:
        data = {"tier": tier, "rule": rule, "levels": levels, "bits": weight, "probability": probability, "weight": probability}
        graph.add_edge(names[left], names[right], **data)
    return graph


def _hops(edges: Sequence[tuple[Record, Record, Mapping[str, Any]]], model: LinkageModel) -> tuple[Hop, ...]:
    frame = pd.DataFrame([dict(data) for _, _, data in edges], columns=["tier", "rule", "levels", "bits", "probability"])
    texts = link_sentences(frame.rename(columns={"bits": "weight"}), model)
    return tuple(
        Hop(left, right, data["tier"], data["rule"], data["levels"] or "", data["bits"], data["probability"], text)
        for (left, right, data), text in zip(edges, texts, strict=True)
    )


def link_sentences(links: pd.DataFrame, model: LinkageModel) -> list[Text]:
    """One sentence for each link (columns tier, rule, levels, weight, probability of the ``links`` table)."""
    judged = links["tier"].tolist(), links["rule"].tolist(), links["levels"].tolist(), links["probability"].tolist()
    plain = [Text(zh="", en="") if tier == 3 else _certain(*told) for tier, *told in zip(*judged, strict=True)]
    alike = links[links["tier"] == 3]
    pairs = pa.table(
        {level_column(c.name): pa.array([_level(levels, c.name) for levels in alike["levels"]], pa.int8()) for c in model.comparisons}
        | {name: pa.array(alike[name].to_numpy(), pa.float64()) for name in ("weight", "probability")}
    )
    worded = iter([Text(zh=zh, en=en) for zh, en in zip(sentences(pairs, model, "zh"), sentences(pairs, model, "en"), strict=True)])
    return [next(worded) if tier == 3 else text for tier, text in zip(links["tier"], plain, strict=True)]


def _level(levels: str, comparison: str) -> int:
    return int(dict(_parts(levels)).get(comparison, -1))


def _parts(levels: str | None) -> Iterable[tuple[str, str]]:
    for part in (levels or "").split(";"):
        name, _, value = part.partition("=")
        if value:
            yield name, value


def _rule(rule: str) -> Text:
    return RULES.get("repaired" if rule.startswith("repaired") else rule, Text(zh=rule, en=rule))


def _certain(rule: str, levels: str | None, probability: float) -> Text:
    """A link of tiers 0, 1, 2 or 4 in words."""
    told = _rule(rule)
    found = [AGREEMENT[name][value] for name, value in _parts(levels) if value in AGREEMENT.get(name, {})]
    zh = "；".join([told.zh, "、".join(t.zh for t in found)] if found else [told.zh])
    en = "; ".join([told.en, ", ".join(t.en for t in found)] if found else [told.en])
    return Text(zh=f"{zh}。概率 {percent(probability)}。", en=f"{en}. Probability {percent(probability)}.")
