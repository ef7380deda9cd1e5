"""Planted over the nights of a long run: discrepancies that begin on a night of their own and are put right on another.

Each kind gets ``plan.count`` occurrences. The corrections are spread evenly from the third night to the last; a night before it, drawn at
random, is the one on which the rule is first due. What no later extract can undo (a payment to the dead, a bride too young) and what
only a new term shows is planted for the first night only, by the other modules.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from data_samples.simulator import numbers
from data_samples.simulator.clock import BoolArray
from data_samples.simulator.places import CODES
from data_samples.simulator.planted.births import infants, unregister
from data_samples.simulator.planted.marriages import singles, standing, wed
from data_samples.simulator.planted.plan import CellText, Plan
from data_samples.simulator.planted.schools import pupils
from data_samples.simulator.registers import birth, death, police
from data_samples.simulator.registers.marriage import DIVORCE, REISSUE
from data_samples.simulator.registers.school import ENROLLED

LONG = 11
"""Nights from which on a run is long; shorter ones hold what stood on the first night, and its corrections."""


@dataclass(frozen=True)
class Turn:
    """The night on which a discrepancy is first due, and the one whose extracts show it put right."""

    found: int
    fixed: int


def plant(plan: Plan) -> None:
    """All of them, in a long run."""
    if len(plan.world.nights) < LONG:
        return
    arrivals(plan)
    schedule = turns(plan, plan.count * len(KINDS))
    for kind in KINDS:
        kind(plan, [next(schedule) for _ in range(plan.count)])


def turns(plan: Plan, wanted: int) -> Iterator[Turn]:
    """``wanted`` turns in random order, whose corrections lie evenly over the nights from the third."""
    nights = plan.world.nights
    fixed = np.linspace(2, len(nights) - 1, wanted).round().astype(np.int64)
    for last in plan.rng.permutation(fixed).tolist():
        yield Turn(nights[int(plan.rng.integers(1, last))], nights[last])


def workers(plan: Plan) -> BoolArray:
    """Plain people of 30 to 58 who draw no pension."""
    age = plan.age()
    return np.asarray(plan.plain() & (age > 30) & (age < 58) & ~plan.has("pension"))


def unattached(plan: Plan, low: float, high: float) -> BoolArray:
    """Plain people between two ages whom only the police, the census and the meter know."""
    chosen = singles(plan, low, high, male=True) | singles(plan, low, high, male=False)
    return np.asarray(chosen & ~plan.has("pension") & ~plan.has("birth", "mother") & ~plan.has("birth", "father"))


def deregister(plan: Plan, person: int, when: int, dead: int) -> None:
    """The police end an entry as dead; the extract of the day after shows it."""
    ended = {"cancel_date": when, "cancel_kind": police.DIED, "death_date": dead, "updated": when}
    if when + police.LAG <= plan.world.first:
        plan.change("police", plan.entry(person), **ended)
    else:
        plan.amend("police", plan.entry(person), when + police.LAG, **ended)


def arrive(plan: Plan, person: int, night: int) -> int:
    """Natives who come back from another province, where no register of ours saw them; returns the new entry."""
    entry = plan.entry(person)
    plan.erase(person, "census", "electricity")
    plan.change("police", entry, reg_date=night - 1, reg_kind=police.ARRIVED, cert=-1, updated=night - 1, seen=night)
    return entry


def arrivals(plan: Plan) -> None:
    """Some people move in from another province, each on a night of its own."""
    years = (plan.world.last - plan.world.first) / 365
    wanted = 2 + int(len(plan.world.people) * 0.004 * years)
    for person in plan.pick(unattached(plan, 19, 50), wanted):
        arrive(plan, person, int(plan.rng.choice(plan.fix_nights)))


def death_unreported(plan: Plan, schedule: list[Turn]) -> None:
    """D01: certified, and cancelled late."""
    for person, turn in zip(plan.pick(workers(plan), len(schedule)), schedule, strict=False):
        dead = turn.found - police.LAG - 31
        plan.die(person, dead)
        plan.certify(person, dead)
        plan.anomaly("D01", person)
        deregister(plan, person, turn.fixed - police.LAG, dead)


def death_uncertified(plan: Plan, schedule: list[Turn]) -> None:
    """D02: cancelled as dead; the certificate comes late."""
    for person, turn in zip(plan.pick(workers(plan), len(schedule)), schedule, strict=False):
        dead = turn.found - death.LAG - 61
        plan.die(person, dead)
        deregister(plan, person, dead + 20, dead)
        plan.certify(person, dead, seen=turn.fixed)
        plan.anomaly("D02", person)


def death_misdated(plan: Plan, schedule: list[Turn]) -> None:
    """D05: the police write a date a month off, and mend it."""
    for person, turn in zip(plan.pick(workers(plan), len(schedule)), schedule, strict=False):
        dead = turn.found - 20
        plan.die(person, dead)
        plan.certify(person, dead)
        deregister(plan, person, turn.found - police.LAG, dead - 33)
        plan.amend("police", plan.entry(person), turn.fixed, death_date=dead, updated=turn.fixed - 1)
        plan.anomaly("D05", person)


def cremation_uncertified(plan: Plan, schedule: list[Turn]) -> None:
    """D06: cremated, cancelled, certified late."""
    for person, turn in zip(plan.pick(workers(plan), len(schedule)), schedule, strict=False):
        dead = turn.found - death.LAG - 31 - 2
        plan.die(person, dead)
        plan.cremate(person, dead)
        deregister(plan, person, dead + 12, dead)
        plan.certify(person, dead, seen=turn.fixed)
        plan.anomaly("D06", person)


def declared_dead(plan: Plan, schedule: list[Turn]) -> None:
    """D01, D04 and M04 at once: a certificate with the wrong date of death of somebody who lives and wed since; withdrawn in the end."""
    grooms = plan.pick(singles(plan, 26, 65, male=True), len(schedule))
    brides = plan.pick(singles(plan, 22, 60, male=False), len(grooms))
    for groom, bride, turn in zip(grooms, brides, schedule, strict=False):
        wedding = plan.world.first - 300
        wed(plan, groom, bride, wedding)
        base = plan.certify(groom, wedding - 120, seen=turn.found, issue=turn.found - 3, report=turn.found - 2)
        plan.amend("death", base, turn.fixed, status=death.DELETED)
        for code, persons in (("D01", [groom]), ("D04", [groom]), ("M04", [groom, bride])):
            plan.anomaly(code, *persons)


def misborn_dead(plan: Plan, schedule: list[Turn]) -> None:
    """I05: a certificate of death with the year and day of birth mistyped, issued again."""
    for person, turn in zip(plan.pick(workers(plan), len(schedule)), schedule, strict=False):
        dead = turn.found - 5
        plan.die(person, dead)
        born = int(plan.world.people.birth[person])
        base = plan.certify(person, dead, seen=turn.found, birth=born + 2 * 365 + 9)
        plan.amend("death", base, turn.fixed, birth=born)
        deregister(plan, person, turn.found + 9, dead)
        plan.anomaly("I05", person)


def birth_unregistered(plan: Plan, schedule: list[Turn]) -> None:
    """B01: born in the hospital, registered late."""
    world = plan.world
    mother = np.maximum(world.families.mother, 0)
    only = np.bincount(mother, minlength=len(world.people))[mother] == 1
    for person, turn in zip(plan.pick(infants(plan, 0.5, 6.0) & only, len(schedule)), schedule, strict=False):
        born = turn.found - police.LAG - 61
        entry = plan.row("police", plan.entry(person))
        certificate = plan.bases("birth", person, "child")[0]
        unregister(plan, person)
        plan.erase(person, "census", "school")
        world.people.birth[person] = born
        world.number[person] = plan.new_number(person)
        plan.change("birth", certificate, birth=born, issue=born + 2, seen=max(world.first, born + 4))
        again = {"birth": born, "number": int(world.number[person]), "reg_date": turn.fixed - 1, "reg_kind": police.LATE, "updated": turn.fixed - 1}
        plan.add("police", {**entry, **again}, turn.fixed)
        world.registered[person] = turn.fixed - 1
        plan.anomaly("B01", person)


def birth_uncertified(plan: Plan, schedule: list[Turn]) -> None:
    """B02: registered here, the certificate comes late."""
    for person, turn in zip(plan.pick(infants(plan, 1.0, 5.8), len(schedule)), schedule, strict=False):
        certificate = plan.row("birth", plan.bases("birth", person, "child")[0])
        registered = turn.found - birth.LAG - 61
        plan.erase(person, "birth", "census")
        shown = {"reg_date": registered, "updated": registered, "seen": max(plan.world.first, registered + police.LAG)}
        plan.change("police", plan.entry(person), cert=-1, reg_kind=police.LATE, **shown)
        plan.world.registered[person] = registered
        plan.add("birth", certificate, turn.fixed)
        plan.anomaly("B02", person)


def pupil_registered_late(plan: Plan, schedule: list[Turn]) -> None:
    """B03: at school from the first night, registered on the last of its turn."""
    for person, turn in zip(plan.pick(pupils(plan), len(schedule)), schedule, strict=False):
        entry = plan.row("police", plan.entry(person))
        unregister(plan, person)
        plan.erase(person, "census")
        for row in plan.bases("school", person):
            plan.change("school", row, number=0, student=0, status=ENROLLED)
        plan.add("police", {**entry, "reg_date": turn.fixed - 1, "reg_kind": police.LATE, "updated": turn.fixed - 1}, turn.fixed)
        plan.world.registered[person] = turn.fixed - 1
        plan.anomaly("B03", person)


def entered_twice(plan: Plan, schedule: list[Turn]) -> None:
    """I01: a second entry in another county, cancelled as needless."""
    for person, turn in zip(plan.pick(workers(plan), len(schedule)), schedule, strict=False):
        land = (int(plan.world.people.territory[person]) + 4) % len(CODES)
        entered = turn.found - police.LAG - 61
        values = {"territory": land, "code": int(CODES[land]), "reg_date": entered, "reg_kind": police.ARRIVED, "updated": entered}
        second = plan.copy("police", plan.entry(person), max(plan.world.first, entered + police.LAG), **values)
        plan.amend("police", second, turn.fixed, cancel_date=turn.fixed - 1, cancel_kind=police.DUPLICATE, updated=turn.fixed - 1)
        plan.anomaly("I01", person)


def number_of_another(plan: Plan, schedule: list[Turn]) -> None:
    """I02: somebody arrives under the number of another; it turns out, and a number of his own is entered."""
    world = plan.world
    pool = unattached(plan, 20, 60)
    chosen = plan.pick(pool, 2 * len(schedule))
    for holder, other, turn in zip(chosen[::2], chosen[1::2], schedule, strict=False):
        entry = arrive(plan, other, turn.found)
        plan.change("police", entry, number=int(world.number[holder]))
        own = {"number": int(world.number[other]), "old_number": int(world.number[holder])}
        plan.amend("police", entry, turn.fixed, **own, updated=turn.fixed - 1)
        plan.anomaly("I02", holder, other)


def number_of_old(plan: Plan, schedule: list[Turn]) -> None:
    """I03: a marriage certificate is issued again under another number, which the police then own to be his former one."""
    for person, turn in zip(plan.pick(standing(plan), len(schedule)), schedule, strict=False):
        old = plan.bases("marriage", person, "husband")[0]
        number = plan.new_number(person)
        again = {"kind": REISSUE, "orig": old, "date": turn.found - 1, "husband_number": number}
        plan.add("marriage", {**plan.row("marriage", old), **again}, turn.found)
        plan.amend("police", plan.entry(person), turn.fixed, old_number=number, updated=turn.fixed - 1)
        plan.anomaly("I03", person)


def number_mistyped(plan: Plan, schedule: list[Turn]) -> None:
    """I04: somebody arrives, with a wrong digit in the number."""
    for person, turn in zip(plan.pick(unattached(plan, 20, 60), len(schedule)), schedule, strict=False):
        entry = arrive(plan, person, turn.found)
        own = numbers.one(int(plan.world.number[person]))
        plan.amend("police", entry, turn.fixed, updated=turn.fixed - 1)
        plan.texts.append(CellText("police", entry, "公民身份号码", own[:15] + str((int(own[15]) + 4) % 10) + own[16:], turn.fixed))
        plan.patch("police", entry, "self", "malformed", value=True, until=turn.fixed)
        plan.anomaly("I04", person)


def wedding_unnoticed(plan: Plan, schedule: list[Turn]) -> None:
    """M01: two of one county wed, and the police bring both entries up to date late."""
    land = plan.world.people.territory
    for turn in schedule:
        women = plan.pick(singles(plan, 22, 48, male=False), 1)
        men = plan.pick(singles(plan, 24, 52, male=True) & np.isin(land, land[women]), len(women))
        for husband, wife in zip(men, women, strict=False):
            wed(plan, husband, wife, turn.found - police.LAG - 91)
            for person, spouse in ((husband, wife), (wife, husband)):
                entry = plan.entry(person)
                plan.change("police", entry, marital=police.SINGLE, spouse=-1)
                plan.amend("police", entry, turn.fixed, marital=police.MARRIED, spouse=spouse, updated=turn.fixed - 1)
                plan.anomaly("M01", person)


def divorce_posted_late(plan: Plan, schedule: list[Turn]) -> None:
    """M02: a second wedding while the first marriage stands, whose end is posted late."""
    husbands = [person for person in plan.pick(standing(plan), len(schedule)) if int(plan.world.families.spouse[person]) not in plan.used]
    brides = plan.pick(singles(plan, 22, 55, male=False), len(husbands))
    for husband, bride, turn in zip(husbands, brides, schedule, strict=False):
        plan.used.add(int(plan.world.families.spouse[husband]))
        old = plan.bases("marriage", husband, "husband")[0]
        wed(plan, husband, bride, turn.found - 2)
        facts: dict[str, Any] = {**plan.row("marriage", old), "kind": DIVORCE, "orig": old, "date": turn.found - 50}
        plan.add("marriage", facts, turn.fixed)
        plan.anomaly("M02", husband)


def pensioner_registered_late(plan: Plan, schedule: list[Turn]) -> None:
    """P02: paid from the first night on, registered on the last of its turn."""
    age = plan.age()
    for person, turn in zip(plan.pick(plan.plain() & plan.has("pension") & (age > 57), len(schedule)), schedule, strict=False):
        entry = plan.entry(person)
        plan.change("police", entry, reg_date=turn.fixed - 1, reg_kind=police.LATE, cert=-1, updated=turn.fixed - 1, seen=turn.fixed)
        plan.world.registered[person] = turn.fixed - 1
        plan.anomaly("P02", person)


KINDS: tuple[Callable[[Plan, list[Turn]], None], ...] = (
    death_unreported,
    death_uncertified,
    death_misdated,
    cremation_uncertified,
    declared_dead,
    misborn_dead,
    birth_unregistered,
    birth_uncertified,
    pupil_registered_late,
    entered_twice,
    number_of_another,
    number_of_old,
    number_mistyped,
    wedding_unnoticed,
    divorce_posted_late,
    pensioner_registered_late,
)
