"""What is put into the world on purpose: at least three of every discrepancy and one of every innocent explanation.

Each module plants one family. A plant edits the facts of the registers (never their cells) and so behaves like any
natural occurrence; the truth is computed from the facts afterwards, for planted and natural ones alike.
"""

from data_samples.simulator.planted import births, deaths, identity, later, lifetimes, marriages, schools
from data_samples.simulator.planted.plan import Plan
from data_samples.simulator.registers.held import Registers
from data_samples.simulator.world import World


def plant(world: World, registers: Registers) -> Plan:
    """Plant everything, in a fixed order; the registers are edited in place."""
    plan = Plan(world, registers)
    for family in (deaths, births, identity, marriages, schools, lifetimes, later):
        family.plant(plan)
    plan.finish()
    world.apply_renames()
    return plan
