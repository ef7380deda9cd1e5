"""Which columns of which extract suffer which family of dirt, and whose record each speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass

from data_samples.simulator.defects import date_dirt, name_dirt, number_dirt, place_dirt
from data_samples.simulator.defects.kinds import Kind
from data_samples.simulator.scenario import Scenario


@dataclass(frozen=True)
class Target:
    """One column: whose role it describes, the kinds it can suffer, the share of its cells that do.

    ``ensured`` kinds occur at least once where they can apply, however small the world.
    """

    column: str
    role: str
    kinds: Mapping[str, Kind]
    share: float
    ensured: bool = False


OWN_NUMBERS = {
    "police": (("公民身份号码", "self"),),
    "birth": (("母亲证件号码", "mother"), ("父亲证件号码", "father")),
    "death": (("证件号码", "deceased"),),
    "cremation": (("证件号码", "deceased"),),
    "marriage": (("男方证件号码", "husband"), ("女方证件号码", "wife")),
    "school": (("身份证件号", "pupil"),),
    "pension": (("社会保障号码", "beneficiary"),),
    "electricity": (("证件号码", "holder"),),
    "census": (("公民身份号码", "self"),),
}
NAMES = {
    "police": (("姓名", "self"),),
    "birth": (("新生儿姓名", "child"), ("母亲姓名", "mother"), ("父亲姓名", "father")),
    "death": (("死者姓名", "deceased"),),
    "cremation": (("逝者姓名", "deceased"),),
    "marriage": (("男方姓名", "husband"), ("女方姓名", "wife")),
    "school": (("姓名", "pupil"),),
    "pension": (("姓名", "beneficiary"),),
    "electricity": (("户名", "holder"),),
    "census": (("姓名", "self"),),
}
BIRTHS = {
    "police": (("出生日期", "self"),),
    "birth": (("出生日期时间", "child"),),
    "death": (("出生日期", "deceased"),),
    "marriage": (("男方出生日期", "husband"), ("女方出生日期", "wife")),
    "school": (("出生日期", "pupil"),),
    "pension": (("出生日期", "beneficiary"),),
}
EVENTS = {"police": ("登记日期",), "birth": ("签发日期",), "death": ("签发日期", "报告日期"), "electricity": ("立户日期",)}
SEXES = {
    "police": "self", "birth": "child", "death": "deceased", "cremation": "deceased", "school": "pupil", "pension": "beneficiary", "census": "self",
}  # fmt: skip
ADDRESSES = {
    "police": (("户籍地址", "self"),),
    "birth": (("母亲住址", "mother"),),
    "death": (("户籍地址", "deceased"),),
    "cremation": (("户籍地址", "deceased"),),
    "school": (("户口所在地", "pupil"), ("现住址", "pupil")),
    "electricity": (("用电地址", "holder"),),
}
DIVISIONS = {"police": ("户籍地行政区划", "self"), "census": ("户口登记地行政区划", "self")}
CARE = {"police": 0.15, "electricity": 1.5}
ENSURED = ("death", "marriage", "school", "pension")


def targets(source: str, scenario: Scenario) -> list[Target]:
    """Every column of a source with its share of dirty cells; the police type most carefully."""
    care, sure = CARE.get(source, 1.0), source in ENSURED
    missing = {"missing_number": number_dirt.MISSING}
    absent = 0.0 if source == "census" else scenario.number_missing.get(source, 0.0)
    made = [Target(column, role, missing, absent) for column, role in OWN_NUMBERS[source]]
    made += [Target(column, role, number_dirt.KINDS, scenario.number_wrong * 1.5 * care, sure) for column, role in OWN_NUMBERS[source]]
    made += [Target(column, role, name_dirt.KINDS, scenario.name_variant * care, sure or source == "census") for column, role in NAMES[source]]
    for column, role in BIRTHS.get(source, ()):
        made.append(Target(column, role, date_dirt.FORMS, scenario.date_form * care, sure))
        made.append(Target(column, role, date_dirt.ERRORS, scenario.birth_wrong * care, source in ("school", "pension")))
    made += [Target(column, "", date_dirt.EVENT_FORMS, scenario.date_form * 0.3 * care) for column in EVENTS.get(source, ())]
    if source in SEXES:
        made.append(Target("性别", SEXES[source], SEX, scenario.sex_wrong * care, source in ("school", "pension")))
    made += [
        Target(column, role, place_dirt.ADDRESSES, scenario.place_old, source in ("police", "school")) for column, role in ADDRESSES.get(source, ())
    ]
    if source in DIVISIONS:
        column, role = DIVISIONS[source]
        made.append(Target(column, role, place_dirt.CODES, scenario.place_old * 0.2, ensured=True))
    return made


SEX = {"sex_wrong": Kind("sex_wrong", date_dirt.other_sex)}
