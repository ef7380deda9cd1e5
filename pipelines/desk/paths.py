"""Why two records are one person, link by link, or why they are not: sentences, what each link's certainty is made of, and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import pandas as pd

from matching import LinkageModel
from matching.explain import Step, percent, waterfall_svg
from pipelines.desk.decided import decisions_about
from pipelines.desk.persons import first_record, standing
from pipelines.desk.pictures import bars, write_picture
from pipelines.desk.profiles import judging_model
from pipelines.desk.unmasked import Look
from pipelines.desk.values import MEMBERS, mask_of, said_by, without_numbers
from pipelines.desk.vintages import Rows, ask, vintage_path
from pipelines.errors import UsageError
from pipelines.identify.explain import Hop, Record, evidence, explain_person, explain_records, explain_refused, person_of
from pipelines.night.workspace import Workspace
from pipelines.publish.records import COMPARED
from pipelines.settings import Text
from pipelines.storage.frames import scan

Way = Literal["strongest", "shortest"]
NOT_JOINED = {
    "unlikely": Text(zh="未连接：概率低于连接阈值 {least}。", en="Not joined: the probability is below {least}, from which on records are joined."),
    "excluded": Text(
        zh="未连接：两人各自的记录互相排斥（号码、出生日期、性别、同一登记册各有一条、另有更合适的候选人，或人工决定）。",
        en="Not joined: the two persons' records exclude each other (numbers, birth dates, sexes, an entry of one register each, "
        "a better candidate, or a person's decision).",
    ),
}
"""Why a judged pair did not join its two persons."""
REFUSED = 5
"""So many of the pairs between two persons are told, the likeliest first."""


def explain_pair(workspace: Workspace, left: str, right: str, look: Look, way: Way = "strongest", chart: Path | None = None) -> dict[str, Any]:
    """The path of links that joins two records of one person; of two persons, the judged pairs between them that did not join them.

    Records are given as ``source|key`` or ``source|key|role``, or by the id of their person. Values are masked unless ``look`` says who wants them
    bare, and why.

    Returns:
        ``headline``, ``tables`` (``records`` side by side, ``links``, ``decisions`` of people), ``sentences``, ``waterfalls`` (per link: left,
        right, joined, steps), ``chart``.

    Raises:
        UsageError: RC-U07 no such record; RC-M40 a role must be given; RC-M41 another model judged the links; RC-M05, RC-M30 as elsewhere.
    """
    folder = vintage_path(workspace)
    model = judging_model(workspace, folder)
    _same_model(workspace, folder, model)
    sides = find_record(workspace, folder, left), find_record(workspace, folder, right)
    links, person_records = folder / "links.parquet", folder / "person_records.parquet"
    with workspace.connect() as con:
        persons = tuple(person_of(con, person_records, record) for record in sides)
        one = persons[0] == persons[1]
        hops = explain_records(con, links, person_records, *sides, model, way) if one else ()
        refused = () if one else explain_refused(con, links, person_records, (persons[0], persons[1]), model)[:REFUSED]
        look.allow(workspace, f"person/{persons[0]}" if one else f"person/{persons[0]},{persons[1]}")
        records = _side_by_side(con, folder, _on_the_way(sides, hops or refused), workspace, look)
    told = hops or tuple(_refused(hop, model) for hop in refused)
    document = _document(_headline(sides, (persons[0], persons[1]), len(hops), way, len(refused)), records, told, model, workspace)
    document = document if look.unmasked else without_numbers(document, mask_of(workspace))
    if chart:
        _chart(chart, f"{sides[0]} / {sides[1]}", told, model, workspace, look)
    return document | {"chart": str(chart) if chart else None}


def person_chart(workspace: Workspace, person_id: str, chart: Path) -> str:
    """The strongest links that hold a person together, each as a waterfall, in one page.

    Raises:
        UsageError: RC-U09 nobody has that id; RC-M41 another model judged the links.
    """
    folder = vintage_path(workspace)
    model = judging_model(workspace, folder)
    _same_model(workspace, folder, model)
    stands = standing(workspace, folder, person_id)
    with workspace.connect() as con:
        hops = explain_person(con, folder / "links.parquet", folder / "person_records.parquet", stands, model)
    return str(_chart(chart, stands, hops, model, workspace, Look()))


def _same_model(workspace: Workspace, folder: Path, model: LinkageModel) -> None:
    if ask(workspace, folder, "SELECT 1 FROM {links} WHERE model_hash <> ? LIMIT 1", [model.hash]):
        todo = "Give the deployment as it was that night (--deployment), or run a night with the present model"
        raise UsageError("RC-M41", "the links were judged by another model", where=folder.name, todo=todo)


@dataclass(frozen=True)
class Refused(Hop):
    """A judged pair that did not join its two persons; its sentence ends with why."""


def _refused(hop: Hop, model: LinkageModel) -> Refused:
    """The pair with the reason in its sentence: it is too unlikely, or the two persons' records exclude each other. A decision says it itself."""
    if hop.rule == "cannot_link":
        return Refused(**vars(hop))
    key = "unlikely" if hop.probability < model.thresholds.join else "excluded"
    why = NOT_JOINED[key]
    least = percent(model.thresholds.join)
    sentence = Text(zh=hop.sentence.zh + why.zh.format(least=least), en=f"{hop.sentence.en} {why.en.format(least=least)}")
    return Refused(**vars(hop) | {"sentence": sentence})


def _pair(hop: Hop) -> str:
    return f"{hop.left} {'≠' if isinstance(hop, Refused) else '='} {hop.right}"


def _document(headline: str, records: Rows, hops: Sequence[Hop], model: LinkageModel, workspace: Workspace) -> dict[str, Any]:
    languages = workspace.deployment.config.languages
    return {
        "headline": headline,
        "tables": {"records": records, "links": _links(hops), "decisions": decisions_about(workspace, [str(row["record"]) for row in records])},
        "sentences": [f"{_pair(hop)}: {getattr(hop.sentence, language)}" for hop in hops for language in languages],
        "waterfalls": [_waterfall(hop, evidence(hop, model)) for hop in hops],
    }


def find_record(workspace: Workspace, folder: Path, text: str) -> Record:
    """``source|key`` or ``source|key|role`` as a record that is held; the key itself may hold ``|``. Of a person's id, a record of the person.

    Raises:
        UsageError: RC-U09 nobody has that id; RC-U07 no such record is held; RC-M40 it speaks of several people, so that a role is needed.
    """
    if "|" not in text:
        return first_record(workspace, folder, text)
    source, _, rest = text.partition("|")
    found = ask(
        workspace,
        folder,
        """SELECT record_key, role FROM {person_records} WHERE source = ? AND (record_key = ? OR record_key || '|' || role = ?)
           ORDER BY record_key || '|' || role = ? DESC, role""",
        [source, rest, rest, rest],
    )
    if not found:
        raise UsageError("RC-U07", "no record of that key is held", where=source, todo="Give source|key, as person_records has them")
    exact = [row for row in found if f"{row['record_key']}|{row['role']}" == rest]
    if not exact and len(found) > 1:
        roles = ", ".join(row["role"] for row in found)
        raise UsageError("RC-M40", "the record speaks of several people", where=source, todo=f"Add a role: source|key|role, one of {roles}")
    row = (exact or found)[0]
    return Record(source, row["record_key"], row["role"])


def _headline(sides: tuple[Record, Record], persons: tuple[str, str], links: int, way: Way, judged: int) -> str:
    names = f"{sides[0]} and {sides[1]}"
    if sides[0] == sides[1]:
        return f"{names}: the same record"
    if persons[0] == persons[1]:
        return f"{names}: one person, {persons[0]}; the {way} path has {links} link{'s' if links > 1 else ''}"
    return f"{names}: two persons, {persons[0]} and {persons[1]}; {judged or 'no'} judged pair{'' if judged == 1 else 's'} between them"


def _on_the_way(sides: tuple[Record, Record], hops: Sequence[Hop]) -> list[Record]:
    return list(dict.fromkeys([sides[0], *(record for hop in hops for record in (hop.left, hop.right)), sides[1]]))


def _side_by_side(con: duckdb.DuckDBPyConnection, folder: Path, records: Sequence[Record], workspace: Workspace, look: Look) -> Rows:
    """What the records on the way say; attributes of which none says anything are left out."""
    con.register(
        "wanted", pd.DataFrame([(n, r.source, r.record_key, r.role) for n, r in enumerate(records)], columns=["place", "source", "key", "role"])
    )
    members = con.execute(f"""
        SELECT 'path' AS case_id, {MEMBERS} FROM {scan(folder / "observations.parquet")} o
        JOIN wanted w ON w.source = o.source AND w.key = o.record_key AND w.role = o.role ORDER BY w.place
    """).df()
    con.unregister("wanted")
    said = said_by(members, workspace, look)
    names = [name for name, _, _ in COMPARED if any(row[name] for row in said)]
    return [{"record": str(record), **{name: row[name] for name in names}} for record, row in zip(records, said, strict=True)]


def _links(hops: Sequence[Hop]) -> Rows:
    return [
        {
            "left": str(h.left),
            "right": str(h.right),
            "tier": h.tier,
            "rule": h.rule,
            "weight": round(h.weight, 3),
            "probability": round(h.probability, 6),
        }
        for h in hops
    ]


def _waterfall(hop: Hop, steps: Sequence[Step]) -> dict[str, Any]:
    """One link's steps, with bars for a terminal."""
    drawn = bars([step.weight for step in steps])
    rows = [
        {"zh": s.label.zh, "en": s.label.en, "bits": round(s.weight, 2), "so_far": round(s.total, 2), "bar": bar}
        for s, bar in zip(steps, drawn, strict=True)
    ]
    return {"left": str(hop.left), "right": str(hop.right), "joined": not isinstance(hop, Refused), "steps": rows}


def _chart(path: Path, title: str, hops: Sequence[Hop], model: LinkageModel, workspace: Workspace, look: Look) -> Path:
    """One picture per link, its sentence above it, in the deployment's first language. No value of a record is in it."""
    config = workspace.deployment.config
    language = config.languages[0]
    captions = [f"{_pair(hop)}: {getattr(hop.sentence, language)}" for hop in hops]
    captions = captions if look.unmasked else without_numbers(captions, mask_of(workspace))
    pictures = [(caption, waterfall_svg(evidence(hop, model), language)) for caption, hop in zip(captions, hops, strict=True)]
    return write_picture(path, title, pictures, language, "SYNTHETIC" if config.synthetic else "")


def terminal_lines(waterfall: Mapping[str, Any], language: str) -> list[str]:
    """A waterfall as text: bar, bits, sum so far, what."""
    return [f"{row['bar']} {row['bits']:+7.2f} {row['so_far']:+8.2f}  {row[language]}" for row in waterfall["steps"]]
