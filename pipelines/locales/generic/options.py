"""What a deployment can say about a country in ``country_options``: frozen models that check themselves.

Every part has defaults, and nothing here needs Python: a second country is these lines of YAML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipelines.errors import ConfigError

ENGLISH_NICKNAMES = {
    "abby": "abigail", "al": "albert", "alex": "alexander", "andy": "andrew", "barb": "barbara", "becky": "rebecca", "ben": "benjamin",
    "bess": "elizabeth", "beth": "elizabeth", "betty": "elizabeth", "bill": "william", "billy": "william", "bob": "robert",
    "bobby": "robert", "cathy": "catherine", "charlie": "charles", "chris": "christopher", "chuck": "charles", "dan": "daniel",
    "dave": "david", "debbie": "deborah", "dick": "richard", "don": "donald", "ed": "edward", "eddie": "edward", "fred": "frederick",
    "frank": "francis", "greg": "gregory", "hank": "henry", "harry": "henry", "jack": "john", "jenny": "jennifer", "jerry": "gerald",
    "jim": "james", "jimmy": "james", "joe": "joseph", "johnny": "john", "kate": "catherine", "kathy": "catherine", "ken": "kenneth",
    "larry": "lawrence", "liz": "elizabeth", "lizzie": "elizabeth", "maggie": "margaret", "matt": "matthew", "meg": "margaret",
    "mike": "michael", "nick": "nicholas", "pat": "patricia", "patty": "patricia", "peggy": "margaret", "pete": "peter",
    "polly": "mary", "ray": "raymond", "rich": "richard", "rick": "richard", "rob": "robert", "ron": "ronald", "sally": "sarah",
    "sam": "samuel", "steve": "steven", "sue": "susan", "ted": "edward", "terry": "theresa", "tim": "timothy", "tom": "thomas",
    "tony": "anthony", "trish": "patricia", "vicky": "victoria", "will": "william",
}  # fmt: skip
DATE_TOKENS = re.compile(r"YYYY|YY|MON|MM|DD|HH|MI|SS|M|D|EXCEL1900")


class Part(BaseModel):
    """A frozen part of the options that refuses what it doesn't know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NameOptions(Part):
    """How names are written. ``order``: which part a name without a comma starts with."""

    order: Literal["given_first", "family_first"] = "given_first"
    particles: tuple[str, ...] = (
        "van", "von", "der", "den", "de", "del", "dela", "della", "di", "da", "dos", "du", "la", "las", "le", "los", "ter", "ten",
        "bin", "al", "el", "o", "mc", "mac", "st",
    )  # fmt: skip
    titles: tuple[str, ...] = ("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev", "sir", "lady", "hon")
    suffixes: tuple[str, ...] = ("jr", "sr", "i", "ii", "iii", "iv", "esq", "phd", "md")
    maiden: tuple[str, ...] = ("nee", "née", "born", "formerly", "fka", "aka")
    nicknames: Mapping[str, str] = Field(default_factory=lambda: dict(ENGLISH_NICKNAMES))
    newborn: tuple[str, ...] = ("baby boy", "baby girl", "baby", "infant", "newborn", "bb", "bg", "boy of", "girl of")
    placeholders: tuple[str, ...] = ("unknown", "not known", "n/k", "nk", "n/a", "none", "null", "john doe", "jane doe", "test", "x", "-")


class NumberOptions(Part):
    """The identity number: a regular expression for the whole cleaned number, and its checksum.

    Named groups of the pattern say what the number tells: ``birth`` (with ``birth_form``), ``sex`` (a digit, odd for men),
    ``division``. ``weights`` is for ``mod11``, over the digits before the check digit.
    """

    name: str = "number"
    pattern: str = r"[0-9A-Z]{4,20}"
    checksum: Literal["none", "luhn", "mod11", "mod97", "mod97_10"] = "none"
    weights: tuple[int, ...] = ()
    birth_form: str = "YYYYMMDD"
    drop: str = " -./"
    placeholders: tuple[str, ...] = ("unknown", "none", "null", "na", "n/a", "nk")

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return pattern


class DateOptions(Part):
    """Forms of dates, tried in order: ``YYYY YY MM M DD D MON HH MI SS`` and the signs between them; ``EXCEL1900`` for serials.

    ``pivot``: two-digit years up to it are of this century.
    """

    forms: tuple[str, ...] = ("YYYY-MM-DD", "YYYYMMDD", "YYYY-MM", "YYYY")
    placeholders: tuple[str, ...] = ("1900-01-01", "9999-12-31", "0001-01-01")
    pivot: int = 30
    months: tuple[str, ...] = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

    @field_validator("forms")
    @classmethod
    def _known(cls, forms: tuple[str, ...]) -> tuple[str, ...]:
        for form in forms:
            if re.search("[A-Z]", DATE_TOKENS.sub("", form.replace("T", ""))) or not DATE_TOKENS.search(form):
                raise ValueError(f"'{form}' is not made of YYYY YY MM M DD D MON HH MI SS or EXCEL1900")
        return forms


class DivisionOptions(Part):
    """One division over one span of days; ``valid_to`` is left out while it lasts, ``name_en`` where ``name`` serves English readers."""

    code: str
    name: str
    name_en: str | None = None
    parent: str | None = None
    valid_from: date = date(1900, 1, 1)
    valid_to: date | None = None
    successor: tuple[str, ...] = ()


class PlaceOptions(Part):
    """Divisions, the form of a postcode, and words that addresses shorten."""

    divisions: tuple[DivisionOptions, ...] = ()
    postcode: str = r"\d{5}(?:-\d{4})?"
    abbreviations: Mapping[str, str] = Field(
        default_factory=lambda: {
            "st": "street", "rd": "road", "ave": "avenue", "av": "avenue", "dr": "drive", "ln": "lane", "blvd": "boulevard",
            "ct": "court", "pl": "place", "sq": "square", "apt": "apartment", "fl": "floor", "no": "number", "n": "north", "s": "south",
            "e": "east", "w": "west", "mt": "mount", "hwy": "highway", "ter": "terrace", "cres": "crescent",
        }
    )  # fmt: skip


class GenericOptions(Part):
    """All that a deployment can say."""

    names: NameOptions = NameOptions()
    numbers: NumberOptions = NumberOptions()
    dates: DateOptions = DateOptions()
    places: PlaceOptions = PlaceOptions()
    sex: Mapping[str, tuple[str, ...]] = Field(
        default_factory=lambda: {"M": ("m", "male", "man", "boy", "1"), "F": ("f", "female", "woman", "girl", "2")}
    )


def read_options(options: Mapping[str, Any]) -> GenericOptions:
    """Check the options of a deployment.

    Raises:
        ConfigError: RC-L02, with every wrong key and why.
    """
    try:
        return GenericOptions.model_validate(options)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False, include_url=False))
        raise ConfigError("RC-L02", "country_options of the generic pack are wrong", why=faults, todo="See docs/add-a-country.md") from None
