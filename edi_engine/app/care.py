"""Care for an installation: check the partner files, audit the store, migrate and back it up."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from edi_engine.app.examples import tried_edition
from edi_engine.app.settings import Settings, SystemClock
from edi_engine.app.shelf import edition_files
from edi_engine.app.workplace import edition_in_force, opened
from edi_engine.errors import ConfigurationError, UsageError
from edi_engine.finding import Finding
from edi_engine.mapping.language import ReadingMap, WritingMap
from edi_engine.partners.partner import Partner

if TYPE_CHECKING:
    from edi_engine.app.bumping import Bumped
    from edi_engine.app.keeping import Purged
    from edi_engine.store.seals import Seal


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """One partner for a list. `receives` are the sets that we read from them, `sends` those that we write to them."""

    name: str
    title: str
    status: str
    connection: str
    receives: tuple[str, ...]
    sends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file that partners are described by, and how many problems were found in it."""

    path: str
    problems: int


@dataclass(frozen=True, slots=True)
class PartnerCheck:
    """The partners of the files in use (none where the files do not load), and what is wrong or doubtful with them.

    `files` are all files of partners, and maps that have problems. `shipped` says that the partners are not the
    operator's own, but those that come with the program.
    """

    partners: tuple[PartnerRow, ...]
    findings: tuple[Finding, ...]
    edition: str = ""
    shipped: bool = False
    files: tuple[CheckedFile, ...] = ()


def check_partners(settings: Settings) -> PartnerCheck:
    """Load all partner files, maps and tables, and try their examples. Each fault is a finding with its place."""
    try:
        edition = tried_edition(settings)
    except ConfigurationError as error:
        return PartnerCheck((), error.findings, files=_files(settings, error.findings))
    rows = tuple(_row(partner) for partner in edition.partners.values())
    shipped = not (settings.home / "partners").is_dir()
    return PartnerCheck(rows, edition.findings, edition.name, shipped, _files(settings, edition.findings))


def _row(partner: Partner) -> PartnerRow:
    """Say what goes to and fro; a 997 or 999 answers whatever they send."""
    reads = sorted(
        set_id for set_id, maps in partner.maps.items() if any(isinstance(one.map, ReadingMap) for one in maps)
    )
    writes = sorted(
        set_id for set_id, maps in partner.maps.items() if any(isinstance(one.map, WritingMap) for one in maps)
    )
    sent = (partner.envelope.acknowledge, *writes)
    return PartnerRow(partner.name, partner.title, partner.standing, partner.connection or "", tuple(reads), sent)


def _files(settings: Settings, findings: Sequence[Finding]) -> tuple[CheckedFile, ...]:
    """Give each file with its number of problems."""
    problems = Counter(one.where.file for one in findings if one.where.file is not None)
    try:
        there = {path for path in edition_files(settings) if path.startswith("partners/")}
    except OSError:  # one of the findings says so
        there = set()
    return tuple(CheckedFile(path, problems[path]) for path in sorted(there | set(problems)))


def audit(settings: Settings, kept: str | None = None) -> tuple[Finding, ...]:
    """Check every promise on the store as it is; no finding means that all hold. `kept` is a seal that it must have.

    Raises UsageError where that is no hash.
    """
    from edi_engine.store.audit import audit as audit_store

    if kept is not None and (len(kept) != 64 or not set(kept) <= set("0123456789abcdef")):
        message = f"{kept} is no seal: a seal has 64 digits of 0-9 and a-f"
        raise UsageError(message)
    with opened(settings, edition_in_force(settings)) as place:
        return audit_store(place.store, kept=kept)


def db_seal(settings: Settings, *, only_look: bool = False) -> tuple[Seal | None, str]:
    """Seal the history, or only look. Gives the newest seal, and a sentence that says how far it goes."""
    from edi_engine.app.sealing import said, standing
    from edi_engine.store.ledger import open_store
    from edi_engine.store.seals import seal

    store = open_store(settings.db, owner=False)
    try:
        if not only_look:
            deque(seal(store, SystemClock().now()), maxlen=0)
        found, newer = standing(store)
        return found, said(found, newer)
    finally:
        store.close()


def db_upgrade(settings: Settings) -> str:
    """Bring the store to this program's tables. Gives a sentence that says what was done."""
    from edi_engine.store.ledger import open_store

    open_store(settings.db).close()
    return "the store has this program's tables"


def db_check(settings: Settings) -> tuple[Finding, ...]:
    """Check the store's own integrity, its tables, and all stored bytes against their hashes."""
    from edi_engine.store.backup import check
    from edi_engine.store.ledger import open_store
    from edi_engine.store.scrub import scrub

    faults = check(settings.db)
    if faults or (settings.store_file is not None and not settings.store_file.exists()):
        return faults
    store = open_store(settings.db, owner=False)
    try:
        return tuple(one.finding for found in scrub(store) for one in found)
    finally:
        store.close()


def db_purge(settings: Settings, age: timedelta, *, commit: bool) -> Purged:
    """Let go of the bytes of what was settled longer ago than `age`; without `commit`, only say which."""
    from edi_engine.app.keeping import purge_before

    with opened(settings, edition_in_force(settings)) as place:
        return purge_before(place, age, commit=commit)


def db_bump(settings: Settings, by: int, archive: Path | None) -> Bumped:
    """Raise all control numbers, after the store was taken back from a copy. Raises UsageError."""
    from edi_engine.app.bumping import bump

    with opened(settings, edition_in_force(settings)) as place:
        return bump(place, by, archive)


def db_backup(settings: Settings, path: Path) -> str:
    """Copy the store, consistent even while the daemon runs. Gives a sentence that says where it is."""
    from edi_engine.store.backup import backup

    backup(settings.db, path)
    return f"the store was copied to {path}"
