"""Planted marriages: M01 to M04 and their innocent look-alikes."""

from datetime import date
from typing import Any

import numpy as np

from data_samples.simulator.clock import YEAR, day
from data_samples.simulator.places import AUTONOMOUS, CODES
from data_samples.simulator.planted.plan import Mention, Plan
from data_samples.simulator.registers.marriage import DIVORCE, REISSUE, UNKNOWN, WED
from data_samples.simulator.registers.police import MARRIED, SINGLE

FREE_OFFICE = date(2025, 5, 10)


def plant(plan: Plan) -> None:
    """All of them."""
    stale_status(plan)
    overlapping(plan)
    reissued(plan)
    stolen_identity(plan)
    underage(plan)
    with_the_dead(plan)


def singles(plan: Plan, low: float, high: float, *, male: bool) -> np.ndarray:
    """Plain people without a spouse, between two ages."""
    age, people = plan.age(), plan.world.people
    alone = plan.plain() & (plan.world.families.spouse < 0) & (people.male == male) & (age > low) & (age < high)
    return np.asarray(alone & ~plan.has("marriage", "husband") & ~plan.has("marriage", "wife"))


def wed(plan: Plan, husband: int, wife: int, when: int, **values: Any) -> int:
    """A marriage between two people, with the police entries brought up to date."""
    people, world = plan.world.people, plan.world
    base = int(plan.registers["marriage"]["base"].iloc[0])
    columns = {
        "husband": husband,
        "wife": wife,
        "kind": WED,
        "date": when,
        "orig": UNKNOWN,
        "territory": int(people.territory[wife]),
        "husband_number": int(world.number[husband]),
        "wife_number": int(world.number[wife]),
        "husband_birth": int(people.birth[husband]),
        "wife_birth": int(people.birth[wife]),
        **values,
    }
    made = plan.copy("marriage", base, max(world.first, when + 1), **columns)
    for person, spouse in ((husband, wife), (wife, husband)):
        for entry in plan.bases("police", person):
            plan.change("police", entry, marital=MARRIED, spouse=spouse)
    return made


def stale_status(plan: Plan) -> None:
    """M01: the register says single a year after the wedding; one is updated later; free choice of office excuses one."""
    first = plan.world.first
    men = plan.pick(singles(plan, 25, 38, male=True), plan.count + 1)
    women = plan.pick(singles(plan, 23, 38, male=False), len(men))
    for turn, (husband, wife) in enumerate(zip(men, women, strict=False)):
        when = max(first - 120, day(FREE_OFFICE) + 3) if turn == 0 else first - 400 - 30 * turn
        values: dict[str, Any] = {}
        if turn == 0:
            lands = {int(plan.world.people.territory[person]) for person in (husband, wife)}
            values["territory"] = min(set(range(len(CODES))) - lands)
        base = wed(plan, husband, wife, when, **values)
        for person, role in ((husband, "husband"), (wife, "wife")):
            entry = plan.entry(person)
            plan.change("police", entry, marital=SINGLE, spouse=-1)
            if turn == 0:
                plan.innocent("M01", "office_elsewhere", [person], [Mention("marriage", base, role), Mention("police", entry, "self")])
            else:
                plan.anomaly("M01", person)
        if turn == 1 and plan.fix_nights:
            night = plan.correction(0.1)
            plan.amend("police", plan.entry(husband), night, marital=MARRIED, spouse=wife, updated=night - 1)


def standing(plan: Plan) -> np.ndarray:
    """Plain husbands whose only marriage is on file and stands."""
    spouse = plan.world.families.spouse
    rows = plan.registers["marriage"]
    only = rows.groupby("husband").size()
    once = np.zeros(len(plan.world.people), dtype=bool)
    once[only.index[only == 1]] = True
    weddings = rows.loc[(rows["kind"] == WED) & (rows["date"] < plan.world.first - 900), "husband"]
    had = np.zeros(len(plan.world.people), dtype=bool)
    had[weddings[weddings >= 0]] = True
    mate = np.maximum(spouse, 0)
    return np.asarray(plan.plain() & once & had & (spouse >= 0) & plan.ordinary[mate] & (plan.age() < 60))


def overlapping(plan: Plan) -> None:
    """M02: a second marriage while the first stands; for one of them the divorce is posted late, and was earlier."""
    first = plan.world.first
    husbands = [person for person in plan.pick(standing(plan), plan.count) if int(plan.world.families.spouse[person]) not in plan.used]
    brides = plan.pick(singles(plan, 24, 48, male=False), len(husbands))
    for turn, (husband, bride) in enumerate(zip(husbands, brides, strict=False)):
        wife = int(plan.world.families.spouse[husband])
        old = plan.bases("marriage", husband, "husband")[0]
        wed(plan, husband, bride, first - 200 - 20 * turn)
        plan.anomaly("M02", husband)
        plan.used.add(wife)
        if turn == 0 and plan.fix_nights:
            facts = plan.row("marriage", old)
            plan.add("marriage", {**facts, "kind": DIVORCE, "orig": old, "date": first - 260}, plan.correction(0.8))


def reissued(plan: Plan) -> None:
    """A certificate lost and issued again is no second marriage."""
    for person in plan.pick(standing(plan), 2):
        old = plan.bases("marriage", person, "husband")[0]
        facts = plan.row("marriage", old)
        base = plan.add("marriage", {**facts, "kind": REISSUE, "orig": old, "date": plan.world.first - 300})
        plan.innocent("M02", "reissued_certificate", [person], [Mention("marriage", old, "husband"), Mention("marriage", base, "husband")])


def stolen_identity(plan: Plan) -> None:
    """Somebody married under a married man's number, with a name and birth date of his own: I02, never M02."""
    victims, thieves, brides = (
        plan.pick(standing(plan), 1),
        plan.pick(singles(plan, 25, 45, male=True), 1),
        plan.pick(singles(plan, 24, 45, male=False), 1),
    )
    for victim, thief, bride in zip(victims, thieves, brides, strict=False):
        base = wed(plan, thief, bride, plan.world.first - 500, husband_number=int(plan.world.number[victim]))
        plan.innocent("M02", "identity_stolen", [victim], [Mention("marriage", base, "husband")], "the row's name and birth date are another's")
        plan.anomaly("I02", victim, thief)


def underage(plan: Plan) -> None:
    """M03: a bride of eighteen; in the autonomous prefecture that is lawful."""
    land = plan.world.people.territory
    for lawful in (False, True):
        here = AUTONOMOUS[land] if lawful else ~AUTONOMOUS[land]
        wives = plan.pick(singles(plan, 18.6, 30, male=False) & here, 1 if lawful else plan.count)
        men = plan.pick(singles(plan, 23.5, 36, male=True) & here, len(wives))
        for husband, wife in zip(men, wives, strict=False):
            when = max(int(plan.world.people.birth[wife] + 18.4 * YEAR), int(plan.world.people.birth[husband] + 22.1 * YEAR))
            when = min(when, int(plan.world.people.birth[wife] + 19.9 * YEAR), plan.world.first - 20)
            if lawful:
                when = min(int(plan.world.people.birth[wife] + 18.4 * YEAR), plan.world.first - 20)
            base = wed(plan, husband, wife, when)
            if lawful:
                plan.innocent("M03", "autonomous_area", [husband, wife], [Mention("marriage", base, "husband"), Mention("marriage", base, "wife")])
            else:
                plan.anomaly("M03", husband, wife)


def with_the_dead(plan: Plan) -> None:
    """M04 (and D04): registered months after the death of the groom."""
    grooms = plan.pick(singles(plan, 28, 65, male=True), plan.count)
    brides = plan.pick(singles(plan, 22, 60, male=False), len(grooms))
    for turn, (groom, bride) in enumerate(zip(grooms, brides, strict=False)):
        death = plan.world.first - 500 - 40 * turn
        plan.die(groom, death)
        plan.certify(groom, death)
        entry = plan.entry(groom)
        wed(plan, groom, bride, death + 100)
        plan.change("police", entry, cancel_date=death + 12, cancel_kind=1, death_date=death, marital=SINGLE, spouse=-1, updated=death + 12)
        plan.anomaly("M04", groom, bride)
        plan.anomaly("D04", groom)
