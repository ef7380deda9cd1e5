"""Planted pupils and pensioners: B03, B04, E01, P01, P02 and their innocent look-alikes."""

import numpy as np

from data_samples.simulator import numbers
from data_samples.simulator.clock import NEVER
from data_samples.simulator.planted.births import unregister
from data_samples.simulator.planted.plan import CellText, Mention, Plan, when_month
from data_samples.simulator.registers.police import LEFT
from data_samples.simulator.registers.school import ENROLLED, MOVED, SUSPENDED


def plant(plan: Plan) -> None:
    """All of them."""
    unregistered_pupils(plan)
    permit_holders(plan)
    not_enrolled(plan)
    double_enrolment(plan)
    double_benefit(plan)
    unregistered_beneficiaries(plan)


def pupils(plan: Plan, low: float = 7.2, high: float = 14.0) -> np.ndarray:
    """Plain enrolled children between two ages whose student number is their own."""
    age = plan.age()
    return plan.plain() & plan.has("school") & (age > low) & (age < high)


def unregistered_pupils(plan: Plan) -> None:
    """B03: at school, never registered; a wrong number on the row of a registered pupil is none."""
    for person in plan.pick(pupils(plan), plan.count):
        unregister(plan, person)
        for row in plan.bases("school", person):
            plan.change("school", row, number=0, student=0, status=ENROLLED)
        for row in plan.bases("census", person):
            plan.change("census", row, number=0, status=2)
        plan.anomaly("B03", person)
    for person in plan.pick(pupils(plan), 2):
        row = plan.bases("school", person)[0]
        own = numbers.one(int(plan.world.number[person]))
        wrong = own[:12] + str((int(own[12]) + 1) % 10) + own[13:]
        plan.texts.append(CellText("school", row, "身份证件号", wrong))
        plan.patch("school", row, "pupil", "malformed", value=True)
        plan.innocent("B03", "wrong_number_on_row", [person], [Mention("school", row, "pupil"), Mention("police", plan.entry(person), "self")])


def permit_holders(plan: Plan) -> None:
    """Residents of Hong Kong, Macao and Taiwan and a foreigner: right numbers that the police register does not know."""
    latin = "ANNA PETROVA"
    for turn, person in enumerate(plan.pick(pupils(plan), 4)):
        row = plan.bases("school", person)[0]
        birth = int(plan.world.people.birth[person])
        body = numbers.foreigner(birth, 643) if turn == 3 else numbers.permit((81, 82, 83)[turn], birth)
        plan.erase(person, "police", "birth", "census")
        plan.world.registered[person] = NEVER
        plan.world.number[person] = 0
        plan.change("school", row, number=body, student=body, paper=2 if turn == 3 else 1, status=ENROLLED)
        if turn == 3:
            plan.texts.append(CellText("school", row, "姓名", latin))
        mention = [Mention("school", row, "pupil")]
        for code in ("B03", "I04"):
            plan.innocent(code, "foreigner" if turn == 3 else "residence_permit", [person], mention)


def not_enrolled(plan: Plan) -> None:
    """B04: registered, of school age, on no roll; a suspended pupil and one who moved away are none."""
    chosen = plan.pick(pupils(plan, 8.0, 13.5), plan.count + 2)
    for turn, person in enumerate(chosen):
        row = plan.bases("school", person)[0]
        entry = plan.entry(person)
        if turn == 0:
            plan.change("school", row, status=SUSPENDED)
            plan.innocent("B04", "suspended", [person], [Mention("school", row, "pupil"), Mention("police", entry, "self")])
            continue
        plan.erase(person, "school")
        if turn == 1:
            plan.cancel(person, plan.world.first - 300, LEFT)
            plan.erase(person, "census")
            plan.innocent("B04", "moved_away", [person], [Mention("police", entry, "self")])
        else:
            plan.anomaly("B04", person)


def double_enrolment(plan: Plan) -> None:
    """E01: on two rolls for months; a transfer of last week, and a finished one, are none."""
    first = plan.world.first
    for turn, person in enumerate(plan.pick(pupils(plan), plan.count + 2)):
        row = plan.bases("school", person)[0]
        facts = plan.row("school", row)
        old_school = int(facts["school"])
        school = (old_school + 30) % 270
        change = first - 8 if turn == 0 else first - 100 - 5 * turn
        plan.change("school", row, status=MOVED if turn == 1 else ENROLLED)
        second = plan.add("school", {**facts, "school": school, "status": ENROLLED, "change_date": change}, first)
        mentions = [Mention("school", row, "pupil"), Mention("school", second, "pupil")]
        if turn < 2:
            plan.innocent("E01", "transfer_in_progress" if turn == 0 else "transfer_completed", [person], mentions)
        else:
            plan.anomaly("E01", person)


def double_benefit(plan: Plan) -> None:
    """P01: paid by two schemes at once; one after the other, or a suspended second one, is lawful."""
    first, age = plan.world.first, plan.age()
    paid = plan.plain() & plan.has("pension") & (age > 62) & (age < 79)
    for turn, person in enumerate(plan.pick(paid, plan.count + 2)):
        account = plan.bases("pension", person)[0]
        facts = plan.row("pension", account)
        change = when_month(first) - 6
        other = {"scheme": (int(facts["scheme"]) + 1) % 3, "cents": 41_000}
        if turn == 0:
            plan.change("pension", account, pay_to=change)
            other["pay_from"] = change + 1
        if turn == 1:
            other["paused"] = 1
        second = plan.add("pension", {**facts, **other})
        mentions = [Mention("pension", account, "beneficiary"), Mention("pension", second, "beneficiary")]
        if turn < 2:
            plan.innocent("P01", "one_after_the_other" if turn == 0 else "second_suspended", [person], mentions)
        else:
            plan.anomaly("P01", person)


def unregistered_beneficiaries(plan: Plan) -> None:
    """P02: paid, and in no police register; who moved away is in it, as cancelled."""
    age = plan.age()
    paid = plan.plain() & plan.has("pension") & (age > 62) & (age < 79)
    for turn, person in enumerate(plan.pick(paid, plan.count + 1)):
        account = plan.bases("pension", person)[0]
        if turn == 0:
            plan.cancel(person, plan.world.first - 900, LEFT)
            mentions = [Mention("pension", account, "beneficiary"), Mention("police", plan.entry(person), "self")]
            plan.innocent("P02", "household_elsewhere", [person], mentions)
        else:
            plan.erase(person, "police")
            plan.anomaly("P02", person)
