"""Planted identities: I01 to I05 and their innocent look-alikes."""

from typing import Any

import numpy as np

from data_samples.simulator import numbers
from data_samples.simulator.clock import NEVER
from data_samples.simulator.places import CODES
from data_samples.simulator.planted.plan import CellText, Mention, Plan
from data_samples.simulator.registers.police import ARRIVED, DUPLICATE, LATE


def plant(plan: Plan) -> None:
    """All of them."""
    double_entries(plan)
    shared_numbers(plan)
    several_numbers(plan)
    borrowed_numbers(plan)
    twins_mistaken(plan)
    wrong_number_on_entry(plan)


def adults(plan: Plan) -> np.ndarray:
    """Plain people of 24 to 55."""
    age = plan.age()
    return plan.plain() & (age > 24) & (age < 55)


def double_entries(plan: Plan) -> None:
    """I01: a second live entry, every other one under another number (I03); one is cancelled; a move in flight is none."""
    first = plan.world.first
    for turn, person in enumerate(plan.pick(adults(plan), plan.count + 2)):
        old = plan.entry(person)
        land = (int(plan.world.people.territory[person]) + 3) % len(CODES)
        flight = turn == 0
        date = first - 20 if flight else first - 300 - 150 * turn
        values: dict[str, Any] = {
            "territory": land,
            "code": int(CODES[land]),
            "reg_date": date,
            "reg_kind": ARRIVED if turn % 2 == 0 else LATE,
            "updated": date,
        }
        if turn % 2 == 1:
            values["number"] = plan.new_number(person)
            plan.anomaly("I03", person)
        second = plan.copy("police", old, None, **values)
        if flight:
            mentions = [Mention("police", old, "self"), Mention("police", second, "self")]
            plan.innocent("I01", "move_in_flight", [person], mentions)
            continue
        plan.anomaly("I01", person)
        if turn == 2 and plan.fix_nights:
            night = plan.correction(0.2)
            plan.amend("police", second, night, cancel_date=night - 1, cancel_kind=DUPLICATE, updated=night - 1)


def shared_numbers(plan: Plan) -> None:
    """I02: two people under one number since the days of hand numbering; one gets a number of his own."""
    world = plan.world
    quiet = adults(plan) & ~plan.has("pension") & ~plan.has("marriage", "husband") & ~plan.has("marriage", "wife")
    quiet &= ~plan.has("birth", "mother") & ~plan.has("birth", "father")
    chosen = plan.pick(quiet & world.people.male, 2 * plan.count)
    chosen.sort(key=lambda person: int(world.people.birth[person]))
    for turn, (holder, other) in enumerate(zip(chosen[::2], chosen[1::2], strict=False)):
        entry = plan.entry(other)
        own = int(world.number[other])
        plan.change("police", entry, number=int(world.number[holder]))
        for account in plan.bases("electricity", other):
            plan.change("electricity", account, number=0)
        for row in plan.bases("census", other):
            plan.change("census", row, number=0)
        plan.anomaly("I02", holder, other)
        if turn == 0 and plan.fix_nights:
            night = plan.correction(0.99)
            plan.amend("police", entry, night, number=own, old_number=int(world.number[holder]), updated=night - 1)


def several_numbers(plan: Plan) -> None:
    """I03: an older marriage under another number; 原公民身份号码 explains one, and one more in a later night."""
    married = plan.plain() & plan.has("marriage", "husband") & (plan.world.families.spouse >= 0) & plan.world.people.male
    for turn, person in enumerate(plan.pick(married, plan.count + 1)):
        base = plan.bases("marriage", person, "husband")[0]
        number = plan.new_number(person)
        plan.change("marriage", base, husband_number=number)
        entry = plan.entry(person)
        if turn == 0:
            plan.change("police", entry, old_number=number)
            plan.innocent("I03", "former_number", [person], [Mention("marriage", base, "husband"), Mention("police", entry, "self")])
            continue
        plan.anomaly("I03", person)
        if turn == 1 and plan.fix_nights:
            night = plan.correction(0.3)
            plan.amend("police", entry, night, old_number=number, updated=night - 1)


def borrowed_numbers(plan: Plan) -> None:
    """A parent's number in a child's school row; a survivor paid under the dead one's number."""
    world, age = plan.world, plan.age()
    mother = world.families.mother
    child_ok = plan.plain() & plan.has("school") & (age < 14) & (mother >= 0)
    child_ok &= plan.ordinary[np.maximum(mother, 0)]
    for child in plan.pick(child_ok, 2):
        row = plan.bases("school", child)[0]
        plan.change("school", row, number=int(world.number[mother[child]]))
        plan.excuse("school", row, "pupil", "parent")
        for code in ("I02", "I03"):
            plan.innocent(code, "parents_number", [child, int(mother[child])], [Mention("school", row, "pupil")])
    spouse = world.families.spouse
    widow = plan.plain() & ~world.people.male & (age > 62) & (age < 80) & (spouse >= 0) & plan.has("pension")[np.maximum(spouse, 0)]
    widow &= plan.ordinary[np.maximum(spouse, 0)] & ~plan.has("pension")
    if not widow.any():
        widow = (
            plan.plain()
            & ~world.people.male
            & (age > 62)
            & (spouse >= 0)
            & plan.has("pension")[np.maximum(spouse, 0)]
            & plan.ordinary[np.maximum(spouse, 0)]
        )
    for person in [one for one in plan.pick(widow, 3) if int(spouse[one]) not in plan.used][:1]:
        dead = int(spouse[person])
        death = world.first - 220
        plan.die(dead, death)
        certificate = plan.certify(dead, death)
        plan.cancel(dead, death + 9, 1, death)
        plan.erase(person, "pension")
        account = plan.copy(
            "pension",
            plan.bases("pension", dead)[0],
            person=person,
            number=int(world.number[dead]),
            birth=int(world.people.birth[person]),
            male=False,
            pay_to=NEVER,
            pay_from=int(plan.row("pension", plan.bases("pension", dead)[0])["pay_to"]) + 1,
            verify_until=NEVER,
        )
        plan.excuse("pension", account, "beneficiary", "survivor")
        for code in ("I02", "I03", "D03"):
            plan.innocent(
                code, "survivor_paid", [person, dead], [Mention("pension", account, "beneficiary"), Mention("death", certificate, "deceased")]
            )


def twins_mistaken(plan: Plan) -> None:
    """A twin's number typed for the other's: one digit of the seventeen differs, the check digit follows."""
    people = plan.world.people
    rows = plan.registers["school"]
    pupils = rows.loc[rows["number"] > 0, ["person", "base", "number"]]
    twin = people.twin[pupils["person"].to_numpy()]
    for group in np.unique(twin[twin > 0]):
        pair = pupils[twin == group]
        near = [(a, b) for a in pair.itertuples() for b in pair.itertuples() if a.person < b.person and one_digit(int(a.number), int(b.number))]
        if near:
            a, b = near[0]
            plan.change("school", int(a.base), number=int(b.number), student=int(a.number))
            plan.excuse("school", int(a.base), "pupil", "typo")
            plan.innocent(
                "I02",
                "typing_error",
                [int(a.person), int(b.person)],
                [Mention("school", int(a.base), "pupil"), Mention("school", int(b.base), "pupil")],
            )
            return


def one_digit(first: int, second: int) -> bool:
    """The two differ in exactly one digit."""
    return sum(a != b for a, b in zip(str(first), str(second), strict=True)) == 1


def wrong_number_on_entry(plan: Plan) -> None:
    """I04: a live entry whose number has a wrong digit; one is corrected in a later night."""
    for turn, person in enumerate(plan.pick(adults(plan), plan.count)):
        entry = plan.entry(person)
        own = numbers.one(int(plan.world.number[person]))
        wrong = own[:15] + str((int(own[15]) + 3) % 10) + own[16:]
        until = NEVER
        if turn == 0 and plan.fix_nights:
            until = plan.correction(0.4)
            plan.amend("police", entry, until, updated=until - 1)
        plan.texts.append(CellText("police", entry, "公民身份号码", wrong, until))
        plan.patch("police", entry, "self", "malformed", value=True, until=until)
        plan.anomaly("I04", person)
