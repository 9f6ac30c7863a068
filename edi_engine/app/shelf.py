"""The files that an edition is made of, and the standard: the operator's own before the shipped ones."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from edi_engine.app.settings import Settings
from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.mapping.language import ReadingMap
from edi_engine.partners.edition_value import Edition
from edi_engine.resources import shipped
from edi_engine.x12.dictionary import Dictionary

_SUFFIXES = frozenset({".yaml", ".csv", ".edi", ".json"})
STANDARD = "x12"
_PARTNER = "partner.yaml"
_NEARLY = frozenset({"partner", "partners"})


def folders(settings: Settings) -> tuple[Path, Path]:
    """Give the folders of maps and partners in use. A home with partners has only its own partners: a shipped one
    must never answer in an operator's name.
    """
    own = settings.home / "partners"
    return settings.home / "mappings", own if own.is_dir() else shipped("partners")


def edition_files(settings: Settings) -> dict[str, bytes]:
    """Read all partner files, tables and maps, by paths such as `partners/bluebird/partner.yaml`."""
    own_maps, partners = folders(settings)
    files: dict[str, bytes] = {}
    for folder, prefix in ((shipped("mappings"), "mappings"), (own_maps, "mappings"), (partners, "partners")):
        files.update(_read(folder, prefix))
    return files


def _read(folder: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    """Read the files of a folder and of those in it, but for hidden ones, links to folders, and the standard."""
    if not folder.is_dir():
        return
    found: list[Path] = []
    for place, inner, names in os.walk(folder):  # rglob would go through the hundreds of files of the standard, too
        here = Path(place)
        passed = STANDARD if prefix == "mappings" and here == folder else None
        inner[:] = [name for name in inner if name != passed and not name.startswith(".")]
        found += [here / name for name in names if not name.startswith(".")]
    for path in sorted(found):
        if path.suffix in _SUFFIXES and path.is_file():
            yield f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes()


@lru_cache(maxsize=4)
def dictionary(home: Path) -> Dictionary:
    """Give the standard, read file by file when it is needed."""
    roots = (home / "mappings" / STANDARD, shipped("mappings") / STANDARD)

    def read(name: str) -> str | None:
        for root in roots:
            path = root / name
            if path.is_file():
                return path.read_text(encoding="utf-8", errors="backslashreplace")
        return None

    return Dictionary(read)


def current_edition(settings: Settings) -> Edition:
    """Load the edition that stands in the folders now. Raises ConfigurationError with every problem."""
    files = edition_files(settings)
    lost = tuple(_lost(folders(settings)[1], files))
    from edi_engine.partners.edition import load_edition

    try:
        edition = load_edition(files, dictionary(settings.home))
    except ConfigurationError as error:
        raise ConfigurationError((*lost, *error.findings)) from error
    if lost:
        raise ConfigurationError(lost)
    return edition


def is_whole(settings: Settings, files: Mapping[str, bytes]) -> bool:
    """Say whether each folder of a partner has its partner file."""
    return not any(_lost(folders(settings)[1], files))


def _lost(partners: Path, files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Refuse each folder of a partner whose partner.yaml could not be read: the partner would vanish unsaid."""
    for folder in sorted(partners.iterdir()) if partners.is_dir() else ():
        file = f"partners/{folder.name}/{_PARTNER}"
        gone = folder.is_symlink() and not folder.exists()
        if file not in files and not folder.name.startswith(".") and (folder.is_dir() or gone):
            why, fix = _why_lost(folder)
            message = f"the folder partners/{folder.name} has no partner in it: {why}"
            yield Finding("partner.file.missing", Severity.HOLD, message, Position(file=file), fix=fix)


def _why_lost(folder: Path) -> tuple[str, str]:
    """Say why no partner.yaml was found in a folder, and what to do."""
    if folder.is_symlink():
        why = "links to folders are not followed" if folder.exists() else "it is a link to something that is not there"
        return why, "put the folder itself here"
    file = folder / _PARTNER
    if file.is_dir():
        return f"its {_PARTNER} is a folder", f"make {_PARTNER} a file"
    if file.is_symlink():
        return f"its {_PARTNER} is a link to something that is not there", f"put the file itself here as {_PARTNER}"
    near = (path.name for path in sorted(folder.iterdir()) if path.name.casefold().split(".")[0] in _NEARLY)
    other = next(near, None)
    if other is not None:
        return f"its file is called {other}", f"rename {other} to {_PARTNER}"
    return f"there is no {_PARTNER}", f"write {_PARTNER}, or move the folder out of partners/"


class BaseMaps:
    """The shipped reading maps, for files of no partner."""

    NAMES = {"850": "850-to-order"}  # noqa: RUF012 (a constant)

    def __init__(self, settings: Settings, edition: Edition) -> None:
        """Read maps from the edition's own files."""
        self._dictionary = dictionary(settings.home)
        self._edition = edition
        self._known: dict[str, ReadingMap | None] = {}

    def __call__(self, set_id: str) -> ReadingMap | None:
        """Give the base map that reads `set_id`, None if there is none."""
        if set_id not in self._known:
            self._known[set_id] = self._load(set_id)
        return self._known[set_id]

    def _load(self, set_id: str) -> ReadingMap | None:
        name = self.NAMES.get(set_id)
        if name is None:
            return None
        from edi_engine.mapping.load import load

        def source(wanted: str) -> tuple[str, str] | None:
            path = f"mappings/{wanted}.yaml"
            data = self._edition.files.get(path)
            return None if data is None else (data.decode("utf-8"), path)

        found = load(name, source, self._dictionary)
        return found if isinstance(found, ReadingMap) else None
