"""Night after night, what was relinked is what a full run on the new tables gives, to the last bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from matching.cascade import Cascaded, Sure, best_sql, cascade
from matching.engines.duckdb import DuckDBEngine
from matching.model import Block, LinkageModel
from matching.predicates import Key, parse
from matching.relink import Changes, relink
from matching.standing import StandingError, Terms, cascaded, stands, start
from matching.tables import TableError
from tests.matching.conftest import people

SURE = (
    Sure("name and birth", Block((Key("name"), Key("birth")))),
    Sure("birth and a name alike", Block((Key("birth"),)), parse("levenshtein(name) <= 1 and exact(sex)")),
)
NOTHING = Changes()


@pytest.fixture
def engine() -> DuckDBEngine:
    return DuckDBEngine()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "standing"


@pytest.fixture
def terms(model: LinkageModel) -> Terms:
    """Caps so small that blocks become hot, or cease to be, in most nights."""
    return Terms(replace(model, block_cap=7), SURE, 0.05)


def known(seed: int, other: pd.DataFrame, count: int, first_id: int) -> pd.DataFrame:
    """Half of them people of the other table, half strangers."""
    half = other.sample(count // 2, random_state=seed)
    return pd.concat([half, people(seed, count - count // 2)]).assign(id=range(first_id, first_id + count))


def next_night(table: pd.DataFrame, other: pd.DataFrame, seed: int, count: int) -> tuple[pd.DataFrame, Changes]:
    """Some records changed, some gone, some new; the new table and the changes alone."""
    some = table.sample(2 * count, random_state=seed)
    fresh = known(seed, other, 2 * count, 10_000 * seed)
    changed = fresh.assign(id=[*some["id"][:count], *fresh["id"][count:]]).sample(frac=1, random_state=seed)
    gone = some["id"].to_numpy()[count:].tolist()
    kept = table[~table["id"].isin([*gone, *changed["id"]])]
    return pd.concat([kept, changed]).sample(frac=1, random_state=seed), Changes(changed, [*gone, -1])


def full(left: pd.DataFrame, right: pd.DataFrame, terms: Terms) -> Cascaded:
    return cascade(DuckDBEngine(), left, right, terms.model, terms.sure, threshold=terms.threshold, one_to_one=True)


def full_links(found: Cascaded) -> set[tuple[int, int]]:
    with duckdb.connect() as connection:
        connection.register("scored", found.scored.pairs)
        best = connection.sql(best_sql("scored")).fetchall()
    return {*best, *pairs(found.sure)}


def pairs(table: object) -> set[tuple[int, int]]:
    frame = table.to_pandas()  # type: ignore[attr-defined]
    return set(frame[["id_l", "id_r"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nights_give_what_a_full_run_gives(seed: int, engine: DuckDBEngine, folder: Path, terms: Terms) -> None:
    tables = [people(seed, 150)]
    tables.append(known(seed, tables[0], 130, 2))
    start(engine, folder, *tables, terms)
    standing = full_links(full(*tables, terms))
    turned = set()
    for night in range(1, 4):
        nights = [next_night(table, tables[1 - side], 100 * seed + 10 * side + night, 12 * (night % 2) + 1) for side, table in enumerate(tables)]
        tables = [table for table, _ in nights]
        found = relink(engine, folder, nights[0][1], nights[1][1], terms)
        expected = full(*tables, terms)
        ours = cascaded(engine, stands(folder, terms), terms)
        assert ours.sure.equals(expected.sure)
        assert ours.scored.pairs.equals(expected.scored.pairs)
        assert (ours.scored.compared, ours.scored.capped) == (expected.scored.compared, expected.scored.capped)
        assert found.capped == expected.scored.capped
        before, standing = standing, full_links(expected)
        assert pairs(stands(folder, terms).links) == standing
        assert (pairs(found.found), pairs(found.gone)) == (standing - before, before - standing)
        assert found.compared < expected.scored.compared
        turned |= {tuple((report.rule, report.blocks) for report in expected.scored.capped)}
    assert len(turned) > 1, "no block became hot or ceased to be; the test does not test it"
    assert ours.sure.num_rows > 20
    assert len(standing) > ours.sure.num_rows


def test_a_night_without_changes_changes_nothing(engine: DuckDBEngine, folder: Path, terms: Terms) -> None:
    left = people(7, 60)
    start(engine, folder, left, known(7, left, 60, 2), terms)
    before = cascaded(engine, stands(folder, terms), terms)
    found = relink(engine, folder, NOTHING, Changes(left.head(0), [999_999]), terms)
    assert (found.found.num_rows, found.gone.num_rows, found.compared) == (0, 0, 0)
    again = cascaded(engine, stands(folder, terms), terms)
    assert (again.sure, again.scored.pairs) == (before.sure, before.scored.pairs)


def test_everything_may_go_and_come_back(engine: DuckDBEngine, folder: Path, terms: Terms) -> None:
    left = people(8, 60)
    right = known(8, left, 60, 2)
    start(engine, folder, left, right, terms)
    before = pairs(stands(folder, terms).links)
    assert pairs(relink(engine, folder, Changes(removed=left["id"].tolist()), NOTHING, terms).gone) == before
    assert pairs(stands(folder, terms).links) == set()
    assert pairs(relink(engine, folder, Changes(left), NOTHING, terms).found) == before
    assert cascaded(engine, stands(folder, terms), terms).scored.pairs.equals(full(left, right, terms).scored.pairs)


def test_once_much_has_changed_the_bases_are_written_anew(engine: DuckDBEngine, folder: Path, terms: Terms) -> None:
    left = people(8, 60)
    right = known(8, left, 60, 2)
    start(engine, folder, left, right, terms)
    one = Changes(left.head(1).assign(name="someone else"))
    relink(engine, folder, one, NOTHING, terms)
    assert sorted(path.name for path in folder.iterdir()) == ["base-1.arrow", "since-2.arrow", "standing.json"]
    relink(engine, folder, Changes(left.head(30), left["id"].tolist()[30:]), NOTHING, terms)
    assert sorted(path.name for path in folder.iterdir()) == ["base-3.arrow", "since-3.arrow", "standing.json"]
    assert {shelf.changed for shelf in stands(folder, terms).shelves.values()} == {0}
    assert cascaded(engine, stands(folder, terms), terms).scored.pairs.equals(full(left.head(30), right, terms).scored.pairs)


def test_a_night_that_fails_leaves_the_night_before(engine: DuckDBEngine, folder: Path, terms: Terms) -> None:
    left = people(9, 60)
    start(engine, folder, left, known(9, left, 60, 2), terms)
    before = pairs(stands(folder, terms).links)
    with pytest.raises(TableError, match="no column birth"):
        relink(engine, folder, Changes(removed=left["id"].tolist()), Changes(left.drop(columns="birth")), terms)
    (folder / "since-2.arrow").write_bytes(b"half")  # as one leaves it that was killed while it wrote
    assert pairs(stands(folder, terms).links) == before
    assert pairs(relink(engine, folder, Changes(removed=left["id"].tolist()), NOTHING, terms).gone) == before


def test_what_stands_is_only_relinked_on_its_own_terms(engine: DuckDBEngine, folder: Path, terms: Terms) -> None:
    with pytest.raises(StandingError, match=r"no standing linkage; make one"):
        relink(engine, folder, NOTHING, NOTHING, terms)
    start(engine, folder, people(9, 20), people(10, 20), terms)
    for other in (replace(terms, threshold=0.5), replace(terms, sure=terms.sure[:1]), replace(terms, model=replace(terms.model, prior=0.02))):
        with pytest.raises(StandingError, match="start it again"):
            relink(engine, folder, NOTHING, NOTHING, other)
