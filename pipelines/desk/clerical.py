"""Pairs for clerks to judge, so that precision and recall can be told without a truth: drawn by weight, blind, and the key kept apart."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from matching import LinkageModel
from matching.engines import get_engine
from matching.sample import Sample, stratified_sample
from pipelines.desk.clerical_file import Question, write_questions
from pipelines.desk.profiles import BY_GROUP, judging_model, profile_table, put_profiles
from pipelines.desk.unmasked import Look
from pipelines.desk.values import MEMBERS, mask_of, said_by
from pipelines.desk.vintages import vintage_path
from pipelines.errors import UsageError
from pipelines.night.workspace import Workspace
from pipelines.publish.labels import Language, labels
from pipelines.storage.frames import scan

FRAME = """
WITH judged AS (
    SELECT obs_id_l AS id_l, obs_id_r AS id_r, least(probability, 1 - 1e-12) AS probability, accepted AS linked,
           CASE WHEN tier <= 2 THEN 'sure' WHEN tier = 3 THEN 'likeness' ELSE 'kinship' END AS "group"
    FROM {links} WHERE rule NOT IN ('must_link', 'cannot_link')
), person AS (SELECT obs_id(source, record_key, role) AS id, person_id FROM {person_records}),
doubtful AS (
    SELECT least(a.head, b.head) AS id_l, greatest(a.head, b.head) AS id_r, s.probability, false AS linked, 'likeness' AS "group"
    FROM scored_pairs s JOIN profile a ON a.grp = s.id_l JOIN profile b ON b.grp = s.id_r
    JOIN person p ON p.id = a.head JOIN person q ON q.id = b.head WHERE p.person_id <> q.person_id
)
SELECT * FROM judged UNION ALL SELECT * FROM doubtful ANTI JOIN judged USING (id_l, id_r) ORDER BY id_l, id_r
"""
"""Judged pairs of the vintage, decisions of people left out; and pairs of profiles that the model scored below its review threshold, which no
night keeps: among them are the links that were missed."""

ASKED = f"""
SELECT q.question::VARCHAR AS case_id, {MEMBERS}
FROM (SELECT question, 'a' AS side, id_a AS obs_id FROM asked UNION ALL SELECT question, 'b', id_b FROM asked) q
JOIN {{observations}} o USING (obs_id) ORDER BY q.question, q.side
"""


@dataclass(frozen=True)
class Draw:
    """What to draw. ``edges`` cut probability (weight and prior together) into strata; ``floor``: pairs that score below it are taken to be two
    people's, and recall is told among the others."""

    per_stratum: int = 20
    edges: tuple[float, ...] = (0.01, 0.2, 0.5, 0.9, 0.99, 0.999)
    floor: float = 0.001
    seed: int = 1


def sample_pairs(workspace: Workspace, draw: Draw, out: Path, key: Path | None, look: Look, *, dry_run: bool = False) -> dict[str, Any]:
    """Draw pairs from the current vintage; write ``sample-<id>.csv`` and ``.xlsx`` for clerks into ``out``, and the key elsewhere.

    The key goes to ``key``, or into the data folder, where `estimate_from` finds it by the sample's id.

    Returns:
        ``sample``, ``questions``, ``strata`` (rows: stratum, pairs, asked), ``files``, ``key``.

    Raises:
        UsageError: RC-M05 unmasked without name and reason; RC-M10 the key would lie beside the questions; RC-M11 a file exists already.
    """
    folder = vintage_path(workspace)
    model = judging_model(workspace, folder)
    number = _sample_id(folder, model, draw, look)
    where = key or key_path(workspace, number)
    files = [out / f"sample-{number}{suffix}" for suffix in (".csv", ".xlsx")]
    if where.resolve().parent == out.resolve():
        raise UsageError("RC-M10", "the key would lie beside the questions", where=str(out), todo="Clerks must not see it: give another --key")
    with workspace.connect() as con:
        sample = _drawn(con, workspace, folder, model, draw)
        found = {"sample": number, "questions": len(sample.questions), "strata": _strata(sample)}
        if dry_run:
            return found | {"files": [], "key": None}
        for path in (*files, where):
            if path.exists():
                raise UsageError(
                    "RC-M11", "the file exists; an answered sample is never written over", where=str(path), todo="Give another --out or --seed"
                )
        look.allow(workspace, f"sample/{number}")
        members = _asked(con, sample, folder)
    values = said_by(members, workspace, look)
    languages = workspace.deployment.config.languages
    write_questions(files, number, _questions(members, values, _Words(workspace)), languages[0], workspace.deployment.config.synthetic)
    _write_key(where, {"sample": number, "vintage": folder.name, "model": model.hash, **asdict(draw), "by": look.by}, sample)
    return found | {"files": [str(path) for path in files], "key": str(where)}


def key_path(workspace: Workspace, number: str) -> Path:
    """Where the key of a sample is kept when nobody says otherwise."""
    return workspace.data / "desk" / "samples" / f"{number}.json"


def _sample_id(folder: Path, model: LinkageModel, draw: Draw, look: Look) -> str:
    text = json.dumps([folder.name, model.hash, asdict(draw), look.unmasked])
    return f"S{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _drawn(con: duckdb.DuckDBPyConnection, workspace: Workspace, folder: Path, model: LinkageModel, draw: Draw) -> Sample:
    put_profiles(con, workspace, folder)
    engine = get_engine(workspace.deployment.config.engine)
    scored = engine.score_pairs(profile_table(con, model), None, model, threshold=draw.floor, call=BY_GROUP).pairs
    con.register("scored_pairs", scored)
    tables = {name: scan(folder / f"{name}.parquet") for name in ("links", "person_records")}
    pairs: pa.Table = con.sql(FRAME.format_map(tables)).to_arrow_table()
    con.unregister("scored_pairs")
    return stratified_sample(pairs, edges=draw.edges, join=model.thresholds.join, per_stratum=draw.per_stratum, seed=draw.seed)


def _strata(sample: Sample) -> list[dict[str, Any]]:
    asked = sample.key["stratum"].value_counts()
    return [{"stratum": name, "pairs": size, "asked": int(asked[name])} for name, size in sorted(sample.strata.items())]


def _asked(con: duckdb.DuckDBPyConnection, sample: Sample, folder: Path) -> pd.DataFrame:
    con.register("asked", sample.questions)
    members = con.execute(ASKED.format(observations=scan(folder / "observations.parquet"))).df()
    con.unregister("asked")
    return members


class _Words:
    """Codes as a clerk knows them: titles of sources, roles, sexes, places."""

    def __init__(self, workspace: Workspace) -> None:
        self.language: Language = "zh" if workspace.deployment.config.languages[0] == "zh" else "en"
        self.labels, self.mask = labels(self.language, workspace.deployment), mask_of(workspace)

    def record(self, source: str, role: str) -> str:
        """``人口普查（仅评估） · 本人``."""
        return f"{self.labels.source(source)} · {self.labels(f'role.{role}')}"

    def values(self, said: Mapping[str, str]) -> dict[str, str]:
        """The same values, sex and division in words; marks stay."""
        in_words: dict[str, Callable[[str], str]] = {
            "sex": lambda code: self.labels(f"sex.{code}"),
            "division": lambda code: self.mask.place(code, self.language),
        }
        return {name: _reworded(text, in_words[name]) if name in in_words else text for name, text in said.items()}


def _reworded(text: str, word: Callable[[str], str]) -> str:
    """A text with what stands between its marks put into other words."""
    return re.sub(r"[^‹›∅]+", lambda found: word(found[0]), text)


def _questions(members: pd.DataFrame, values: list[Mapping[str, str]], words: _Words) -> list[Question]:
    """Two rows of ``members`` after each other are one question."""
    titles = [words.record(source, role) for source, role in zip(members["source"], members["role"], strict=True)]
    said = [words.values(row) for row in values]
    numbers = members["case_id"].astype(int).tolist()
    return [Question(numbers[place], (titles[place], titles[place + 1]), (said[place], said[place + 1])) for place in range(0, len(members), 2)]


def _write_key(path: Path, head: Mapping[str, Any], sample: Sample) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    strata = {name: {"pairs": size, "linked": sample.linked[name]} for name, size in sample.strata.items()}
    rows = sample.key.astype({"id_l": "string", "id_r": "string"}).to_dict("records")
    path.write_text(json.dumps({**head, "strata": strata, "questions": rows}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    path.chmod(0o600)
