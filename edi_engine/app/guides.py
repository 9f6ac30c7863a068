"""A partner's guide out of a pyx12 map: the file read, laid over the standard, written as a partner file has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from edi_engine.app.settings import Settings
from edi_engine.app.shelf import dictionary
from edi_engine.errors import UsageError
from edi_engine.partners.read_guides import SETS
from edi_engine.partners.write_guide import guide_yaml
from edi_engine.x12.pyx12.guide import read_guide
from edi_engine.x12.pyx12.read_map import Map, MapError, read_codes, read_lengths, read_map

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class GuideText:
    """A guide as a block of a partner file, how many rules it has, and what the map says besides."""

    set_id: str
    version: str
    text: str
    rules: int
    unsaid: tuple[str, ...]


def guide_from_pyx12(settings: Settings, path: Path, version: str | None = None) -> GuideText:
    """Read a pyx12 map as a guide. dataele.xml and codes.xml beside it are read as well, where they are there.

    `version` is the GS08 to lay it over; without it, the first that the map names. Raises UsageError where the file is
    no map, or the dictionary does not hold its set.
    """
    standard = dictionary(settings.home)
    found = _taken(read_map, path)
    lengths = _taken(read_lengths, path.with_name("dataele.xml"), b"<data_elements/>")
    codes = _taken(read_codes, path.with_name("codes.xml"), b"<codesets/>")
    base = standard.resolve(_version(path, found, version))
    grammar = standard.set(base, found.set_id) if base is not None else None
    if base is None or grammar is None:
        message = f"the dictionary has no {found.set_id} in {base or _version(path, found, version)}"
        raise UsageError(message)
    read = read_guide(found, grammar, lengths, codes)
    unsaid = read.unsaid
    if found.set_id not in SETS:
        unsaid = (f"a partner file has no guide for the {found.set_id} yet", *unsaid)
    remarks = ("What the map says, and a guide cannot:", *(f"- {one}" for one in unsaid)) if unsaid else ()
    return GuideText(found.set_id, base, guide_yaml(read.guide, remarks), len(read.guide.rules), unsaid)


def _version(path: Path, found: Map, version: str | None) -> str:
    named = version or next(iter(found.versions), None)
    if named is None:
        message = f"{path} does not say which version of X12 it is for: name it with --version"
        raise UsageError(message)
    return named


def _taken(read: Callable[[bytes], Read], path: Path, absent: bytes | None = None) -> Read:
    """Read a file of pyx12's; `absent` stands for one that may be missing."""
    try:
        return read(absent if absent is not None and not path.is_file() else path.read_bytes())
    except MapError as error:
        message = f"{path} is no map of pyx12 that we can read: {error}"
        raise UsageError(message) from error
