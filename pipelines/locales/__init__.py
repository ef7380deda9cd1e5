"""Country packs: what a name, a number, a date and a place of one country look like, and how two of them compare.

A pack is chosen by the deployment (``country: zh_CN``) and reached through :func:`load_pack` only. Here belongs what depends on
a country's script, law and habits; what depends on a register (its columns, its encoding, its lag) belongs to the deployment.
A pack imports no other part of Rollcall than the contracts and the errors.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from pipelines.errors import ConfigError
from pipelines.locales.base import CountryPack

__all__ = ["PACKS", "CountryPack", "load_pack"]

PACKS = {"zh_CN": "pipelines.locales.zh_CN", "generic": "pipelines.locales.generic"}
"""Code of a pack -> module with ``build(options) -> CountryPack``."""


@cache
def _plain_pack(code: str) -> CountryPack:
    pack: CountryPack = import_module(PACKS[code]).build({})
    return pack


def load_pack(code: str, options: Mapping[str, Any] | None = None) -> CountryPack:
    """Give the pack ``code``, set up by ``options`` (the ``country_options`` of a deployment; ``generic`` needs them).

    Raises:
        ConfigError: RC-L01 the pack is unknown; RC-L02 an option is unknown or wrong.
    """
    if code not in PACKS:
        known = ", ".join(sorted(PACKS))
        raise ConfigError("RC-L01", f"no country pack '{code}'", why=f"known packs: {known}", todo="Correct 'country' in deployment.yml")
    if not options:
        return _plain_pack(code)
    pack: CountryPack = import_module(PACKS[code]).build(options)
    return pack
