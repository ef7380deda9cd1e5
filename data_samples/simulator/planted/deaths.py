"""Planted deaths: D01 to D06 and their innocent look-alikes."""

import numpy as np

from data_samples.simulator.clock import NEVER
from data_samples.simulator.planted.plan import CellText, Mention, Plan, when_month
from data_samples.simulator.registers.cremation import OTHER_PROVINCE
from data_samples.simulator.registers.death import DELETED
from data_samples.simulator.registers.police import DIED


def plant(plan: Plan) -> None:
    """All of them."""
    not_deregistered(plan)
    without_evidence(plan)
    benefit_after_death(plan)
    activity_after_death(plan)
    conflicting_dates(plan)
    cremation_without_certificate(plan)
    innocents_of_dying(plan)


def elders(plan: Plan) -> np.ndarray:
    """Plain people of 62 to 78, of whom somebody may have died."""
    age = plan.age()
    return plan.plain() & (age > 62) & (age < 78)


def not_deregistered(plan: Plan) -> None:
    """D01: certified dead, entry live; one is cancelled in a later night."""
    first = plan.world.first
    for turn, person in enumerate(plan.pick(elders(plan), plan.count)):
        death = first - (45, 90, 400)[turn % 3]
        plan.die(person, death)
        plan.certify(person, death)
        plan.cremate(person, death)
        plan.anomaly("D01", person)
        if turn == 0 and plan.fix_nights:
            night = plan.correction(0.0)
            plan.amend("police", plan.entry(person), night, cancel_date=night - 1, cancel_kind=DIED, death_date=death, updated=night - 1)


def without_evidence(plan: Plan) -> None:
    """D02: cancelled as dead, nobody else knows; one certificate turns up late."""
    first = plan.world.first
    for turn, person in enumerate(plan.pick(elders(plan), plan.count)):
        death = first - (200, 330, 500)[turn % 3]
        plan.die(person, death)
        plan.cancel(person, death + 20, DIED, death)
        plan.anomaly("D02", person)
        if turn == 0 and plan.fix_nights:
            plan.certify(person, death, seen=plan.correction(0.5))


def benefit_after_death(plan: Plan) -> None:
    """D03: the pension went on for months; for one of them a false verification too (D04)."""
    first = plan.world.first
    for turn, person in enumerate(plan.pick(elders(plan) & plan.has("pension"), plan.count)):
        death = first - (200, 260, 320)[turn % 3]
        plan.die(person, death)
        plan.certify(person, death)
        plan.cancel(person, death + 10, DIED, death)
        account = plan.bases("pension", person)[0]
        plan.change("pension", account, pay_to=NEVER if turn % 2 == 0 else when_month(death) + 4)
        plan.anomaly("D03", person)
        if turn == 0:
            plan.change("pension", account, verify_until=NEVER, verify_day=first - 60)
            plan.anomaly("D04", person)


def activity_after_death(plan: Plan) -> None:
    """D04: a dead child is still on the school roll."""
    first, age = plan.world.first, plan.age()
    pupils = plan.plain() & plan.has("school") & (age < 15)
    for turn, person in enumerate(plan.pick(pupils, max(2, plan.count - 1))):
        death = first - 100 - 40 * turn
        plan.world.people.death[person] = death
        plan.certify(person, death)
        plan.cancel(person, death + 15, DIED, death)
        plan.change("school", plan.bases("school", person)[0], status=0)
        plan.anomaly("D04", person)


def conflicting_dates(plan: Plan) -> None:
    """D05: police and certificate are weeks apart; a difference of five days and a placeholder are none."""
    first = plan.world.first
    for turn, person in enumerate(plan.pick(elders(plan), plan.count + 2)):
        death = first - 150 - 30 * turn
        plan.die(person, death)
        certificate = plan.certify(person, death)
        shift = (30, 20, 365, 45)[turn % 4] if turn >= 2 else (5, 0)[turn]
        plan.cancel(person, death + 25, DIED, NEVER if turn == 1 else death - shift)
        mentions = [Mention("police", plan.entry(person), "self"), Mention("death", certificate, "deceased")]
        if turn == 0:
            plan.innocent("D05", "within_seven_days", [person], mentions)
        elif turn == 1:
            plan.texts.append(CellText("police", plan.entry(person), "死亡日期", "19000101"))
            plan.innocent("D05", "placeholder_date", [person], mentions)
        else:
            plan.anomaly("D05", person)


def cremation_without_certificate(plan: Plan) -> None:
    """D06, and three cremations that need no certificate of ours."""
    first = plan.world.first
    people = plan.pick(elders(plan), plan.count + 2)
    for turn, person in enumerate(people):
        death = first - 120 - 15 * turn
        recent = turn == 1
        death = first - 20 if recent else death
        plan.die(person, death)
        if not recent:
            plan.cancel(person, death + 12, DIED, death)
        base = plan.cremate(person, death, cert=OTHER_PROVINCE if turn == 0 else -1)
        mention = [Mention("cremation", base, "deceased")]
        if turn == 0:
            plan.innocent("D06", "other_province", [person], mention, "certificate number of another province (99D…)")
        elif recent:
            plan.innocent("D06", "grace", [person], mention)
        else:
            plan.anomaly("D06", person)
    model = int(plan.registers["cremation"]["base"].iloc[0])
    body = plan.copy("cremation", model, person=-1, number=0, unidentified=1, cert=-1, kin=-1, death=first - 90, cremated=first - 60)
    plan.innocent("D06", "unidentified_body", [], [Mention("cremation", body, "deceased")])


def innocents_of_dying(plan: Plan) -> None:
    """D01 on the day of grace, D01 cancelled just in time, D02 in grace, D02 by a court, D03 in the month after."""
    first = plan.world.first
    grace, just, missing, month = plan.pick(elders(plan) & plan.has("pension"), 4)
    for person, death in ((grace, first - 20), (just, first - 31), (missing, first - 40), (month, first - 70)):
        plan.die(person, death)
    for person, kind in ((grace, "grace"), (just, "cancelled_after_horizon")):
        death = int(plan.world.people.death[person])
        base = plan.certify(person, death)
        plan.innocent("D01", kind, [person], [Mention("death", base, "deceased"), Mention("police", plan.entry(person), "self")])
    if plan.fix_nights:
        death = int(plan.world.people.death[just])
        plan.amend("police", plan.entry(just), first + 1, cancel_date=first, cancel_kind=DIED, death_date=death, updated=first)
    plan.cancel(missing, first - 35, DIED, first - 40)
    plan.innocent("D02", "grace", [missing], [Mention("police", plan.entry(missing), "self")])
    plan.certify(month, first - 70)
    plan.cancel(month, first - 60, DIED, first - 70)
    account = plan.bases("pension", month)[0]
    plan.change("pension", account, pay_to=when_month(first - 70) + 1)
    plan.innocent("D03", "month_after_death", [month], [Mention("pension", account, "beneficiary")])
    ghosts = plan.pick(plan.world.ghost & (plan.age() < 105), 2)
    for person in ghosts:
        death = int(plan.world.people.death[person])
        plan.cancel(person, first - 700, DIED, death)
        plan.innocent("D02", "court_declaration", [person], [Mention("police", plan.entry(person), "self")], "died before the death sources began")
    for withdrawn in plan.pick(elders(plan), 1):
        base = plan.certify(withdrawn, first - 200, status=DELETED)
        plan.innocent(
            "D01", "certificate_withdrawn", [withdrawn], [Mention("death", base, "deceased"), Mention("police", plan.entry(withdrawn), "self")]
        )
