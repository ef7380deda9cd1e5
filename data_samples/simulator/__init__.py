"""A demographic simulator of the made-up province 88: people first, registers from them, then dirt, then the truth.

``simulate`` writes an inbox as nine departments would deliver it over some nights, and beside it the truth that no
department knows. Everything is SYNTHETIC. Belongs here: lives, registers, mistakes, truth. Does not belong here:
anything of the pipeline that is measured with it.
"""

from data_samples.simulator.run import SimulationReport, simulate

__all__ = ["SimulationReport", "simulate"]
