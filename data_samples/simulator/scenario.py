"""Rates of the two scenarios, with their sources.

``2010`` is a province as the sixth census found it, ``2024`` one after the registers were cleaned. Age pyramids:
national censuses of 2010 and 2020 (millions per five years). Mortality: UN World Population Prospects 2024
(CC BY 3.0 IGO), periods 2005-10 and 2020-25, per thousand. Fertility: WPP 2024, 2010 and 2023. Delay mixtures are
fitted to published shares (80.8 % of newborns registered by the year's end; 12.5 % of three years of
cremations still on the register in Liaoning, 2020); their shape is our choice.
"""

from dataclasses import dataclass

AGE_EDGES = (0, 1, *range(5, 105, 5))
MORTALITY_AGES = (0, 1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100)
FERTILE_AGES = (15, 20, 25, 30, 35, 40, 45)


@dataclass(frozen=True)
class Mixture:
    """A delay in days: shares, and for each share a lognormal (median, sigma) or, with sigma 0, uniform from..to."""

    shares: tuple[float, ...]
    parts: tuple[tuple[float, float], ...]
    uniform: bool = False


@dataclass(frozen=True)
class Scenario:
    """Every rate that differs between scenarios; shares are of records unless the name says otherwise."""

    name: str
    pyramid: tuple[float, ...]
    mortality_male: tuple[float, ...]
    mortality_female: tuple[float, ...]
    fertility: tuple[float, ...]
    mean_marriage_age: float
    birth_delay: Mixture
    death_delay: Mixture
    ghosts: float
    duplicates: float
    shared_numbers: float
    home_births: float
    newborn_temporary: float
    certified_deaths: float
    cremated_deaths: float
    pension_covered: float
    late_pension_stop: float
    stale_marital: float
    not_enrolled: float
    number_missing: dict[str, float]
    number_wrong: float
    name_variant: float
    birth_wrong: float
    sex_wrong: float
    date_form: float
    place_old: float


SCENARIO_2010 = Scenario(
    name="2010",
    pyramid=(75.5, 70.9, 74.9, 99.9, 127.4, 101.0, 97.1, 118.0, 124.8, 105.6, 78.8, 81.3, 58.7, 41.1, 33.0, 23.9, 13.4, 5.6, 1.6, 0.37, 0.036),
    mortality_male=(
        17.1,
        1.04,
        0.744,
        0.796,
        0.749,
        0.914,
        1.09,
        1.37,
        1.84,
        2.89,
        4.05,
        6.49,
        9.22,
        16.4,
        26.5,
        43.0,
        67.3,
        112,
        188,
        325,
        569,
        969,
    ),
    mortality_female=(
        14.6,
        1.03,
        0.675,
        0.539,
        0.470,
        0.567,
        0.635,
        0.799,
        1.08,
        1.60,
        2.16,
        3.26,
        4.59,
        8.87,
        15.6,
        27.1,
        45.6,
        80.9,
        137,
        240,
        397,
        579,
    ),
    fertility=(10.0, 120.8, 124.2, 58.7, 18.2, 4.7, 0.8),
    mean_marriage_age=24.2,
    birth_delay=Mixture((0.65, 0.20, 0.09, 0.06), ((28, 0.7), (130, 0.7), (730, 0.5), (4300, 0.12))),
    death_delay=Mixture((0.66, 0.21, 0.07, 0.06), ((0, 30), (30, 180), (180, 1000), (20000, 30000)), uniform=True),
    ghosts=0.006,
    duplicates=0.0025,
    shared_numbers=0.0013,
    home_births=0.012,
    newborn_temporary=0.08,
    certified_deaths=0.80,
    cremated_deaths=0.60,
    pension_covered=0.93,
    late_pension_stop=0.06,
    stale_marital=0.04,
    not_enrolled=0.012,
    number_missing={"death": 0.15, "birth": 0.06, "cremation": 0.10, "school": 0.02, "pension": 0.005, "census": 0.55, "marriage": 0.01},
    number_wrong=0.008,
    name_variant=0.02,
    birth_wrong=0.015,
    sex_wrong=0.0015,
    date_form=0.02,
    place_old=0.05,
)

SCENARIO_2024 = Scenario(
    name="2024",
    pyramid=(57.0, 82.0, 89.0, 79.0, 73.5, 75.0, 100.0, 124.0, 98.5, 92.5, 113.0, 119.5, 99.5, 71.0, 70.5, 45.5, 27.0, 15.8, 6.9, 1.7, 0.2),
    mortality_male=(
        6.18,
        0.424,
        0.284,
        0.347,
        0.439,
        0.681,
        0.889,
        1.04,
        1.24,
        2.00,
        3.17,
        5.57,
        8.15,
        14.4,
        22.7,
        36.3,
        58.0,
        102,
        175,
        299,
        518,
        822,
    ),
    mortality_female=(
        5.23,
        0.400,
        0.244,
        0.222,
        0.265,
        0.432,
        0.535,
        0.606,
        0.718,
        1.03,
        1.54,
        2.56,
        3.77,
        6.81,
        11.2,
        19.7,
        34.9,
        67.2,
        122,
        219,
        370,
        554,
    ),
    fertility=(5.2, 46.2, 69.7, 49.1, 22.1, 5.8, 1.8),
    mean_marriage_age=26.8,
    birth_delay=Mixture((0.80, 0.16, 0.037, 0.003), ((22, 0.6), (110, 0.6), (500, 0.5), (4300, 0.12))),
    death_delay=Mixture((0.75, 0.18, 0.05, 0.02), ((0, 30), (30, 180), (180, 1000), (20000, 30000)), uniform=True),
    ghosts=0.0008,
    duplicates=0.0001,
    shared_numbers=0.0,
    home_births=0.002,
    newborn_temporary=0.03,
    certified_deaths=0.97,
    cremated_deaths=0.75,
    pension_covered=0.985,
    late_pension_stop=0.015,
    stale_marital=0.015,
    not_enrolled=0.004,
    number_missing={"death": 0.01, "birth": 0.01, "cremation": 0.02, "school": 0.003, "pension": 0.001, "census": 0.30, "marriage": 0.002},
    number_wrong=0.002,
    name_variant=0.007,
    birth_wrong=0.004,
    sex_wrong=0.0003,
    date_form=0.008,
    place_old=0.02,
)

SCENARIOS = {"2010": SCENARIO_2010, "2024": SCENARIO_2024}
SEX_RATIO_AT_BIRTH = ((1900, 1.06), (1980, 1.07), (1990, 1.11), (2000, 1.172), (2010, 1.171), (2020, 1.112), (2030, 1.108))
