"""The police register of permanent residents: one entry per registration, not per person."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import numbers
from data_samples.simulator.clock import NEVER, YEAR, BoolArray, IntArray, digits, text_compact
from data_samples.simulator.name_lists import ETHNICITIES
from data_samples.simulator.places import CODES, county_names
from data_samples.simulator.registers.frames import frame, serial, words
from data_samples.simulator.world import World, draw_delay

SINGLE, MARRIED, DIVORCED, WIDOWED = range(4)
MARITAL = ("未婚", "已婚", "离婚", "丧偶")
BORN, ARRIVED, LATE, OTHER = range(4)
KINDS = ("出生", "迁入", "补录", "其他")
ACTIVE, DIED, LEFT, DUPLICATE, CLOSED_OTHER = range(5)
CANCELLED = ("", "死亡", "迁出", "重复", "其他")
LAG = 1
KEPT = int(6 * YEAR)


def marital_events(world: World) -> tuple[list[tuple[int, IntArray]], IntArray]:
    """Pairs (status, day on which the register shows it) in order of life; and the spouse."""
    people, marriages = world.people, world.families.marriages
    rng = world.rng("marital")
    count = len(people)
    stale = rng.random(count) < world.scenario.stale_marital
    events = []
    for order, column, status in ((1, "date", MARRIED), (1, "ended", DIVORCED), (2, "date", MARRIED)):
        when = np.full(count, NEVER)
        rows = marriages[marriages["order"] == order]
        for side in ("husband", "wife"):
            when[rows[side]] = rows[column]
        late = when + rng.integers(1, 55, count)
        events.append((status, np.where(stale & (when > world.first - 20 * 365), NEVER, np.minimum(late, NEVER))))
    spouse = world.families.spouse
    widowed = np.where(spouse >= 0, people.death[spouse], NEVER) + rng.integers(2, 200, count)
    events.append((WIDOWED, np.where(stale, NEVER, np.minimum(widowed, NEVER))))
    return events, spouse


def marital_on(events: list[tuple[int, IntArray]], person: IntArray, when: IntArray) -> IntArray:
    """The status that the register shows on a day."""
    status = np.zeros(len(person), dtype=np.int64)
    for value, shown in events:
        turn = shown[person] <= when
        if value == WIDOWED:
            turn &= status == MARRIED
        status[turn] = value
    return status


def entries(world: World) -> pd.DataFrame:
    """Every entry ever made: the first, the one after a move, and the needless second ones."""
    people, rng = world.people, world.rng("police")
    who = np.flatnonzero(world.registered <= world.last)
    moved = world.moved[who] < NEVER
    dead = (people.death[who] < NEVER) & ~world.ghost[who]
    delay = draw_delay(rng, world.scenario.death_delay, len(who))
    late = world.registered[who] - people.birth[who] > 365
    first = pd.DataFrame(
        {
            "person": who,
            "territory": world.origin[who],
            "reg_date": world.registered[who],
            "reg_kind": np.select([people.birth[who] < world.registered[who] - 20000, late], [OTHER, LATE], BORN),
            "cancel_date": np.select([moved, world.left[who] < NEVER, dead], [world.moved[who], world.left[who], people.death[who] + delay], NEVER),
            "cancel_kind": np.select([moved, world.left[who] < NEVER, dead], [LEFT, LEFT, DIED], ACTIVE),
        }
    )
    first.loc[people.birth[who] < 5479, "reg_kind"] = OTHER
    movers = who[moved]
    second = pd.DataFrame(
        {
            "person": movers,
            "territory": people.territory[movers],
            "reg_date": world.moved[movers] + rng.integers(0, 9, len(movers)),
            "reg_kind": ARRIVED,
            "cancel_date": NEVER,
            "cancel_kind": ACTIVE,
        }
    )
    twice = who[(rng.random(len(who)) < world.scenario.duplicates) & (people.death[who] == NEVER) & (people.birth[who] < world.first - 7000)]
    double = pd.DataFrame(
        {
            "person": twice,
            "territory": (people.territory[twice] + 1) % len(CODES),
            "reg_date": rng.integers(world.first - 6000, world.first - 200, len(twice)),
            "reg_kind": ARRIVED,
            "cancel_date": NEVER,
            "cancel_kind": ACTIVE,
        }
    )
    return pd.concat([first, second[second["reg_date"] <= world.last], double[double["reg_date"] > people.birth[twice] + 400]], ignore_index=True)


def certificates(world: World, births: pd.DataFrame) -> IntArray:
    """Base of each child's birth certificate; -1 without."""
    base = np.full(len(world.people), -1)
    base[births["child"]] = births["base"]
    return base


def versions(world: World, held: pd.DataFrame, shown: list[IntArray]) -> pd.DataFrame:
    """Pairs (entry, seen): every night on which an entry first appears or changes; ``shown`` are days per entry."""
    begin = np.maximum(held["reg_date"].to_numpy() + LAG, world.first)
    pairs = [pd.DataFrame({"entry": np.arange(len(held)), "seen": begin})]
    for column in (held["cancel_date"].to_numpy() + LAG, *(days + LAG for days in shown)):
        changed = np.flatnonzero((column > begin) & (column <= world.last))
        pairs.append(pd.DataFrame({"entry": changed, "seen": column[changed]}))
    return pd.concat(pairs).drop_duplicates().sort_values(["entry", "seen"], ignore_index=True)


def draw(world: World, births: pd.DataFrame) -> pd.DataFrame:
    """Versions of the entries over the nights; cancelled more than six years ago = not delivered."""
    held = entries(world)
    held = held[(held["cancel_date"] >= world.first - KEPT) & (held["reg_date"] + LAG <= world.last)].reset_index(drop=True)
    events, spouse = marital_events(world)
    holder = held["person"].to_numpy()
    people = world.people
    pairs = versions(world, held, [shown[holder] for _, shown in events])
    rows = held.iloc[pairs["entry"].to_numpy()].reset_index(drop=True)
    who, seen = rows["person"].to_numpy(), pairs["seen"].to_numpy()
    open_yet = rows["cancel_date"].to_numpy() + LAG > seen
    own_first = rows["reg_kind"].to_numpy() != ARRIVED
    made = frame(
        {
            "person": who,
            "number": world.number[who],
            "old_number": 0,
            "birth": people.birth[who],
            "male": people.male[who],
            "reg_date": rows["reg_date"],
            "reg_kind": rows["reg_kind"],
            "territory": rows["territory"],
            "code": CODES[rows["territory"]],
            "cancel_date": np.where(open_yet, NEVER, rows["cancel_date"]),
            "cancel_kind": np.where(open_yet, ACTIVE, rows["cancel_kind"]),
            "death_date": np.where(~open_yet & (rows["cancel_kind"] == DIED), people.death[who], NEVER),
            "marital": marital_on(events, who, seen - LAG),
            "spouse": spouse[who],
            "cert": np.where(own_first & (people.birth[who] >= 16801), certificates(world, births)[who], -1),
            "former": former_donor(world, who),
            "updated": np.maximum(rows["reg_date"], np.where(open_yet, 0, rows["cancel_date"])),
        },
        seen,
    )
    made["base"] = pairs["entry"].to_numpy()
    nexts = np.r_[made["base"].to_numpy()[1:] == made["base"].to_numpy()[:-1], False]
    made["until"] = np.where(nexts, np.r_[seen[1:], 0], NEVER)
    return made


def former_donor(world: World, who: IntArray) -> IntArray:
    """Seed of a former given name for two in a hundred; -1 for the rest."""
    rng = world.rng("former")
    has = rng.random(len(world.people)) < 0.02
    return np.where(has, rng.integers(0, len(world.people), len(world.people)), -1)[who]


def relation(world: World, person: IntArray) -> pa.Array:
    """Relation to the head of the household."""
    head = world.head[person]
    kin, male = world.families, world.people.male[person]
    child = (kin.mother[person] == head) | (kin.father[person] == head) | (kin.mother[person] == kin.spouse[head])
    parent = (kin.mother[head] == person) | (kin.father[head] == person)
    kind = np.select([person == head, kin.spouse[person] == head, child & male, child, parent & male, parent], [0, 1, 2, 3, 4, 5], 6)
    return words(("户主", "配偶", "子", "女", "父亲", "母亲", "其他亲属"), kind)


def address(world: World, rows: pd.DataFrame, person: IntArray) -> pa.Array:
    """The address under the entry's own territory."""
    head = county_names(rows["territory"].to_numpy())
    return pc.binary_join_element_wise(head, world.street.take(pa.array(world.household[person])), "")


def former_name(world: World, rows: pd.DataFrame, person: IntArray) -> pa.Array:
    """An earlier name: the same surname with somebody else's given name."""
    other = rows["former"].to_numpy()
    donor = world.name.take(pa.array(np.maximum(other, 0)))
    given = pc.utf8_slice_codeunits(donor, 1)
    joined = pc.binary_join_element_wise(world.surname.take(pa.array(person)), given, "")
    simple: BoolArray = (other >= 0) & (world.people.ethnicity[person] < 2)
    return pc.if_else(pa.array(simple), joined, pa.scalar(None, pa.string()))


def parent_columns(world: World, person: IntArray, when: IntArray) -> dict[str, pa.Array]:
    """Names and numbers of the parents as the entry mentions them."""
    columns = {}
    for word, parent in (("父亲", world.families.father[person]), ("母亲", world.families.mother[person])):
        columns[f"{word}姓名"] = world.names_of(parent)
        columns[f"{word}身份号码"] = numbers.text(world.number_on(parent, when))
    return columns


def keys(base: object) -> pa.Array:
    """``88P000000042``."""
    return serial("88P", base, 9)


def render(world: World, rows: pd.DataFrame, cert_keys: pa.Array) -> pa.Table:
    """Cells of every version, clean."""
    person, seen = rows["person"].to_numpy(), rows["seen"].to_numpy()
    married = rows["marital"].to_numpy() == MARRIED
    spouse = np.where(married, rows["spouse"].to_numpy(), -1)
    cert = rows["cert"].to_numpy()
    second = rows["base"].to_numpy() * 7919 % 36_000 + 28_800
    clock = digits(second // 3600 * 10_000 + second // 60 % 60 * 100 + second % 60, 6)
    parents = parent_columns(world, person, seen)
    return pa.table(
        {
            "人员编号": keys(rows["base"]),
            "户号": serial("H", world.household[person], 8),
            "与户主关系": relation(world, person),
            "姓名": world.name.take(pa.array(person)),
            "曾用名": former_name(world, rows, person),
            "性别": words(("女", "男"), rows["male"]),
            "民族": words(ETHNICITIES, world.people.ethnicity[person]),
            "出生日期": text_compact(rows["birth"].to_numpy()),
            "公民身份号码": numbers.text(rows["number"].to_numpy()),
            "原公民身份号码": numbers.text(rows["old_number"].to_numpy()),
            "户籍地行政区划": pc.cast(pa.array(rows["code"].to_numpy()), pa.string()),
            "户籍地址": address(world, rows, person),
            "婚姻状况": words(MARITAL, rows["marital"]),
            "配偶身份号码": numbers.text(world.number_on(spouse, seen)),
            **parents,
            "出生证编号": cert_keys.take(pa.array(cert, mask=cert < 0)),
            "登记日期": text_compact(rows["reg_date"].to_numpy()),
            "登记类别": words(KINDS, rows["reg_kind"]),
            "注销日期": text_compact(rows["cancel_date"].to_numpy()),
            "注销类别": words(CANCELLED, rows["cancel_kind"]),
            "死亡日期": text_compact(rows["death_date"].to_numpy()),
            "更新时间": pc.binary_join_element_wise(text_compact(rows["updated"].to_numpy()), clock, ""),
        }
    )
