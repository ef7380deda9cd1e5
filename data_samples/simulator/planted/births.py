"""Planted births: B01 and B02, and their innocent look-alikes."""

import numpy as np

from data_samples.simulator.clock import NEVER
from data_samples.simulator.planted.plan import Mention, Plan
from data_samples.simulator.registers import police


def plant(plan: Plan) -> None:
    """All of them."""
    unregistered(plan)
    without_certificate(plan)
    innocents(plan)


def infants(plan: Plan, low: float, high: float) -> np.ndarray:
    """Plain children between two ages, with a certificate and a known mother."""
    age = plan.age()
    return plan.plain() & plan.has("birth", "child") & (age > low) & (age < high) & (plan.world.families.mother >= 0)


def unregister(plan: Plan, person: int) -> None:
    """Take away the entry, and with it the number."""
    plan.erase(person, "police")
    plan.world.registered[person] = NEVER


def unregistered(plan: Plan) -> None:
    """B01: a child of some months or years without an entry; one is registered in a later night."""
    for turn, person in enumerate(plan.pick(infants(plan, 0.6, 5.5), plan.count)):
        entry = plan.row("police", plan.entry(person))
        unregister(plan, person)
        plan.anomaly("B01", person)
        if turn == 0 and plan.fix_nights:
            night = plan.correction(0.6)
            plan.add("police", {**entry, "reg_date": night - 1, "reg_kind": police.LATE, "updated": night - 1}, night)
            plan.world.registered[person] = night - 1


def without_certificate(plan: Plan) -> None:
    """B02: registered as born here, no certificate anywhere; one turns up late."""
    for turn, person in enumerate(plan.pick(infants(plan, 1.0, 5.5), plan.count)):
        own = plan.bases("birth", person, "child")
        certificate = plan.row("birth", own[0])
        plan.erase(person, "birth")
        plan.change("police", plan.entry(person), cert=-1)
        plan.anomaly("B02", person)
        if turn == 0 and plan.fix_nights:
            plan.add("birth", certificate, plan.correction(0.7))


def innocents(plan: Plan) -> None:
    """Born lately, died before registration, re-issued certificate; arrived from elsewhere, registered lately."""
    world = plan.world
    not_yet_due(plan)
    for person in plan.pick(infants(plan, 0.5, 4.0), 2):
        base = plan.bases("birth", person, "child")[0]
        unregister(plan, person)
        death = int(world.people.birth[person]) + 3
        world.people.death[person] = death
        certificate = plan.certify(person, death, number=0)
        plan.erase(person, "census")
        plan.innocent("B01", "died_before_registration", [person], [Mention("birth", base, "child"), Mention("death", certificate, "deceased")])
    for kind, person in enumerate(plan.pick(infants(plan, 1.0, 5.5), 2), start=1):
        first = plan.bases("birth", person, "child")[0]
        issue = int(world.people.birth[person]) + 200
        again = plan.copy("birth", first, kind=kind, orig=first, issue=issue, named=0)
        plan.innocent("B01", "reissued_certificate", [person], [Mention("birth", first, "child"), Mention("birth", again, "child")])
    for arrived in plan.pick(infants(plan, 2.0, 5.5), 1):
        plan.erase(arrived, "birth")
        plan.change("police", plan.entry(arrived), cert=-1, reg_kind=police.ARRIVED)
        plan.innocent("B02", "born_elsewhere", [arrived], [Mention("police", plan.entry(arrived), "self")], "登记类别 迁入")
    for late in plan.pick(infants(plan, 0.6, 3.0), 1):
        plan.erase(late, "birth")
        plan.change("police", plan.entry(late), cert=-1, reg_date=world.first - 50, updated=world.first - 50)
        world.registered[late] = world.first - 50
        plan.innocent("B02", "grace", [late], [Mention("police", plan.entry(late), "self")])


def not_yet_due(plan: Plan) -> None:
    """B01: born two weeks ago (nothing yet) and six weeks ago (a watch, no case); only children stay clear of siblings."""
    world = plan.world
    mother = np.maximum(world.families.mother, 0)
    only = np.bincount(mother, minlength=len(world.people))[mother] == 1
    for days, person in zip((15, 42), plan.pick(infants(plan, 0.5, 3.0) & only, 2), strict=False):
        unregister(plan, person)
        plan.erase(person, "census")
        born = world.first - days
        world.people.birth[person] = born
        base = plan.bases("birth", person, "child")[0]
        plan.change("birth", base, birth=born, issue=born + 2)
        plan.innocent("B01", "grace" if days < 30 else "watch_only", [person], [Mention("birth", base, "child")])
