"""The manifest of a delivery: read strictly, and turned into the delivery's id and content hash."""

import hashlib
import json
import re
from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.errors import DeliveryError
from pipelines.settings import SourceConfig

CONTRACT = 1
SAFE_NAME = re.compile(r"^[^/\\\x00-\x1f:]{1,200}$")


class DataFile(BaseModel):
    """One data file as the department counted it; ``rows`` leaves out header, title and footer lines."""

    model_config = ConfigDict(frozen=True)

    name: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]
    rows: Annotated[int, Field(ge=0)]


class Manifest(BaseModel):
    """``manifest.json``, contract version 1."""

    model_config = ConfigDict(frozen=True)

    contract: int
    source: str
    business_date: date
    sequence: Annotated[int, Field(ge=1, le=1_000_000)]
    mode: Literal["full", "delta", "events"]
    files: Annotated[tuple[DataFile, ...], Field(min_length=1)]

    @property
    def rows(self) -> int:
        """Rows declared over all files."""
        return sum(f.rows for f in self.files)

    @property
    def bytes(self) -> int:
        """Bytes declared over all files."""
        return sum(f.bytes for f in self.files)

    @property
    def content_hash(self) -> str:
        """sha256 of source, business date, mode and the files with their hashes: equal hash = the same content.

        The business date belongs to it because two quiet nights deliver the same empty file.
        """
        files = sorted((f.name, f.sha256) for f in self.files)
        canonical = json.dumps([self.source, self.business_date.isoformat(), self.mode, files], ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def delivery_id(self) -> str:
        """``<source>-<YYYYMMDD>-<sequence>-<first 8 of the content hash>``."""
        return f"{self.source}-{self.business_date:%Y%m%d}-{self.sequence}-{self.content_hash[:8]}"


def read_manifest(text: bytes, source: SourceConfig, folder_date: date, where: str) -> Manifest:
    """Parse and check a manifest against its folder and its source.

    Raises:
        DeliveryError: RC-D02 to RC-D06, RC-D18; no message repeats a value of the manifest.
    """
    try:
        tree = json.loads(text.decode("utf-8-sig"))
    except ValueError:
        raise DeliveryError("RC-D02", "manifest.json is not JSON in UTF-8", where=where, todo="Deliver it again") from None
    try:
        manifest = Manifest.model_validate(tree)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'manifest'}: {e['type']}" for e in error.errors(include_input=False))
        raise DeliveryError("RC-D02", "manifest.json does not follow the contract", where=where, why=wrong, todo="Deliver it again") from None
    _check_head(manifest, source, folder_date, where)
    _check_names(manifest, source, where)
    return manifest


def _check_head(manifest: Manifest, source: SourceConfig, folder_date: date, where: str) -> None:
    if manifest.contract != CONTRACT:
        raise DeliveryError("RC-D03", f"contract version {manifest.contract} is not known", where=where, todo=f"Deliver by contract {CONTRACT}")
    if manifest.source != source.source or manifest.business_date != folder_date:
        raise DeliveryError("RC-D04", "source or business date differ from the folder", where=where, todo="Put the delivery into its own folder")
    if manifest.mode not in source.modes:
        why = f"sources/{source.source}.yml allows {', '.join(source.modes)}"
        raise DeliveryError("RC-D18", f"mode '{manifest.mode}' is not agreed", where=where, why=why)


def _check_names(manifest: Manifest, source: SourceConfig, where: str) -> None:
    names = [f.name for f in manifest.files]
    for number, name in enumerate(names, 1):
        if not SAFE_NAME.match(name) or name in {".", ".."} or name.startswith("~"):
            raise DeliveryError("RC-D05", f"file {number} of the manifest has an unsafe name", where=where, todo="Plain file names only")
        if not any(fnmatchcase(name, pattern) for pattern in source.form.files):
            why = f"allowed: {', '.join(source.form.files)}"
            raise DeliveryError("RC-D06", f"file {number} of the manifest is not a file of this source", where=where, why=why)
    if len(set(names)) != len(names):
        raise DeliveryError("RC-D05", "a file is named twice in the manifest", where=where, todo="Deliver it again")
