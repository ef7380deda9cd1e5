"""No name, number or address in anything that people read; hostile text stays text."""

import re
import zipfile
from pathlib import Path

import pytest

from tests.publish.conftest import Published, publish
from tests.publish.world import World

FOR_PEOPLE = ("reports", "referrals", "exports")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "{{7*7}}",
    "+1+1",
    "@SUM(A1)",
    "\t=1",
    "＝1+1",
    "</style><b>",
)


def texts(folder: Path) -> dict[str, str]:
    """Everything readable below a folder; the parts of a workbook one by one."""
    found: dict[str, str] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".parquet"):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as parts:
                found |= {f"{path.name}:{name}": parts.read(name).decode("utf-8") for name in parts.namelist()}
        else:
            data = path.read_bytes()
            found[path.name] = data.decode("utf-8", errors="ignore") + data.decode("gb18030", errors="ignore")
    return found


def test_no_canary_reaches_a_reader(published: Published) -> None:
    names, numbers = set(published.world.names), set(published.world.numbers)
    addresses = {row["address"] for row in published.world.rows["persons"]}
    seen = {
        (where, kind)
        for folder in FOR_PEOPLE
        for where, text in texts(published.out / folder).items()
        for kind, canaries in (("name", names), ("number", numbers), ("address", addresses))
        if any(canary in text for canary in canaries)
    }
    assert not seen


def test_parquet_of_the_person_package_names_nobody(published: Published) -> None:
    data = (published.out / "exports" / "persons" / "persons.parquet").read_bytes()
    assert not any(name.encode() in data for name in (*published.world.names, *published.world.numbers))


def test_birth_dates_lack_the_day(published: Published) -> None:
    births = {row["birth_date"].isoformat() for row in published.world.rows["persons"]}
    for where, text in texts(published.out / "reports").items():
        assert not any(birth in text for birth in births), where


def test_a_number_inside_a_record_key_is_masked(tmp_path: Path) -> None:
    world = World(people=6, case_every=3).build()
    number = world.numbers[0]
    for rows in world.rows.values():
        for row in rows:
            if row.get("record_key") == "Y00000000":
                row["record_key"] = f"G{number}"
            for record in row.get("records", []) if isinstance(row.get("records"), list) else []:
                if record["record_key"] == "Y00000000":
                    record["record_key"] = f"G{number}"
    out = publish(world, tmp_path).out
    assert not any(number in text for text in texts(out / "reports").values())
    assert f"G***{number[-4:]}" in (out / "reports" / "report.zh.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A world whose every free text is an attack."""
    world = World(people=30, case_every=3).build()
    for n, attack in enumerate(HOSTILE):
        for row in world.rows["finding_details"][n::3][:1]:
            row["reason"] = row["reason_zh"] = attack
        for source in ("police", "death", "pension"):
            world.rows[f"obs_{source}"][3 * n % len(world.rows[f"obs_{source}"])]["file"] = attack
        world.rows["cases"][n]["division"] = attack[:6]
        world.rows["obs_police"][3 * n]["name"] = attack
        world.rows["deliveries_birth"][0] |= {"status": "held", "code": "RC-D99", "detail": attack}
        world.rows["quarantine_police"][0]["rule"] = attack
    return publish(world, tmp_path_factory.mktemp("hostile"))


def test_nothing_hostile_becomes_markup(hostile: Published) -> None:
    page = (hostile.out / "reports" / "report.en.html").read_text(encoding="utf-8")
    assert page.count("<script") == 1
    assert page.count("</style>") == 1
    assert "<img" not in page
    assert page.count("<b>") == page.count("<li><b>") + page.count('class="what"><b>')
    assert "{{7*7}}" in page
    assert "49" not in re.findall(r'class="why">([^<]*)<', page)


def test_nothing_hostile_becomes_a_formula_or_link(hostile: Published) -> None:
    for where, text in texts(hostile.out).items():
        if ".xlsx:" in where:
            assert "<f>" not in text, where
            assert "<hyperlink" not in text, where


def test_human_csv_is_defused(hostile: Published) -> None:
    for path in (hostile.out / "referrals").rglob("*.csv"):
        encoding = hostile.ctx.deployment.sources[path.parent.name].form.encoding
        for cell in re.split(r"[,|\r\n]", path.read_bytes().decode(encoding)):
            assert not re.match(r'^"?[=+@＝\t]', cell), path
