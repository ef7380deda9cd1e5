"""What a deployment has to be told about the sources: cadence, lag, since when; and the calendar of deliveries."""

from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise

from data_samples.simulator.clock import calendar_date, day


@dataclass(frozen=True)
class Source:
    """One department's extract: file form, and what is not in the files."""

    name: str
    file: str
    encoding: str
    delimiter: str
    line_end: str
    key: tuple[str, ...]
    lag_days: int
    began: date
    cadence: str
    bom: bool = False


SOURCES = (
    Source("police", "hukou.csv", "gb18030", ",", "\r\n", ("人员编号",), 1, date(1985, 1, 1), "nightly"),
    Source("birth", "birth_certificates.csv", "utf-8", ",", "\n", ("出生医学证明编号",), 7, date(2016, 1, 1), "nightly", bom=True),
    Source("death", "death_certificates.csv", "utf-8", ",", "\n", ("证明编号",), 15, date(2016, 1, 1), "nightly"),
    Source("cremation", "cremations.csv", "gb18030", ",", "\n", ("火化证编号",), 3, date(2016, 1, 1), "nightly"),
    Source("marriage", "marriages.csv", "gb18030", ",", "\n", ("登记字号",), 1, date(2001, 1, 1), "nightly"),
    Source("school", "enrolment.xlsx", "utf-8", ",", "\n", ("全国学籍号", "学校标识码"), 0, date(2016, 9, 1), "term"),
    Source("pension", "benefits.txt", "gb18030", "|", "\n", ("个人编号",), 0, date(2025, 2, 1), "monthly"),
    Source("electricity", "accounts.csv", "utf-8", ",", "\n", ("户号",), 0, date(2025, 2, 1), "monthly"),
    Source("census", "census.csv", "utf-8", ",", "\n", ("户编号", "与户主关系"), 0, date(2025, 11, 1), "once"),
)
BY_NAME = {source.name: source for source in SOURCES}
NIGHTLY = ("police", "birth", "death", "cremation", "marriage")
TERM_STARTS = ((3, 1), (9, 1))


@dataclass(frozen=True)
class Delivery:
    """One folder of the inbox: the data's day, and the day (``since``) after which it tells of changes."""

    source: str
    folder: int
    sequence: int
    mode: str
    since: int


def term_days(nights: list[int]) -> list[int]:
    """Nights with a school roll: the first, and the first of each term."""
    return nights[:1] + [night for before, night in pairwise(nights) if any(begins(day, TERM_STARTS) for day in range(before + 1, night + 1))]


def begins(number: int, days: tuple[tuple[int, int], ...]) -> bool:
    """Whether a day is one of these (month, day of the month)."""
    today = calendar_date(number)
    return (today.month, today.day) in days


def monthly_folders(first: int, last: int, day_of_month: int, history: int) -> list[int]:
    """Days of the month's folders: ``history`` of them up to the first night, then every one until the last."""
    today = calendar_date(first)
    index = today.year * 12 + today.month - 1
    if today.day < day_of_month:
        index -= 1
    found = [index - back for back in range(history - 1, -1, -1)]
    days = [day(date(m // 12, m % 12 + 1, day_of_month)) for m in found]
    following = (day(date(m // 12, m % 12 + 1, day_of_month)) for m in range(index + 1, index + 400))
    for folder in following:
        if folder > last:
            break
        days.append(folder)
    return days


def calendar(nights: list[int], census_day: int) -> list[Delivery]:
    """Every delivery in order of its folder's date."""
    first, last = nights[0], nights[-1]
    folders: dict[str, list[tuple[int, str]]] = {name: [] for name in BY_NAME}
    for before, night in zip([first - 1, *nights], nights, strict=False):
        whole = night == first or any(calendar_date(day).day == 1 for day in range(before + 1, night + 1))
        folders["police"].append((night, "full" if whole else "delta"))
        for name in NIGHTLY[1:]:
            folders[name].append((night, "events"))
    folders["school"] = [(night, "full") for night in term_days(nights)]
    folders["pension"] = [(folder, "full") for folder in monthly_folders(first, last, 10, 12)]
    folders["electricity"] = [(folder, "full") for folder in monthly_folders(first, last, 5, 1)]
    folders["census"] = [(census_day, "full")] if census_day <= first else []
    made = [
        Delivery(name, folder, number + 1, mode, found[number - 1][0] if number else first - 1)
        for name, found in folders.items()
        for number, (folder, mode) in enumerate(found)
    ]
    return sorted(made, key=lambda item: (item.folder, list(BY_NAME).index(item.source)))


def described() -> list[dict[str, object]]:
    """The sources as they stand in ``sources.json``."""
    return [{**asdict(source), "key": list(source.key), "began": source.began.isoformat()} for source in SOURCES]
