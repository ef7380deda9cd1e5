"""Planted lives: L01, L02, A01, namesakes, and their innocent look-alikes."""

from typing import Any

import numpy as np

from data_samples.simulator.clock import text_compact
from data_samples.simulator.places import CODES, TERRITORIES
from data_samples.simulator.planted.plan import CellText, Mention, Plan


def plant(plan: Plan) -> None:
    """All of them."""
    old_mothers(plan)
    close_births(plan)
    wrong_century(plan)
    no_sign_of_life(plan)
    silent_moves(plan)
    recoded_entries(plan)
    namesake_of_the_dead(plan)


def children(plan: Plan) -> np.ndarray:
    """Plain children of some years with a certificate and a known mother who has nothing else planted."""
    age = plan.age()
    fresh = plan.plain() & plan.has("birth", "child") & (age > 1) & (age < 9.5) & (plan.world.families.mother >= 0)
    return np.asarray(fresh & (plan.world.families.parity == 1))


def give_mother(plan: Plan, child: int, mother: int) -> int:
    """The certificate and the truth name another mother; returns the certificate."""
    world = plan.world
    base = plan.bases("birth", child, "child")[0]
    world.families.mother[child] = mother
    plan.change("birth", base, mother=mother, mother_number=int(world.number[mother]))
    return base


def old_mothers(plan: Plan) -> None:
    """L01: a mother of 57 and more."""
    age = plan.age()
    chosen = plan.pick(children(plan), plan.count)
    women = plan.pick(plan.plain() & ~plan.world.people.male & (age > 67.5) & (age < 79), len(chosen))
    for child, woman in zip(chosen, women, strict=False):
        give_mother(plan, child, woman)
        plan.anomaly("L01", woman)


def close_births(plan: Plan) -> None:
    """L01: two births of one mother a few months apart."""
    birth = plan.world.people.birth
    free = np.flatnonzero(children(plan))
    free = free[~np.isin(free, np.array(sorted(plan.used), dtype=np.int64))]
    free = free[np.argsort(birth[free], kind="stable")]
    made = 0
    for index in range(len(free) - 3):
        elder, younger = int(free[index]), int(free[index + 3])
        mother = int(plan.world.families.mother[elder])
        gap = int(birth[younger] - birth[elder])
        if made >= plan.count or not 20 <= gap <= 180 or {elder, younger, mother} & plan.used:
            continue
        give_mother(plan, younger, mother)
        plan.anomaly("L01", mother)
        plan.used.update((elder, younger))
        made += 1


def wrong_century(plan: Plan) -> None:
    """A birth year typed 190x for 199x makes nobody 120 years old: the number and other records say otherwise."""
    age = plan.age()
    for person in plan.pick(plan.plain() & (age > 27) & (age < 35), 2):
        entry = plan.entry(person)
        cell = text_compact(plan.world.people.birth[[person]])[0].as_py()
        wrong = f"{cell[:2]}0{cell[3:]}"
        plan.texts.append(CellText("police", entry, "出生日期", wrong))
        plan.patch("police", entry, "self", "birth", int(wrong))
        plan.innocent("L01", "age_recorded_wrongly", [person], [Mention("police", entry, "self")])


def no_sign_of_life(plan: Plan) -> None:
    """L02: eighty-five and in no other source; a pension is a sign of life."""
    age = plan.age()
    old = plan.plain() & (age > 81) & (age < 99) & plan.has("pension")
    for turn, person in enumerate(plan.pick(old, plan.count + 1)):
        entry = plan.entry(person)
        if turn == 0:
            account = plan.bases("pension", person)[0]
            plan.innocent("L02", "draws_a_pension", [person], [Mention("police", entry, "self"), Mention("pension", account, "beneficiary")])
            continue
        plan.erase(person, "pension")
        plan.anomaly("L02", person)


def silent_moves(plan: Plan) -> None:
    """A01: entries appear under another division with no move between, so that neither division balances."""
    if not plan.fix_nights:
        return
    night = plan.fix_nights[0]
    age = plan.age()
    for source, target in ((5, 4), (3, 1)):
        here = plan.plain() & (plan.world.people.territory == source) & (age > 20) & (age < 60)
        wanted = max(6, int(np.sum(plan.world.people.territory == source)) // 25)
        movers = plan.pick(here, wanted)
        plan.amend_all("police", movers, night, territory=target, code=int(CODES[target]), updated=night - 1)
        entries = plan.registers["police"]
        bases = sorted(set(entries.loc[entries["person"].isin(movers), "base"].tolist()))
        plan.silent_moves.append((int(CODES[source]), int(CODES[target]), bases))


def recoded_entries(plan: Plan) -> None:
    """Entries still under an abolished county's code, brought to its successor: a boundary change, nobody moved."""
    land = next(index for index, item in enumerate(TERRITORIES) if item.code == 880112)
    old = TERRITORIES[land].earlier[0][0]
    people = plan.pick(plan.plain() & (plan.world.people.territory == land) & (plan.age() > 30), 6)
    for person in people:
        entry = plan.entry(person)
        plan.change("police", entry, code=old)
        if plan.fix_nights:
            plan.amend("police", entry, plan.fix_nights[0], code=880112, updated=plan.fix_nights[0] - 1)
    mentions = [Mention("police", plan.entry(person), "self") for person in people]
    plan.innocent("A01", "boundary_change", people, mentions, f"{old} became 880112")


def namesake_of_the_dead(plan: Plan) -> None:
    """A living pensioner with the name, sex and birth date of a dead one of another county, whose certificate has no number."""
    age, world = plan.age(), plan.world
    elders = plan.plain() & plan.has("pension") & (age > 62) & (age < 78)
    for living in plan.pick(elders, 2):
        twin = plan.pick(elders & (world.people.male == world.people.male[living]) & (world.people.territory != world.people.territory[living]), 1)
        for dead in twin:
            rename(plan, dead, living)
            death = world.first - 180
            plan.die(dead, death)
            certificate = plan.certify(dead, death, number=0, birth=int(world.people.birth[living]))
            plan.cancel(dead, death + 10, 1, death)
            mentions = [Mention("death", certificate, "deceased"), Mention("police", plan.entry(living), "self")]
            for code in ("D01", "D03", "D04"):
                plan.innocent(code, "namesake", [living], mentions)


def rename(plan: Plan, person: int, model: int) -> None:
    """Give a person the name, birth date and a fitting number of the same day as somebody else."""
    world = plan.world
    world.rename[person] = model
    world.people.birth[person] = world.people.birth[model]
    number = plan.new_number(person, 300)
    world.number[person] = number
    for source in ("police", "pension", "census", "electricity"):
        for base in plan.bases(source, person):
            values: dict[str, Any] = {"number": number} if source != "electricity" else {"number": 0}
            if source != "electricity":
                values["birth"] = int(world.people.birth[person])
            plan.change(source, base, **values)
    for side in ("husband", "wife"):
        for base in plan.bases("marriage", person, side):
            plan.change("marriage", base, **{f"{side}_number": number, f"{side}_birth": int(world.people.birth[person])})
    for side in ("mother", "father"):
        for base in plan.bases("birth", person, side):
            plan.change("birth", base, **{f"{side}_number": number})
