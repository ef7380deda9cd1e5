"""Who is one person: small worlds as readable tables, one line per case in the ids of its rows."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.storage.frames import table_hash
from tests.link.world import birth, number, row, run_night

MUM, DAD = number("1985-02-03", 24), number("1984-09-10", 13)
FAMILY = {"mother_id": MUM, "mother_name": "李秀英", "father_id": DAD, "father_name": "王建国", "household": "H1", "division": "880105"}
PARENTS = [
    row("police", "MUM", name="李秀英", sex="F", born="1985-02-03", no=MUM, division="880105", household="H1", spouse_id=DAD),
    row("police", "DAD", name="王建国", sex="M", born="1984-09-10", no=DAD, division="880105", household="H1", spouse_id=MUM),
]
MOTHER, FATHER = {"name": "李秀英", "no": MUM}, {"name": "王建国", "no": DAD}
BORN = "2020-03-04"
SON, DAUGHTER, SECOND = number(BORN, 11), number(BORN, 12), number(BORN, 31)
OLD, NEW = number("1950-05-06", 11), number("1950-05-06", 35, "880124")


def with_parents(*keys: str) -> list[set[str]]:
    """The parents' persons, once their certificates ``keys`` are linked."""
    return [{"MUM", *(f"{k}.mother" for k in keys)}, {"DAD", *(f"{k}.father" for k in keys)}]


def child(key: str, name: str, sex: str, no: str | None, **more: Any) -> dict[str, Any]:
    return row("police", key, name=name, sex=sex, born=BORN, no=no, **{**FAMILY, **more})


CASES: dict[str, tuple[list[dict[str, Any]], list[set[str]]]] = {
    "a newborn without a name of its own": (
        [*PARENTS, *birth("B1", BORN, {"name": "李秀英之子", "sex": "M"}, MOTHER, FATHER), child("E1", "王梓轩", "M", SON)],
        [{"B1.child", "E1"}, *with_parents("B1")],
    ),
    "certificate and household name differ": (
        [*PARENTS, *birth("B1", BORN, {"name": "王天赐", "sex": "M"}, MOTHER, FATHER), child("E1", "李浩然", "M", SON)],
        [{"B1.child", "E1"}, *with_parents("B1")],
    ),
    "twins, a boy and a girl, without names": (
        [*PARENTS,
         *birth("B1", BORN, {"sex": "M", "birth_order": 1}, MOTHER, FATHER), *birth("B2", BORN, {"sex": "F", "birth_order": 2}, MOTHER, FATHER),
         child("E1", "王梓轩", "M", SON), child("E2", "王梓涵", "F", DAUGHTER)],
        [{"B1.child", "E1"}, {"B2.child", "E2"}, *with_parents("B1", "B2")],
    ),
    "twin brothers whose names differ in one character": (
        [*PARENTS,
         *birth("B1", BORN, {"name": "王梓轩", "sex": "M", "birth_order": 1}, MOTHER, FATHER),
         *birth("B2", BORN, {"name": "王梓豪", "sex": "M", "birth_order": 2}, MOTHER, FATHER),
         child("E1", "王梓轩", "M", SON), child("E2", "王梓豪", "M", SECOND)],
        [{"B1.child", "E1"}, {"B2.child", "E2"}, *with_parents("B1", "B2")],
    ),
    "twin brothers without names pair by order": (
        [*PARENTS,
         *birth("B1", BORN, {"sex": "M", "birth_order": 1}, MOTHER, FATHER), *birth("B2", BORN, {"sex": "M", "birth_order": 2}, MOTHER, FATHER),
         child("E1", "王梓轩", "M", SON), child("E2", "王浩然", "M", SECOND)],
        [{"B1.child", "E1"}, {"B2.child", "E2"}, *with_parents("B1", "B2")],
    ),
    "of twin brothers one is not registered: nobody guesses which": (
        [*PARENTS,
         *birth("B1", BORN, {"sex": "M", "birth_order": 1}, MOTHER, FATHER), *birth("B2", BORN, {"sex": "M", "birth_order": 2}, MOTHER, FATHER),
         child("E1", "王梓轩", "M", SON)],
        [{"B1.child"}, {"B2.child"}, {"E1"}, *with_parents("B1", "B2")],
    ),
    "of twin brothers one is not registered, but the names tell": (
        [*PARENTS,
         *birth("B1", BORN, {"name": "王梓轩", "sex": "M", "birth_order": 1}, MOTHER, FATHER),
         *birth("B2", BORN, {"name": "王梓豪", "sex": "M", "birth_order": 2}, MOTHER, FATHER),
         child("E1", "王梓豪", "M", SON)],
        [{"B1.child"}, {"B2.child", "E1"}, *with_parents("B1", "B2")],
    ),
    "a pupil without a number beside a registered twin": (
        [*PARENTS, child("E1", "王梓轩", "M", SON), row("school", "S1", name="王梓豪", sex="M", born=BORN, guardian_name="李秀英", guardian_id=MUM)],
        [{"E1"}, {"S1"}, *with_parents()],
    ),
    "a re-issued certificate is the same birth": (
        [*PARENTS, *birth("B1", BORN, {"sex": "M"}, MOTHER, FATHER),
         *birth("B2", BORN, {"name": "王梓轩", "sex": "M", "ref_prior": "B1"}, MOTHER, FATHER)],
        [{"B1.child", "B2.child"}, *with_parents("B1", "B2")],
    ),
    "a mother without a number is known by her child": (
        [*PARENTS, *birth("B1", BORN, {"sex": "M"}, {"name": "李秀英"}, FATHER), child("E1", "王梓轩", "M", SON, ref_birth_cert="B1")],
        [{"B1.child", "E1"}, *with_parents("B1")],
    ),
    "father and son of one name": (
        [row("police", "E1", name="张伟", sex="M", born="1960-01-02", no=number("1960-01-02", 11), address_key="1号楼2室", household="H"),
         row("police", "E2", name="张伟", sex="M", born="1988-03-04", no=number("1988-03-04", 11), address_key="1号楼2室", household="H"),
         row("electricity", "A1", name="张伟", address_key="1号楼2室")],
        [{"E1"}, {"E2"}, {"A1"}],
    ),
    "a holder known by name and home": (
        [row("police", "E1", name="欧阳文静", sex="F", born="1960-01-02", no=number("1960-01-02", 12), address_key="中山路1号楼2室", division="880105"),
         row("electricity", "A1", name="欧阳文静", address_key="中山路1号楼2室", division="880105")],
        [{"A1", "E1"}],
    ),
    "brothers of one name, years apart, the younger without a number": (
        [*PARENTS, child("E1", "王梓轩", "M", SON, address_key="中山路1号"),
         row("school", "S1", name="王梓轩", sex="M", born="2016-08-09", address_key="中山路1号", guardian_name="李秀英", guardian_id=MUM)],
        [{"E1"}, {"S1"}, *with_parents()],
    ),
    "a pupil without a number, whose name is mistyped; the school number was made from it": (
        [*PARENTS, child("E1", "王梓轩", "M", SON, address_key="中山路1号"),
         row("school", f"G{SON}|1", name="王梓豪", sex="M", born=BORN, address_key="中山路1号", guardian_name="李秀英", guardian_id=MUM)],
        [{"E1", f"G{SON}|1"}, *with_parents()],
    ),
    "twins of one name, each in both registers that hold everybody once": (
        [*PARENTS, child("E1", "仁青加措", "M", SON, address_key="中山路1号"), child("E2", "仁青加措", "M", SECOND, address_key="中山路1号"),
         row("census", "C1", name="仁青加措", sex="M", born=BORN, no=SON), row("census", "C2", name="仁青加措", sex="M", born=BORN, no=SECOND)],
        [{"E1", "C1"}, {"E2", "C2"}, *with_parents()],
    ),
    "a given name, and the same with the father's name behind it": (
        [row("police", "E1", name="木合塔尔·买买提", sex="M", born="1939-03-17", no=number("1939-03-17", 11), division="880105", address_key="中山路1号"),
         row("death", "D1", name="木合塔尔", sex="M", born="1939-03-17", event_date="2016-01-05", division="880105", address_key="中山路1号")],
        [{"E1", "D1"}],
    ),
    "a wrong sex beside two records that have it right": (
        [row("police", "E1", name="李颖辉", sex="F", born="1970-12-28", no=number("1970-12-28", 12), division="880105"),
         row("census", "C1", name="李颖辉", sex="F", born="1970-12", division="880105"),
         row("pension", "S1", name="李颖辉", sex="M", born="1970-12-28", division="880105")],
        [{"E1", "C1", "S1"}],
    ),
    "a death certificate with a birth date of another year, at the same home": (
        [row("police", "E1", name="徐振光", sex="M", born="1952-10-07", no=number("1952-10-07", 13), division="880105", address_key="中山路1号"),
         row("death", "D1", name="徐振光", sex="M", born="1954-01-14", event_date="2016-01-05", division="880105", address_key="中山路1号")],
        [{"E1", "D1"}],
    ),
    "twin sisters whose names sound the same": (
        [*PARENTS, child("E1", "王颖", "F", DAUGHTER), child("E2", "王莹", "F", number(BORN, 32))],
        [{"E1"}, {"E2"}, *with_parents()],
    ),
    "twins who have one number between them": (
        [*PARENTS, child("E1", "王梓轩", "M", SON), child("E2", "王浩然", "M", SECOND),
         row("school", "S1", name="王梓轩", sex="M", born=BORN, no=SECOND, guardian_name="李秀英", guardian_id=MUM)],
        [{"E1", "S1"}, {"E2"}, *with_parents()],
    ),
    "the dead die once: two namesakes in one county": (
        [row("police", "E1", name="欧阳文静", sex="F", born="1940-01-02", no=number("1940-01-02", 12), division="880105"),
         row("death", "D1", name="欧阳文静", sex="F", born="1940-01-02", event_date="2016-01-05", division="880105"),
         row("cremation", "C1", name="欧阳文静", sex="F", age=84, event_date="2024-06-01", division="880105")],
        [{"C1"}, {"D1", "E1"}],
    ),
    "spouses at one address": (
        [row("police", "E1", name="张伟", sex="M", born="1960-01-02", no=number("1960-01-02", 11), address_key="1号楼2室", household="H"),
         row("police", "E2", name="张薇", sex="F", born="1960-01-02", no=number("1960-01-02", 12), address_key="1号楼2室", household="H")],
        [{"E1"}, {"E2"}],
    ),
    "one number on two people": (
        [row("police", "E1", name="张伟", sex="M", born="1950-05-06", no=OLD), row("police", "E2", name="刘强", sex="M", born="1950-05-06", no=OLD),
         row("pension", "P1", name="刘强", sex="M", born="1950-05-06", no=OLD)],
        [{"E1"}, {"E2", "P1"}],
    ),
    "a parent's number in a child's row": (
        [*PARENTS, child("E1", "王梓轩", "M", SON), row("school", "S1", name="王梓轩", sex="M", born=BORN, no=DAD, guardian_name="王建国", guardian_id=DAD)],
        [{"E1", "S1"}, *with_parents()],
    ),
    "a survivor paid under the dead one's number": (
        [row("police", "E1", name="张伟", sex="M", born="1950-05-06", no=OLD),
         row("police", "E2", name="陈静", sex="F", born="1952-07-08", no=number("1952-07-08", 12)),
         row("pension", "P1", name="陈静", sex="F", born="1952-07-08", no=OLD)],
        [{"E1"}, {"E2", "P1"}],
    ),
    "two numbers of one person, declared": (
        [row("police", "E1", name="张伟", sex="M", born="1950-05-06", no=OLD),
         row("police", "E2", name="张伟", sex="M", born="1950-05-06", no=NEW, old_id_number=OLD),
         row("pension", "P1", name="张伟", sex="M", born="1950-05-06", no=OLD)],
        [{"E1", "E2", "P1"}],
    ),
    "two numbers of one person whose parents and home agree": (
        [child("E1", "王梓轩", "M", SON, address_key="中山路1号"), child("E2", "王梓轩", "M", SECOND, address_key="中山路1号")],
        [{"E1", "E2"}],
    ),
    "namesakes born on one day with numbers of their own": (
        [row("police", "E1", name="张伟", sex="M", born="1950-05-06", no=OLD, division="880105"),
         row("police", "E2", name="张伟", sex="M", born="1950-05-06", no=NEW, division="880124")],
        [{"E1"}, {"E2"}],
    ),
    "a record between two namesakes goes to neither": (
        [row("police", "E1", name="张伟", sex="M", born="1950-05-06", no=OLD, division="880105"),
         row("police", "E2", name="张伟", sex="M", born="1950-05-06", no=NEW, division="880105"),
         row("pension", "P1", name="张伟", sex="M", born="1950-05-06", division="880105")],
        [{"E1"}, {"E2"}, {"P1"}],
    ),
    "one wrong digit": (
        [row("police", "E1", name="张伟", sex="M", born="1950-05-06", no=OLD),
         row("pension", "P1", name="张伟", sex="M", born="1950-05-06", no=OLD[:16] + "9" + OLD[17:])],
        [{"E1", "P1"}],
    ),
    "one wrong digit, no birth date": (
        [row("police", "E1", name="张伟", sex="M", born="1950-05-06", no=OLD),
         row("cremation", "C1", name="张伟", sex="M", age=70, event_date="2020-06-01", no=OLD[:16] + "9" + OLD[17:])],
        [{"E1", "C1"}],
    ),
    "a new name under the same number": (
        [row("police", "E1", name="王梓轩", former_name="李浩然", sex="M", born=BORN, no=SON), row("school", "S1", name="李浩然", sex="M", born=BORN, no=SON)],
        [{"E1", "S1"}],
    ),
    "a wrong sex under the same name and number": (
        [row("police", "E1", name="张伟", sex="M", born="1950-05-06", no=OLD), row("pension", "P1", name="张伟", sex="F", born="1950-05-06", no=OLD)],
        [{"E1", "P1"}],
    ),
    "a wrong birth date under the same name and number": (
        [row("police", "E1", name="张伟", sex="M", born="1950-05-06", no=OLD), row("pension", "P1", name="张伟", sex="M", born="1948-11-20", no=OLD)],
        [{"E1", "P1"}],
    ),
    "a death and a cremation without numbers": (
        [row("police", "E1", name="欧阳文静", sex="F", born="1940-01-02", no=number("1940-01-02", 12), division="880105"),
         row("death", "D1", name="欧阳文静", sex="F", born="1940-01-02", ref_death_cert="D1", event_date="2026-01-05", division="880105"),
         row("cremation", "C1", name="欧阳文静", sex="F", age=86, ref_death_cert="D1", event_date="2026-01-05", division="880105")],
        [{"C1", "D1", "E1"}],
    ),
    "a school number across schools": (
        [row("school", "G1|A", name="王梓轩", sex="M", born=BORN, ref_student="G1"),
         row("school", "G1|B", name="王梓宣", sex="M", born=BORN, ref_student="G1")],
        [{"G1|A", "G1|B"}],
    ),
    "a certificate number typed wrong meets another child": (
        [*birth("B1", BORN, {"name": "王梓轩", "sex": "M"}, MOTHER, FATHER),
         row("police", "E1", name="赵一诺", sex="F", born="2019-08-09", no=number("2019-08-09", 12), ref_birth_cert="B1")],
        [{"B1.child"}, {"E1"}, {"B1.mother"}, {"B1.father"}],
    ),
    "a wife without a number": (
        [*PARENTS, row("marriage", "J1", "husband", name="王建国", sex="M", born="1984-09-10", no=DAD, spouse_name="李秀英", event_date="2010-01-01"),
         row("marriage", "J1", "wife", name="李秀英", sex="F", born="1985-02-03", spouse_name="王建国", spouse_id=DAD, event_date="2010-01-01")],
        [{"MUM", "J1.wife"}, {"DAD", "J1.husband"}],
    ),
    "a divorce and the marriage it ends": (
        [row("marriage", "J1", "husband", name="张伟", sex="M", born="1950-05-06", event_date="1975-01-01"),
         row("marriage", "J1", "wife", name="陈静", sex="F", born="1952-07-08", event_date="1975-01-01"),
         row("marriage", "L1", "husband", name="张伟", sex="M", born="1950-05-06", ref_prior="J1", event_date="1985-01-01"),
         row("marriage", "L1", "wife", name="陈静", sex="F", born="1952-07-08", ref_prior="J1", event_date="1985-01-01")],
        [{"J1.husband", "L1.husband"}, {"J1.wife", "L1.wife"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_people(case: str, tmp_path: Path) -> None:
    rows, expected = CASES[case]
    assert run_night(tmp_path / "night", rows).together() == sorted(expected, key=sorted)


def test_a_person_decides(tmp_path: Path) -> None:
    rows, _ = CASES["one wrong digit"]
    apart = {"kind": "cannot_link", "left_source": "police", "left_record_key": "E1", "left_role": "self",
             "right_source": "pension", "right_record_key": "P1", "right_role": "beneficiary"}  # fmt: skip
    assert run_night(tmp_path / "apart", rows, decisions=[apart]).together() == [{"E1"}, {"P1"}]
    rows, _ = CASES["a record between two namesakes goes to neither"]
    assert run_night(tmp_path / "joined", rows, decisions=[{**apart, "kind": "must_link"}]).together() == [{"E1", "P1"}, {"E2"}]


def test_links_say_why(tmp_path: Path) -> None:
    links = run_night(tmp_path / "night", CASES["a newborn without a name of its own"][0]).table("links")
    assert set(links["tier"]) <= {0, 1, 2, 3, 4}
    assert links["accepted"].any()
    assert (links["obs_id_l"] < links["obs_id_r"]).all()
    assert links[["rule", "levels", "model_hash"]].notna().all().all()
    assert links["probability"].between(0, 1).all()


@pytest.mark.parametrize("case", ["two numbers of one person whose parents and home agree", "a death and a cremation without numbers"])
def test_engines_give_the_same_links(case: str, tmp_path: Path) -> None:
    rows, _ = CASES[case]
    nights = [run_night(tmp_path / engine, rows, engine=engine) for engine in ("recordlinkage", "duckdb")]
    assert len({table_hash(night.folder / "links.parquet") for night in nights}) == 1
