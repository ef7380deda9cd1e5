"""What one record says of one person: roles, typed values, kin, and what is carried over from night to night."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.storage.frames import table_hash
from tests.receive.deliver import Desk, Night

DAY = date(2026, 1, 31)
GOOD, WRONG = "880105198001010014", "880105198001010015"


def observed(tmp_path: Path, source: str, mode: str, *rows: dict[str, str]) -> dict[str, dict[str, object]]:
    """Role -> observation of a one-row delivery."""
    desk = Desk(tmp_path)
    desk.deliver(source, DAY, 1, mode, rows)
    return {str(r["role"]): r for r in desk.night(source, DAY).rows("obs")}


def test_a_birth_speaks_of_three(tmp_path: Path) -> None:
    found = observed(
        tmp_path, "birth", "events",
        {
            "出生医学证明编号": "K880000001", "新生儿姓名": "李梅之子", "性别": "男", "出生日期时间": "20260110093000",
            "多胞胎序号": "2", "胎次": "1",
            "母亲姓名": "李 梅", "母亲证件号码": GOOD, "母亲住址": "云州省云中市中城区人民路1号",
            "父亲姓名": "张三", "父亲证件号码": WRONG, "原证编号": "K880000000",
        },
    )  # fmt: skip
    child, mother, father = found["child"], found["mother"], found["father"]
    assert {k: child[k] for k in ("name_kind", "sex", "birth_date", "birth_precision", "birth_order", "parity", "ref_birth_cert", "ref_prior")} == {
        "name_kind": "newborn", "sex": "M", "birth_date": date(2026, 1, 10), "birth_precision": "day", "birth_order": 2, "parity": 1,
        "ref_birth_cert": "K880000001", "ref_prior": "K880000000",
    }  # fmt: skip
    assert (child["mother_name"], child["mother_id"], child["father_id"]) == (mother["name_fold"], GOOD, None), "kin ids only when valid"
    assert (mother["name"], mother["sex"], mother["id_number"], mother["division"]) == ("李梅", "F", GOOD, "880105")
    assert (father["sex"], father["id_number"], father["id_text"], father["id_valid"]) == ("M", None, WRONG, False)
    assert "checksum" in str(father["id_reasons"])


def test_a_newborn_without_a_name_is_known_by_its_mother(tmp_path: Path) -> None:
    found = observed(tmp_path, "birth", "events", {"出生医学证明编号": "K880000001", "出生日期时间": "20260110093000", "母亲姓名": "李梅"})
    assert set(found) == {"child", "mother"}, "a father of whom nothing is said is no observation"
    assert found["child"]["name"] is None


def test_a_marriage_speaks_of_two(tmp_path: Path) -> None:
    found = observed(
        tmp_path, "marriage", "events",
        {"登记字号": "J880105-2020-000001", "登记日期": "20200520", "男方姓名": "张三", "男方出生日期": "19800101",
         "女方姓名": "李梅", "女方证件号码": GOOD},
    )  # fmt: skip
    husband, wife = found["husband"], found["wife"]
    assert (husband["sex"], wife["sex"], husband["event_date"]) == ("M", "F", date(2020, 5, 20))
    assert (husband["spouse_name"], husband["spouse_id"]) == (wife["name_fold"], GOOD)
    assert husband["id_kind"] == "blank"


def test_a_cremation_gives_an_age(tmp_path: Path) -> None:
    found = observed(tmp_path, "cremation", "events", {"火化证编号": "H1", "逝者姓名": "王五", "年龄": "７９", "死亡日期": "2026年1月5日"})
    assert (found["deceased"]["age"], found["deceased"]["event_date"]) == (79, date(2026, 1, 5))


def test_typed_columns(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    row = {
        "人员编号": "P1", "姓名": "张三", "性别": "女", "出生日期": "00000000", "婚姻状况": "未婚", "登记类别": "其它", "登记日期": "2001.02",
        "户籍地行政区划": "880105", "公民身份号码": "无", "原公民身份号码": "880105800101001", "注销日期": "99991231", "户号": " Ｈ１２ ",
    }  # fmt: skip
    desk.deliver("police", DAY, 1, "full", [row])
    [rec] = desk.night("police", DAY).rows("rec")
    shown = (
        "sex",
        "birth_date",
        "birth_date_kind",
        "marital_status",
        "registration_kind",
        "registered_on",
        "id_number",
        "id_number_kind",
        "cancelled_on",
        "household_no",
    )
    assert {k: rec[k] for k in shown} == {
        "sex": "F", "birth_date": None, "birth_date_kind": "placeholder", "marital_status": "single", "registration_kind": None,
        "registered_on": date(2001, 2, 1), "id_number": None, "id_number_kind": "placeholder", "cancelled_on": None, "household_no": "H12",
    }  # fmt: skip
    assert (rec["old_id_number"], rec["old_id_number_kind"]) == ("880105198001010014", "resident15"), "fifteen digits upgraded"


def month(number: int, name: str, *, status: str = "发放") -> dict[str, str]:
    """A payment of one account."""
    return {"个人编号": "A1", "姓名": name, "发放年月": f"2026{number:02}", "待遇状态": status, "月发放金额": "1234.50", "社会保障号码": GOOD}


def test_an_account_speaks_with_its_latest_month(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number, name in ((1, "张三"), (2, "张三丰")):
        desk.deliver("pension", date(2026, number, 10), number, "full", [month(number, name)])
    night = desk.night("pension", date(2026, 2, 10))
    assert night.count("rec") == 2
    [obs] = night.rows("obs")
    assert (obs["record_key"], obs["name"], obs["event_date"]) == ("A1", "张三丰", date(2026, 2, 1))
    desk.deliver("pension", date(2026, 1, 10), 3, "full", [month(1, "张二")])
    [after] = desk.night("pension", date(2026, 2, 11)).rows("obs")
    assert after == obs, "a corrected earlier month changes no word of it"


def test_when_the_latest_month_is_withdrawn_the_one_before_speaks(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    others = [{**month(2, "李四"), "个人编号": f"B{i}"} for i in range(99)]
    desk.deliver("pension", date(2026, 1, 10), 1, "full", [month(1, "张三")])
    desk.deliver("pension", date(2026, 2, 10), 2, "full", [month(2, "张三丰"), *others])
    desk.night("pension", date(2026, 2, 10))
    desk.deliver("pension", date(2026, 2, 10), 3, "full", others)
    [obs] = desk.night("pension", date(2026, 2, 11)).rows("obs", "record_key = 'A1'")
    assert (obs["name"], obs["event_date"], obs["live"]) == ("张三", date(2026, 1, 1), True)
    assert obs["name_fold"] is not None


def test_unchanged_observations_are_carried_over(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = [{"人员编号": f"P{i}", "姓名": "张三", "公民身份号码": GOOD} for i in range(3)]
    desk.deliver("police", DAY, 1, "full", rows)
    first = {r["record_key"]: r for r in desk.night("police", DAY).rows("obs")}
    desk.deliver("police", date(2026, 2, 1), 2, "delta", [{**rows[0], "民族": "汉族"}, {**rows[1], "姓名": "张五"}])
    second = {r["record_key"]: r for r in desk.night("police", date(2026, 2, 1)).rows("obs")}
    assert second["P2"] == first["P2"]
    assert second["P0"]["obs_hash"] == first["P0"]["obs_hash"], "nothing about the person changed: nothing to link anew"
    assert second["P0"]["delivery_id"] != first["P0"]["delivery_id"]
    assert second["P1"]["obs_hash"] != first["P1"]["obs_hash"]
    assert {r["obs_id"] for r in first.values()} == {r["obs_id"] for r in second.values()}


def test_a_closed_record_is_no_longer_live(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = [{"人员编号": f"P{i:03}", "姓名": "张三"} for i in range(100)]
    desk.deliver("police", DAY, 1, "full", rows)
    desk.night("police", DAY)
    desk.deliver("police", date(2026, 2, 1), 2, "full", rows[1:])
    night = desk.night("police", date(2026, 2, 1))
    assert [r["record_key"] for r in night.rows("obs", "NOT live")] == ["P000"]
    assert night.rows("rec", "closed_on IS NOT NULL")[0]["closed_on"] == date(2026, 2, 1)


@pytest.mark.parametrize("source", ["police", "census"])
def test_evaluation_only_sources_are_observed_alike(tmp_path: Path, source: str) -> None:
    row = (
        {"人员编号": "P1", "姓名": "张三"} if source == "police" else {"户编号": "88H1", "与户主关系": "户主1", "姓名": "张三", "出生年月": "198001"}
    )
    found = observed(tmp_path, source, "full", row)
    assert found["self"]["name"] == "张三"
    if source == "census":
        assert (found["self"]["record_key"], found["self"]["birth_precision"]) == ("88H1|户主1", "month")


def test_a_quiet_night_copies_the_register_as_it_is(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("police", DAY, 1, "full", [{"人员编号": "P1", "姓名": "张三"}])
    first: Night = desk.night("police", DAY)
    second = desk.night("police", date(2026, 2, 1))
    for table in ("rec", "obs"):
        assert first.path(table).read_bytes() == second.path(table).read_bytes()
        assert table_hash(first.path(table)) == table_hash(second.path(table))
