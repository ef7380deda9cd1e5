"""The sample's deliveries with their rows in another order."""

import hashlib
import json
import random
import shutil
from pathlib import Path


def shuffled_inbox(inbox: Path, out: Path, seed: int) -> Path:
    """Copy an inbox; in each text file every row but the heading is moved. Quoted line breaks keep a file as it is."""
    shutil.copytree(inbox, out)
    dice = random.Random(seed)
    for manifest in sorted(out.glob("*/*/manifest.json")):
        record = json.loads(manifest.read_text(encoding="utf-8"))
        for entry in record["files"]:
            path = manifest.parent / entry["name"]
            if path.suffix in {".csv", ".txt"}:
                path.write_bytes(_shuffled(path.read_bytes(), dice, entry["rows"]))
                entry |= {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
        manifest.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return out


def _shuffled(content: bytes, dice: random.Random, rows: int) -> bytes:
    end = b"\r\n" if b"\r\n" in content else b"\n"
    heading, *lines = content.removesuffix(end).split(end)
    if len(lines) != rows:
        return content
    dice.shuffle(lines)
    return end.join([heading, *lines]) + end
