"""The current edition, taken from the cache where exactly these files were loaded before: to look at one file.

Loading checks every partner file, map and table, which takes longer than anything that is done with one file. What was
loaded is kept in pieces, and only the partner that a file comes from is unpacked.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import edi_engine
from edi_engine.app.cache import Cache
from edi_engine.app.settings import Settings
from edi_engine.app.shelf import STANDARD, BaseMaps, current_edition, edition_files, is_whole
from edi_engine.mapping.language import ReadingMap
from edi_engine.partners.edition_value import Edition
from edi_engine.resources import shipped

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner

_FORMAT: Final = "1"
_CODE: Final = ("finding.py", "text", "x12", "orders", "mapping", "partners")
"""The rooms that load partner files, and that know what they become."""

Value = TypeVar("Value")


class Packed(Mapping[str, Value]):
    """Values by name, each unpacked when it is first asked for."""

    def __init__(self, packed: Mapping[str, bytes]) -> None:
        """Unpack nothing yet."""
        self._packed = packed
        self._known: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._known:
            self._known[name] = pickle.loads(self._packed[name])  # noqa: S301 - from our private folder
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


@dataclass(frozen=True, slots=True)
class KeptEdition(Edition):
    """An edition whose partners lie packed. `senders` gives, by qualifier and id, a partner and if it is for tests."""

    senders: Mapping[tuple[str, str], tuple[str, bool]]

    def knows(self, id: str) -> bool:  # noqa: A002 - X12's own word
        """Say whether some partner has an address with this id, under whatever qualifier."""
        return any(known == id for _, known in self.senders)

    def sender(self, qualifier: str, id: str) -> tuple[Partner, bool] | None:  # noqa: A002 - X12's own word
        """Give the partner with this address whoever the message is for, and whether it is a test address."""
        found = self.senders.get((qualifier, id))
        return None if found is None else (self.partners[found[0]], found[1])


BaseMap = Callable[[str], ReadingMap | None]


def edition_and_maps(settings: Settings, kept: Cache) -> tuple[Edition, BaseMap]:
    """Give the current edition and its base maps. Raises ConfigurationError with every problem of every file.

    An edition is kept only after all its files were found right, and under the hash of all that it was made of.
    """
    files = edition_files(settings)
    name = _name(settings, files)
    entry = kept.get(name) if is_whole(settings, files) else None
    if entry is not None:
        found = _unpacked(entry, files)
        if found is not None:
            return found
    edition = current_edition(settings)
    maps = BaseMaps(settings, edition)
    kept[name] = _packed(edition, maps)
    return edition, maps


def _packed(edition: Edition, maps: BaseMaps) -> bytes:
    senders: dict[tuple[str, str], tuple[str, bool]] = {}
    for name, partner in edition.partners.items():
        for test, addresses in ((True, partner.identity.test), (False, partner.identity.theirs)):
            senders |= {(address.qualifier, address.id): (name, test) for address in addresses}
    parts = (
        edition.name,
        senders,
        {name: pickle.dumps(partner) for name, partner in edition.partners.items()},
        {name: pickle.dumps(connection) for name, connection in edition.connections.items()},
        {name: pickle.dumps(maps(name)) for name in BaseMaps.NAMES},
        edition.findings,
    )
    return pickle.dumps(parts)


def _unpacked(entry: bytes, files: Mapping[str, bytes]) -> tuple[Edition, BaseMap] | None:
    """Give back what was packed; None for anything else."""
    try:
        name, senders, partners, connections, maps, findings = pickle.loads(entry)  # noqa: S301 - as above
    except (pickle.UnpicklingError, ValueError, TypeError, AttributeError, ImportError, EOFError, IndexError):
        return None
    edition = KeptEdition(name, Packed(partners), Packed(connections), findings, files, senders)
    base_maps: Packed[ReadingMap | None] = Packed(maps)
    return edition, base_maps.get


def _name(settings: Settings, files: Mapping[str, bytes]) -> str:
    """Name an entry after all that goes into an edition: the files, the standard, the rooms that read them."""
    digest = hashlib.sha256(f"{_FORMAT}\n{edi_engine.__version__}\n{sys.version}\n".encode())
    for path, data in sorted(files.items()):
        digest.update(f"{path} {len(data)}\n".encode("utf-8", "surrogateescape") + data)
    code = Path(edi_engine.__file__).parent
    for place in (
        *(code / room for room in _CODE),
        settings.home / "mappings" / STANDARD,
        shipped("mappings") / STANDARD,
    ):
        for line in _looks(place):
            digest.update(line.encode("utf-8", "surrogateescape"))
    return f"edition-{digest.hexdigest()}"


def _looks(place: Path) -> Iterator[str]:
    """Describe a file, or those of a folder, as they look from outside: they are too many to be read each time."""
    try:
        if not place.is_dir():
            seen = place.stat()
            yield f"{place} {seen.st_size} {seen.st_mtime_ns}\n"
            return
        entries = sorted(os.scandir(place), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir():
            yield from _looks(Path(entry))
        elif not entry.name.endswith(".pyc"):
            seen = entry.stat()
            yield f"{entry.path} {seen.st_size} {seen.st_mtime_ns}\n"
