"""What the loops begin with: the samples, the conformance files and, where it is there, the corpus of others' files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from edi_engine.x12.dictionary import Dictionary

ROOT: Final = Path(__file__).parents[1]
CORPUS: Final = Path(os.environ.get("EDI_CORPUS") or ROOT.parent / "shared" / "corpus")
_LARGEST: Final = 30_000


def x12_files() -> Iterator[bytes]:
    """Give the X12 files that are at hand."""
    for folder in (ROOT / "samples", ROOT / "tests" / "conformance", CORPUS):
        for path in sorted(folder.rglob("*.edi")):
            if path.stat().st_size <= _LARGEST:
                yield path.read_bytes()


@cache
def standard() -> Dictionary:
    """Give the dictionary that ships."""
    return Dictionary(standard_text)


@cache
def standard_text(name: str) -> str | None:
    """Give a text of the dictionary that ships."""
    path = ROOT / "mappings" / "x12" / name
    return path.read_text("utf-8") if path.is_file() else None
