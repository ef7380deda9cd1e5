"""Explaining: the path between two records, and a sentence for every link, without a personal value."""

from pathlib import Path

import pytest

from matching import LinkageModel
from matching.score import to_weight
from pipelines.errors import UsageError
from pipelines.identify.explain import RULES, Record, evidence, explain_person, explain_records, explain_refused
from pipelines.storage.frames import connect
from tests.link.test_people import CASES, MUM
from tests.link.world import ROOT, Night, run_night

MODEL = LinkageModel.from_yaml(ROOT / "deployments" / "yunzhou" / "model.yml")
CHILD, ENTRY = Record("birth", "B1", "child"), Record("police", "E1", "self")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return run_night(tmp_path_factory.mktemp("explain") / "night", CASES["certificate and household name differ"][0])


def test_the_path_between_two_records(night: Night) -> None:
    [hop] = explain_records(connect(), night.folder / "links.parquet", night.folder / "person_records.parquet", CHILD, ENTRY, MODEL)
    assert (hop.left, hop.right, hop.tier, hop.rule) == (CHILD, ENTRY, 4, "child_left")
    assert hop.sentence.en.startswith(RULES["child_left"].en)
    assert "姓名不同" in hop.sentence.zh


def test_two_persons_have_no_path(night: Night) -> None:
    mother = Record("police", "MUM", "self")
    assert explain_records(connect(), night.folder / "links.parquet", night.folder / "person_records.parquet", CHILD, mother, MODEL) == ()


def test_what_is_between_two_persons_is_told(tmp_path: Path) -> None:
    """One number on two people: judged, and refused; its evidence ends at the odds of its probability."""
    night = run_night(tmp_path / "night", CASES["one number on two people"][0])
    people = night.persons()
    persons = people["police", "E1", "self"], people["police", "E2", "self"]
    links, records = night.folder / "links.parquet", night.folder / "person_records.parquet"
    hops = explain_refused(connect(), links, records, persons, MODEL)
    assert hops
    for hop in hops:
        assert {people[r.source, r.record_key, r.role] for r in (hop.left, hop.right)} == set(persons)
    for hop in hops:
        steps = evidence(hop, MODEL)
        assert steps[0].name == "prior"
        assert steps[-1].total == pytest.approx(to_weight(hop.probability))
        assert sum(step.weight for step in steps) == pytest.approx(steps[-1].total)


def test_every_link_of_every_person_has_sentences_without_values(night: Night) -> None:
    for person in set(night.persons().values()):
        hops = explain_person(connect(), night.folder / "links.parquet", night.folder / "person_records.parquet", person, MODEL)
        assert len(hops) == sum(p == person for p in night.persons().values()) - 1
        for hop in hops:
            text = hop.sentence.zh + hop.sentence.en
            assert hop.sentence.zh.endswith("。")
            assert hop.sentence.en.endswith(".")
            assert not any(value in text for value in (MUM, "李秀英", "王建国", "2020-03-04"))


def test_nobody(night: Night) -> None:
    with pytest.raises(UsageError, match="RC-I04"):
        explain_person(connect(), night.folder / "links.parquet", night.folder / "person_records.parquet", "P000000000000", MODEL)
