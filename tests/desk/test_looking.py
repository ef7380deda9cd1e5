"""How two records came together, with masked values and pictures; who somebody was, as known on a day."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.desk.explain import explain
from pipelines.desk.known import as_known
from pipelines.desk.paths import explain_pair, person_chart, terminal_lines
from pipelines.desk.pictures import bars
from pipelines.desk.unmasked import Look
from pipelines.errors import UsageError
from pipelines.storage.control import ControlDatabase
from tests.desk.conftest import World

MASKED = Look()


@pytest.fixture(scope="module")
def pair(world: World) -> tuple[str, str]:
    """Two records of one person that need more than one link, tier 3 among them."""
    rows = world.ask("""
        WITH o AS (SELECT obs_id, concat_ws('|', source, record_key, role) AS record, source FROM {observations}),
        k AS (SELECT l.record AS l, r.record AS r, l.source AS s, r.source AS t
              FROM {links} JOIN o l ON l.obs_id = obs_id_l JOIN o r ON r.obs_id = obs_id_r
              WHERE tier = 3 AND accepted),
        e AS (SELECT l, r, s, t FROM k UNION ALL SELECT r, l, t, s FROM k)
        SELECT a.l AS left, b.r AS right FROM e a JOIN e b ON a.r = b.l WHERE a.l < b.r AND a.s = 'census' AND b.t = 'electricity'
          AND NOT EXISTS (SELECT 1 FROM e WHERE e.l = a.l AND e.r = b.r) ORDER BY ALL LIMIT 1
    """)
    return str(rows[0]["left"]), str(rows[0]["right"])


def test_the_path_is_told_masked_with_its_weights(world: World, pair: tuple[str, str], tmp_path: Path) -> None:
    found = explain_pair(world.workspace, *pair, MASKED, chart=tmp_path / "path.html")
    links = found["tables"]["links"]
    assert (links[0]["left"], links[-1]["right"]) == pair
    assert len(links) >= 2
    assert len(found["sentences"]) == len(links) * len(world.workspace.deployment.config.languages)
    for waterfall, link in zip(found["waterfalls"], links, strict=True):
        assert waterfall["steps"][0]["bits"] < 0
        odds = link["probability"] / max(1 - link["probability"], 1e-12)
        assert 2 ** waterfall["steps"][-1]["so_far"] == pytest.approx(odds, rel=0.1)
        assert sum(step["bits"] for step in waterfall["steps"]) == pytest.approx(waterfall["steps"][-1]["so_far"], abs=0.1)
        assert all("|" in line for line in terminal_lines(waterfall, "en"))
    page = (tmp_path / "path.html").read_text(encoding="utf-8")
    assert page.count("<svg") == len(links)
    assert not re.search(r"<script|(src|href)=\"http", page)
    told = json.dumps(found, ensure_ascii=False, default=str) + page
    assert not [value for value in world.personal() if value in told]


def test_numbers_inside_keys_are_masked(world: World) -> None:
    """A school number holds the pupil's identity number: the key is shown with its last four characters."""
    [pupil] = world.ask("""
        SELECT concat_ws('|', source, record_key, role) AS record, person_id FROM {person_records}
        WHERE source = 'school' AND person_id IN (SELECT person_id FROM {person_records} WHERE source = 'police') ORDER BY 1 LIMIT 1
    """)
    [entry] = world.ask(f"SELECT record_key FROM {{person_records}} WHERE source = 'police' AND person_id = '{pupil['person_id']}' LIMIT 1")
    found = explain_pair(world.workspace, str(pupil["record"]), f"police|{entry['record_key']}", MASKED)
    person = str(pupil["person_id"])
    told = json.dumps(found, ensure_ascii=False) + json.dumps(as_known(world.workspace, person, None, None), default=str)
    told += json.dumps(explain(world.workspace, person), ensure_ascii=False, default=str)
    assert found["tables"]["links"]
    assert not re.search(r"[0-9]{15}", told)


def test_a_person_as_a_page_of_waterfalls(world: World, tmp_path: Path) -> None:
    [row] = world.ask("SELECT person_id, n_records AS n FROM {persons} WHERE n_records >= 3 ORDER BY 1 LIMIT 1")
    page = Path(person_chart(world.workspace, str(row["person_id"]), tmp_path / "person.html")).read_text(encoding="utf-8")
    assert page.count("<svg") == row["n"] - 1  # type: ignore[operator]


def test_the_shortest_path_is_no_longer_than_the_strongest(world: World) -> None:
    people = world.ask("""
        SELECT min(concat_ws('|', source, record_key, role)) AS a, max(concat_ws('|', source, record_key, role)) AS b
        FROM {person_records} GROUP BY person_id HAVING count(*) >= 5 ORDER BY person_id LIMIT 5
    """)
    for row in people:
        strong, short = (
            explain_pair(world.workspace, str(row["a"]), str(row["b"]), MASKED, way)["tables"]["links"] for way in ("strongest", "shortest")
        )
        assert 1 <= len(short) <= len(strong)
        assert min(link["probability"] for link in strong) >= min(link["probability"] for link in short) - 1e-6


def test_two_persons_have_no_path_but_what_was_judged(world: World) -> None:
    [row] = world.ask("""
        WITH p AS (SELECT obs_id(source, record_key, role) AS id, concat_ws('|', source, record_key, role) AS record FROM {person_records})
        SELECT l.record AS l, r.record AS r FROM {links} JOIN p l ON l.id = obs_id_l JOIN p r ON r.id = obs_id_r
        WHERE NOT accepted ORDER BY probability DESC, 1, 2 LIMIT 1
    """)
    found = explain_pair(world.workspace, str(row["l"]), str(row["r"]), MASKED)
    assert "two persons" in found["headline"]
    assert {found["tables"]["links"][0]["left"], found["tables"]["links"][0]["right"]} == {row["l"], row["r"]}
    assert [" ≠ " in line for line in found["sentences"]] == [True] * len(found["sentences"])
    assert all("未连接" in zh and "Not joined" in en for zh, en in zip(found["sentences"][::2], found["sentences"][1::2], strict=True))
    assert [waterfall["joined"] for waterfall in found["waterfalls"]] == [False] * len(found["waterfalls"])
    persons = [world.ask(f"SELECT person_id FROM {{person_records}} WHERE concat_ws('|', source, record_key, role) = '{row[s]}'") for s in ("l", "r")]
    by_id = explain_pair(world.workspace, str(persons[0][0]["person_id"]), str(persons[1][0]["person_id"]), MASKED)
    assert by_id["tables"]["links"] == found["tables"]["links"]


def test_a_person_and_a_record_of_theirs_are_joined_by_a_path(world: World) -> None:
    [row] = world.ask("SELECT person_id, max(concat_ws('|', source, record_key, role)) AS record FROM {person_records} GROUP BY ALL LIMIT 1")
    found = explain_pair(world.workspace, str(row["person_id"]), str(row["record"]), MASKED)
    assert f"one person, {row['person_id']}" in found["headline"] or "same record" in found["headline"]
    for wrong in ("P000000000000", "Q1"):
        with pytest.raises(UsageError, match="RC-U09"):
            explain_pair(world.workspace, wrong, str(row["record"]), MASKED)


def test_bare_values_leave_a_trace(world: World, pair: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="RC-M05"):
        explain_pair(world.workspace, *pair, Look(unmasked=True, reason="to see"))
    found = explain_pair(world.workspace, *pair, Look(unmasked=True, by="li.na", reason="letter of the resident"))
    assert any(row["name"] in world.personal() or len(row["name"]) == 2 for row in found["tables"]["records"])
    assert "*" not in "".join(row["name"] for row in found["tables"]["records"])
    chain = tmp_path / "chain.jsonl"
    ControlDatabase(world.workspace.control_url).export_chain(chain)
    last = json.loads(chain.read_text(encoding="utf-8").splitlines()[-1])
    assert (last["action"], last["actor"]) == ("looked", "li.na")
    assert last["object"].startswith("person/P")


def test_records_are_found_without_a_role_only_when_they_speak_of_one(world: World) -> None:
    [wedding] = world.ask("SELECT record_key FROM {person_records} WHERE source = 'marriage' ORDER BY 1 LIMIT 1")
    with pytest.raises(UsageError, match="RC-M40"):
        explain_pair(world.workspace, f"marriage|{wedding['record_key']}", f"marriage|{wedding['record_key']}|wife", MASKED)
    with pytest.raises(UsageError, match="RC-U07"):
        explain_pair(world.workspace, "police|nobody", "police|nobody", MASKED)


def test_bars_share_one_scale() -> None:
    assert [bar.rstrip() for bar in bars([4.0, -2.0, 0.0])] == ["            |############", "      ------|", "            |"]


def test_somebody_as_known_on_a_day(world: World) -> None:
    [row] = world.ask("SELECT person_id FROM {persons} WHERE birth_date < DATE '1980-01-01' AND n_sources >= 3 ORDER BY n_records DESC, 1 LIMIT 1")
    first, second = world.nights
    then = as_known(world.workspace, str(row["person_id"]), None, first)
    now = as_known(world.workspace, str(row["person_id"]), None, None)
    assert then["persons"] == now["persons"] == [row["person_id"]]
    assert then["vintage"] != now["vintage"]
    assert then["tables"]["records"] == now["tables"]["records"]
    assert {r["state"] for r in now["tables"]["records"]} <= {"stands", "ended", "not yet"}
    early = as_known(world.workspace, str(row["person_id"]), first - timedelta(days=365 * 60), second)
    assert {r["state"] for r in early["tables"]["records"]} == {"not yet"}
    assert (now["known_on"], now["as_at"]) == (second, second), "nothing was delivered that night, but it was one"
    for day, known_on in ((second, first), (second + timedelta(days=1), None)):
        with pytest.raises(UsageError, match="RC-M42"):
            as_known(world.workspace, str(row["person_id"]), day, known_on)
    with pytest.raises(UsageError, match="RC-U09"):
        as_known(world.workspace, "P000000000000", None, first)
    with pytest.raises(UsageError, match="RC-U02"):
        as_known(world.workspace, str(row["person_id"]), None, first - timedelta(days=1))


def test_a_record_ends_when_its_register_says_so(world: World) -> None:
    [row] = world.ask("""
        SELECT r.record_key, min(r.cancelled_on) AS ended FROM {rec_police} r WHERE r.cancelled_on IS NOT NULL AND r.registered_on < r.cancelled_on
        GROUP BY ALL ORDER BY 1 LIMIT 1
    """)
    states = {}
    for days in (-1, 0):
        found = as_known(world.workspace, f"police|{row['record_key']}", row["ended"] + timedelta(days=days), None)  # type: ignore[operator]
        [states[days]] = [r["state"] for r in found["tables"]["records"] if r["record_key"] == row["record_key"]]
    assert states == {-1: "stands", 0: "ended"}
