"""All nine registers together, before and after they are turned into cells."""

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator.registers import birth, census, cremation, death, electricity, marriage, pension, police, school
from data_samples.simulator.world import World


@dataclass
class Registers:
    """Frames of facts by source name."""

    frames: dict[str, pd.DataFrame]

    def __getitem__(self, source: str) -> pd.DataFrame:
        return self.frames[source]

    def __setitem__(self, source: str, rows: pd.DataFrame) -> None:
        self.frames[source] = rows


def draw_registers(world: World) -> Registers:
    """What every department would hold if nobody ever made a mistake."""
    births, deaths = birth.draw(world), death.draw(world)
    return Registers(
        {
            "police": police.draw(world, births),
            "birth": births,
            "death": deaths,
            "cremation": cremation.draw(world, deaths),
            "marriage": marriage.draw(world),
            "school": school.draw(world),
            "pension": pension.draw(world),
            "electricity": electricity.draw(world),
            "census": census.draw(world),
        }
    )


def render_register(world: World, registers: Registers, source: str) -> pa.Table:
    """Cells of every version of a source's records (pension: the cells that stay the same)."""
    rows = registers[source]
    if source == "police":
        return police.render(world, rows, birth.keys_by_base(registers["birth"]))
    if source == "electricity":
        return electricity.render(world, rows, world.first)
    renderers = {"birth": birth, "death": death, "cremation": cremation, "marriage": marriage, "school": school, "pension": pension, "census": census}
    return renderers[source].render(world, rows)


def record_keys(source: str, rows: pd.DataFrame) -> pa.Array:
    """Contract key of every version's record, columns joined by ``|``."""
    if source == "school":
        return pc.binary_join_element_wise(school.student_numbers(rows), school.school_codes(rows), "|")
    if source == "police":
        return police.keys(rows["base"])
    if source in ("birth", "marriage", "census"):
        return {"birth": birth, "marriage": marriage, "census": census}[source].keys(rows)
    return {"death": death, "cremation": cremation, "pension": pension, "electricity": electricity}[source].keys(rows["base"])
