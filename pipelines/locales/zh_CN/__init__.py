"""The pack for the People's Republic of China: Han and minority names, GB 11643 numbers, GB/T 2260 divisions, three calendars."""

from collections.abc import Mapping
from typing import Any

from pipelines.errors import ConfigError
from pipelines.locales.base import CountryPack
from pipelines.locales.zh_CN.codes import ChineseSexes
from pipelines.locales.zh_CN.dates import ChineseDates
from pipelines.locales.zh_CN.names import ChineseNames
from pipelines.locales.zh_CN.numbers import ChineseNumbers
from pipelines.locales.zh_CN.places import ChinesePlaces
from pipelines.locales.zh_CN.text import ChineseText

OPTIONS = ("home_province",)


def build(options: Mapping[str, Any]) -> CountryPack:
    """Set up the pack. ``home_province``: two digits, the province of addresses that name none.

    Raises:
        ConfigError: RC-L02, an option is unknown or wrong.
    """
    home = str(options.get("home_province", ""))
    for option in options:
        if option not in OPTIONS:
            raise ConfigError("RC-L02", f"zh_CN has no option '{option}'", why=f"options: {', '.join(OPTIONS)}", todo="Correct 'country_options'")
    if home and not (home.isdigit() and len(home) == 2):
        raise ConfigError("RC-L02", "home_province is not two digits", todo="Write the first two digits of the province's code")
    return CountryPack("zh_CN", ChineseNames(), ChineseNumbers(), ChineseDates(), ChinesePlaces(home), ChineseText(), ChineseSexes())
